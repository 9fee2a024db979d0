/**
 * One measurement: reports are made, uploaded while the helper stands still, and then aggregated.
 * Warm-up reports go the same way before, so that a short run does not measure a compiler.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { resourcePath } from "@sumus/dap";
import { mediaType } from "@sumus/dap/messages";
import { type BenchTask, createBenchTask, type TaskCase } from "./bench-task.ts";
import { type ClientProcess, startClient } from "./client-process.ts";
import { type BenchStore, type Deployment, type NodesCpu, startDeployment } from "./deployment.ts";

/** Each a process; the second keeps the leader busy while the first is being answered. */
const CLIENT_COUNT = 2;
/** Of all clients together. */
const CONNECTIONS = 64;
const POLL_MS = 20;
const SAMPLE_MS = 250;
/** A run in which nothing is counted for so long has come to a standstill. */
const PATIENCE_MS = 120_000;

export interface RunOptions {
  readonly taskCase: TaskCase;
  readonly store: BenchStore;
  readonly replicas: number;
  readonly reports: number;
  readonly warmUpReports: number;
}

export interface RunResult {
  readonly uploadsPerSecond: number;
  /** From the first upload until the last report is in both nodes' sums. */
  readonly reportsPerSecond: number;
  readonly makingCpuMs: number;
  readonly uploadingCpuMs: number;
  readonly cpuMs: NodesCpu;
  /** Resident memory of the largest node at each sample, in MB. */
  readonly rssMb: readonly number[];
}

export async function runOnce(options: RunOptions): Promise<RunResult> {
  const deployment = await startDeployment(options.store, options.replicas);
  const clients = Array.from({ length: CLIENT_COUNT }, startClient);
  try {
    const [leader, helper] = [deployment.leaders[0], deployment.helpers[0]];
    const addresses = { leader: leader?.url ?? "", helper: helper?.url ?? "" };
    const benchTask = createBenchTask(options.taskCase, addresses);
    await deployment.createTask(benchTask);
    const { measurement } = options.taskCase;
    const scene = { deployment, clients, benchTask, measurement };
    if (options.warmUpReports > 0)
      await measure(scene, { reports: options.warmUpReports, before: 0 });
    return await measure(scene, { reports: options.reports, before: options.warmUpReports });
  } finally {
    await Promise.all(clients.map((client) => client.stop()));
    await deployment.stop();
  }
}

interface Scene {
  readonly deployment: Deployment;
  readonly clients: readonly ClientProcess[];
  readonly benchTask: BenchTask;
  readonly measurement: number;
}

/** @param counts `before`: reports that were counted already */
async function measure(
  scene: Scene,
  counts: { readonly reports: number; readonly before: number },
): Promise<RunResult> {
  const { deployment } = scene;
  const { reports, before } = counts;
  const makingCpuMs = await makeReports(scene, reports);
  const memory = watchMemory(deployment);
  const cpuBefore = deployment.cpu();
  for (const helper of deployment.helpers) helper.pause();
  const startMs = performance.now();
  const uploadingCpuMs = await uploadReports(scene);
  const uploadedMs = performance.now();
  for (const helper of deployment.helpers) helper.resume();
  await untilCounted(scene, before + reports);
  const endMs = performance.now();
  const cpuAfter = deployment.cpu();
  return {
    uploadsPerSecond: (reports / (uploadedMs - startMs)) * 1000,
    reportsPerSecond: (reports / (endMs - startMs)) * 1000,
    makingCpuMs,
    uploadingCpuMs,
    cpuMs: {
      leader: cpuAfter.leader - cpuBefore.leader,
      helper: cpuAfter.helper - cpuBefore.helper,
      database: cpuAfter.database === null ? null : cpuAfter.database - (cpuBefore.database ?? 0),
    },
    rssMb: memory.stop(),
  };
}

/** Returns CPU milliseconds of the clients, as does what follows. */
async function makeReports(
  { deployment, clients, benchTask, measurement }: Scene,
  reports: number,
): Promise<number> {
  const { task } = benchTask;
  const leaderHpkeConfigs = await deployment.hpkeConfigs("leader");
  const helperHpkeConfigs = await deployment.hpkeConfigs("helper");
  const made = clients.map((client, index) =>
    client.run({
      kind: "make",
      version: task.version,
      taskConfiguration: task.encodedConfiguration,
      measurement,
      leaderHpkeConfigs,
      helperHpkeConfigs,
      reports: Math.floor((reports + index) / clients.length),
    }),
  );
  return sum(await Promise.all(made));
}

async function uploadReports({ deployment, clients, benchTask }: Scene): Promise<number> {
  const { leaders } = deployment;
  const uploaded = clients.map((client, index) =>
    client.run({
      kind: "upload",
      target: {
        url: leaders[index % leaders.length]?.url ?? "",
        path: resourcePath({ kind: "reports", taskId: benchTask.task.id }),
        mediaType: mediaType("upload-req"),
      },
      connections: CONNECTIONS / clients.length,
    }),
  );
  return sum(await Promise.all(uploaded));
}

/** Asks the helper until it has counted all: its answer costs it less than the leader's. */
async function untilCounted({ deployment, benchTask }: Scene, reports: number): Promise<void> {
  for (const role of ["helper", "leader"] as const) {
    let count = 0;
    let countedMs = performance.now();
    for (;;) {
      const accepted = await deployment.acceptedCount(role, benchTask);
      if (accepted >= reports) break;
      if (accepted > count) countedMs = performance.now();
      count = accepted;
      if (performance.now() - countedMs > PATIENCE_MS) {
        throw new Error(`expected the ${role} to count ${reports} reports, got ${accepted}`);
      }
      await sleep(POLL_MS);
    }
  }
}

function watchMemory({ leaders, helpers }: Deployment): { stop(): number[] } {
  const samples: number[] = [];
  const sample = (): void => {
    const bytes = [...leaders, ...helpers].map((node) => node.rssBytes());
    samples.push(Math.round(Math.max(...bytes) / 1_000_000));
  };
  const timer = setInterval(sample, SAMPLE_MS);
  return {
    stop() {
      clearInterval(timer);
      sample();
      return samples;
    },
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
