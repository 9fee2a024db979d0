/** Where the town's nodes keep what they know, for one run: nothing of it stays behind. */

import { cpuMsOfFamily } from "@sumus/runtime";
import { localPostgresMissing, startLocalPostgres } from "@sumus/storage/local-postgres";
import { LabError } from "../lab-error.ts";

/** A database inside each node's process, or a PostgreSQL server beside each. */
export type TownStore = "pglite" | "postgres";

export interface NodeStore {
  /** What the node's configuration says of it. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Whether its CPU time is a part of the node's own. */
  readonly isEmbedded: boolean;
  /** CPU time so far, in milliseconds. */
  cpuMs(): Promise<number>;
  /** After the node has ended. */
  close(): Promise<void>;
}

/** What a node says of its embedded database. */
const EMBEDDED_SECONDS = /^sumus_embedded_database_cpu_seconds_total (\S+)$/m;

async function readEmbeddedCpuMs(operatorUrl: string): Promise<number> {
  const response = await fetch(`${operatorUrl}/metrics`);
  return Number(EMBEDDED_SECONDS.exec(await response.text())?.[1] ?? 0) * 1000;
}

/**
 * @param folder of the node, for its own use
 * @param operatorUrl where it tells its metrics
 * @throws {LabError} `badInput` when this machine cannot run the server
 */
export async function openNodeStore(
  kind: TownStore,
  folder: string,
  operatorUrl: string,
): Promise<NodeStore> {
  if (kind === "pglite") {
    return {
      config: { folder },
      isEmbedded: true,
      cpuMs: () => readEmbeddedCpuMs(operatorUrl),
      close: () => Promise.resolve(),
    };
  }
  const missing = localPostgresMissing();
  if (missing !== undefined) {
    throw new LabError("badInput", `No PostgreSQL: ${missing}.`, "Leave --store out.");
  }
  const server = await startLocalPostgres();
  const url = await server.createDatabase("node");
  return {
    config: { store: { postgres: url.reveal() } },
    isEmbedded: false,
    cpuMs: () => Promise.resolve(cpuMsOfFamily(server.processId)),
    close: () => server.stop(),
  };
}
