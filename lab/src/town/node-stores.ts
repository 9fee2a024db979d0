/** Where the town's nodes keep what they know, for one run: nothing of it stays behind. */

import { cpuMsOfFamily } from "@sumus/runtime";
import { localPostgresMissing, startLocalPostgres } from "@sumus/storage/local-postgres";
import { LabError } from "../lab-error.ts";

/** A database inside each node's process, or a PostgreSQL server beside each. */
export type TownStore = "pglite" | "postgres";

export interface NodeStore {
  /** What the node's configuration says of it. */
  readonly config: Readonly<Record<string, unknown>>;
  /** CPU time so far in milliseconds; null where it is the node's own. */
  cpuMs(): number | null;
  /** After the node has ended. */
  close(): Promise<void>;
}

/**
 * @param folder of the node, for its own use
 * @throws {LabError} `badInput` when this machine cannot run the server
 */
export async function openNodeStore(kind: TownStore, folder: string): Promise<NodeStore> {
  if (kind === "pglite") {
    return { config: { folder }, cpuMs: () => null, close: () => Promise.resolve() };
  }
  const missing = localPostgresMissing();
  if (missing !== undefined) {
    throw new LabError("badInput", `No PostgreSQL: ${missing}.`, "Leave --store out.");
  }
  const server = await startLocalPostgres();
  const url = await server.createDatabase("node");
  return {
    config: { store: { postgres: url.reveal() } },
    cpuMs: () => cpuMsOfFamily(server.processId),
    close: () => server.stop(),
  };
}
