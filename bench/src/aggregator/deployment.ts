/**
 * A leader and a helper, each as one process or several replicas, over stores of their own that are
 * gone afterwards. Several replicas of both nodes share one PostgreSQL server, a database a node.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defined } from "@sumus/assert";
import { encodeBase64url, Secret } from "@sumus/bytes";
import { createOperator, createPatientHttp, type Operator } from "@sumus/client";
import { cryptoRandomBytes, x25519PublicKey } from "@sumus/crypto";
import { resourcePath } from "@sumus/dap";
import { cpuMsOfFamily } from "@sumus/runtime";
import { type LocalPostgres, startLocalPostgres } from "@sumus/storage/local-postgres";
import type { BenchTask } from "./bench-task.ts";
import { type NodeProcess, startNode } from "./node-process.ts";

export type BenchStore = "pglite" | "postgres";
type Role = "leader" | "helper";

const OPERATOR_TOKEN = new Secret("operator-token-of-the-bench");
const PEER_TOKEN = "peer-token-of-the-bench";
const COLLECTOR_TOKEN = "collector-token-of-the-bench";

/** The clients of the bench come from one address. */
const REPORTS_PER_SECOND = 1_000_000;
const NODE_KEY_BYTES = 32;

/** CPU time so far in milliseconds. */
export interface NodesCpu {
  readonly leader: number;
  readonly helper: number;
  /** Null where the database is inside the nodes' processes. */
  readonly database: number | null;
}

export interface Deployment {
  readonly leaders: readonly NodeProcess[];
  readonly helpers: readonly NodeProcess[];
  cpu(): NodesCpu;
  createTask(task: BenchTask): Promise<void>;
  /** Reports of the task that the role has counted. */
  acceptedCount(role: Role, task: BenchTask): Promise<number>;
  /** A role's HPKE configurations as it publishes them. */
  hpkeConfigs(role: Role): Promise<Uint8Array>;
  stop(): Promise<void>;
}

export async function startDeployment(kind: BenchStore, replicas: number): Promise<Deployment> {
  const folder = await mkdtemp(join(tmpdir(), "sumus-bench-"));
  const server = kind === "postgres" ? await startLocalPostgres() : undefined;
  const started: NodeProcess[] = [];
  const stop = async (): Promise<void> => {
    // Leaders stand first: a helper that is gone would be waited for.
    for (const node of started.toReversed()) await node.stop();
    await server?.stop();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const keys = { leader: nodeKeyPair(), helper: nodeKeyPair() };
    const startRole = async (role: Role, peers: readonly NodeProcess[]) => {
      const store = await storeConfig(role, folder, server);
      const nodes: NodeProcess[] = [];
      for (let replica = 0; replica < replicas; replica++) {
        const config = {
          ...nodeConfig(role, keys, peers[replica]?.url),
          ...store,
          replica: `${role}-${replica}`,
        };
        const node = await startNode(join(folder, `${role}-${replica}.json`), config);
        nodes.push(node);
        started.push(node);
      }
      return nodes;
    };
    const helpers = await startRole("helper", []);
    const leaders = await startRole("leader", helpers);
    return { ...deploymentOf({ leaders, helpers }, server), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function deploymentOf(
  nodes: Pick<Deployment, "leaders" | "helpers">,
  server: LocalPostgres | undefined,
): Omit<Deployment, "stop"> {
  const { leaders, helpers } = nodes;
  const first = (role: Role): string => {
    const [node] = role === "leader" ? leaders : helpers;
    return defined(node, "a role has a process").url;
  };
  const sumCpu = (all: readonly NodeProcess[]): number =>
    all.reduce((sum, node) => sum + node.cpuMs(), 0);
  return {
    ...nodes,
    cpu: () => ({
      leader: sumCpu(leaders),
      helper: sumCpu(helpers),
      database: server === undefined ? null : cpuMsOfFamily(server.processId),
    }),
    async createTask({ document }) {
      for (const role of ["leader", "helper"] as const) {
        await operatorOf(first(role)).createTask(document, {});
      }
    },
    async acceptedCount(role, { task }) {
      const { accepted } = (await operatorOf(first(role)).showTask(task.id)) as TaskStatus;
      return accepted;
    },
    async hpkeConfigs(role) {
      const response = await fetch(first(role) + resourcePath({ kind: "hpkeConfig" }));
      return await response.bytes();
    },
  };
}

/** What a node tells its operator of a task, as far as the bench asks. */
interface TaskStatus {
  readonly accepted: number;
}

function operatorOf(node: string): Operator {
  const http = createPatientHttp({ signal: new AbortController().signal });
  return createOperator({ http, node, token: OPERATOR_TOKEN });
}

interface NodeKeyPair {
  readonly privateKey: Uint8Array;
  readonly publicKey: Uint8Array;
}

function nodeKeyPair(): NodeKeyPair {
  const privateKey = cryptoRandomBytes(NODE_KEY_BYTES);
  return { privateKey, publicKey: x25519PublicKey(privateKey) };
}

function nodeConfig(
  role: Role,
  keys: Readonly<Record<Role, NodeKeyPair>>,
  peerUrl: string | undefined,
): Record<string, unknown> {
  const { publicKey } = keys[role === "leader" ? "helper" : "leader"];
  return {
    role,
    listen: { hostname: "127.0.0.1", port: 0 },
    nodeKey: encodeBase64url(keys[role].privateKey),
    peer: { publicKey: encodeBase64url(publicKey), ...(peerUrl !== undefined && { url: peerUrl }) },
    operatorToken: OPERATOR_TOKEN.reveal(),
    peerToken: PEER_TOKEN,
    ...(role === "leader" && {
      collectorToken: COLLECTOR_TOKEN,
      uploads: {
        reportsPerSecondPerAddress: REPORTS_PER_SECOND,
        reportsPerSecondPerTask: REPORTS_PER_SECOND,
      },
    }),
    logLevel: "error",
  };
}

/** PostgreSQL as it comes: fsync and synchronous_commit are on. */
async function storeConfig(
  role: Role,
  folder: string,
  server: LocalPostgres | undefined,
): Promise<Record<string, unknown>> {
  if (server === undefined) return { folder: join(folder, role) };
  const url = await server.createDatabase(role);
  return { store: { postgres: url.reveal() } };
}
