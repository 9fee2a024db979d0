/**
 * The two nodes of the town: leader and helper, each its own process with its own store, keys and
 * tokens, all made for this run and gone with it. They meet over sockets on 127.0.0.1 alone.
 */

import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { encodeBase64url, Secret } from "@sumus/bytes";
import { cryptoRandomBytes, x25519PublicKey } from "@sumus/crypto";
import type { Progress } from "../progress.ts";
import { type NodeProcess, startNode } from "./node-process.ts";
import { type NodeStore, openNodeStore, type TownStore } from "./node-stores.ts";

export interface NodesCpu {
  readonly leader: number;
  readonly helper: number;
  /** The databases of both. */
  readonly storage: number;
}

export interface Nodes {
  readonly leader: NodeProcess;
  readonly helper: NodeProcess;
  readonly operatorToken: Secret<string>;
  readonly collectorToken: Secret<string>;
  /** CPU time so far, in milliseconds; what an embedded database takes is not its node's. */
  cpuMs(): Promise<NodesCpu>;
  /** Ends both processes and removes their folders. */
  close(): Promise<void>;
}

const KEY_BYTES = 32;

/**
 * The town and its two nodes are three busy processes; verification gets threads of its own only
 * from the cores beyond these. Without an idle core a worker only costs CPU time, for carrying reports
 * to it and outcomes back: `npm run bench -- batch` measures how much.
 */
const PROCESSES = 3;
const WORKERS_PER_NODE = Math.max(0, Math.floor((availableParallelism() - PROCESSES) / 2));

/** All vaults of the town have one address; a leader would take it for one vault that sends too much. */
const UPLOADS = { reportsPerSecondPerAddress: 1_000_000, reportsPerSecondPerTask: 1_000_000 };

/** A port nobody listens on: studies name a node's address, so it must survive a restart. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === "string") {
    throw new TypeError("expected a port on 127.0.0.1, got none");
  }
  return address.port;
}

function token(): string {
  return randomBytes(24).toString("base64url");
}

async function readCpu(
  nodes: readonly NodeProcess[],
  stores: readonly NodeStore[],
): Promise<NodesCpu> {
  const storage = await Promise.all(stores.map((store) => store.cpuMs()));
  const [leader = 0, helper = 0] = nodes.map((node, index) => {
    const inside = stores[index]?.isEmbedded === true ? (storage[index] ?? 0) : 0;
    return node.cpuMs() - inside;
  });
  return { leader, helper, storage: storage.reduce((sum, cpuMs) => sum + cpuMs, 0) };
}

/**
 * Starts both nodes and waits until they answer.
 *
 * @throws {LabError} when a node does not start, or this machine has no such store
 */
export async function startNodes(progress: Progress, kind: TownStore): Promise<Nodes> {
  const folder = await mkdtemp(join(tmpdir(), "sumus-lab-"));
  const started: NodeProcess[] = [];
  const stores: NodeStore[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(started.map((node) => node.stop()));
    await Promise.all(stores.map((store) => store.close()));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const [operatorToken, peerToken, collectorToken] = [token(), token(), token()];
    const keys = { leader: cryptoRandomBytes(KEY_BYTES), helper: cryptoRandomBytes(KEY_BYTES) };
    const ports = { leader: await freePort(), helper: await freePort() };
    const start = async (role: "leader" | "helper"): Promise<NodeProcess> => {
      const other = role === "leader" ? "helper" : "leader";
      const [url, peerUrl] = [ports[role], ports[other]].map((port) => `http://127.0.0.1:${port}`);
      await mkdir(join(folder, role), { mode: 0o700 });
      const operatorListen = { hostname: "127.0.0.1", port: await freePort() };
      const operatorUrl = `http://127.0.0.1:${operatorListen.port}`;
      const store = await openNodeStore(kind, join(folder, role), operatorUrl);
      stores.push(store);
      const node = await startNode({
        role,
        folder,
        url: url ?? "",
        progress,
        config: {
          role,
          listen: { hostname: "127.0.0.1", port: ports[role] },
          operatorListen,
          ...store.config,
          nodeKey: encodeBase64url(keys[role]),
          storeKey: encodeBase64url(cryptoRandomBytes(KEY_BYTES)),
          peer: { url: peerUrl, publicKey: encodeBase64url(x25519PublicKey(keys[other])) },
          operatorToken,
          peerToken,
          ...(role === "leader" ? { collectorToken, uploads: UPLOADS } : {}),
          workers: WORKERS_PER_NODE,
          logLevel: "warn",
        },
      });
      started.push(node);
      return node;
    };
    const [leader, helper] = [await start("leader"), await start("helper")];
    const step = progress.begin("nodes started", started.length, "nodes");
    await Promise.all(started.map((node) => node.ready().then(() => step.advance(1))));
    step.end();
    return {
      leader,
      helper,
      operatorToken: new Secret(operatorToken),
      collectorToken: new Secret(collectorToken),
      cpuMs: () => readCpu(started, stores),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
