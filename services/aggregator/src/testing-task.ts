/**
 * Two nodes with one task without a study, and its client and collector, for this package's tests.
 *
 * @module
 */
import { assert, defined } from "@sumus/assert";
import { encodeBase64url } from "@sumus/bytes";
import { cryptoRandomBytes, type HpkeKeyPair, hpkeGenerateKeyPair, hpkeSuite } from "@sumus/crypto";
import {
  type Collection,
  createHpkeKeys,
  createReport,
  type DapTask,
  openCollection,
  type TaskMeasurement,
  type VdafConfig,
} from "@sumus/dap";
import {
  type CollectionJobReq,
  decodeHpkeConfigList,
  encodeCollectionJobReq,
  type HpkeConfig,
} from "@sumus/dap/messages";
import type { Fetch } from "@sumus/http";
import { canonicalTask, dapTaskOf, type TaskDocument } from "@sumus/task";
import { ManualClock } from "@sumus/time";
import { createPrio3 } from "@sumus/vdaf";
import type { Aggregator } from "./aggregator.ts";
import {
  ask,
  COLLECTOR_TOKEN,
  HELPER_URL,
  LEADER_URL,
  OPERATOR_TOKEN,
  START_SECONDS,
  type Stores,
  startNode,
} from "./testing.ts";

const SUITE = hpkeSuite(0x0020, 0x0001, 0x0001);

/** A task that stands for itself, and what a collector of it needs. */
export interface TaskTrial {
  readonly document: TaskDocument;
  readonly task: DapTask;
  readonly collector: HpkeKeyPair;
  readonly clock: ManualClock;
}

let trialCount = 0;

/** By default a histogram of 8 with exact sums, in hours, collected from two reports on. */
export function createTaskTrial(
  options: Partial<Omit<TaskDocument, "vdaf" | "collector">> & {
    readonly vdaf?: VdafConfig;
  } = {},
): TaskTrial {
  const collector = hpkeGenerateKeyPair(SUITE, cryptoRandomBytes);
  const { vdaf = { kind: "histogram", length: 8 }, ...rest } = options;
  const document: TaskDocument = {
    title: `Task trial ${++trialCount}`,
    version: "dap-18",
    batchMode: "time_interval",
    timePrecision: 3600,
    minBatchSize: 2,
    leader: LEADER_URL,
    helper: HELPER_URL,
    interval: null,
    noise: { kind: "none" },
    taskInfo: null,
    ...rest,
    vdaf: vdaf.kind === "poplar1" ? vdaf : createPrio3(vdaf).config,
    collector: encodeBase64url(collector.publicKey.bytes),
  };
  return { document, task: dapTaskOf(document), collector, clock: new ManualClock(START_SECONDS) };
}

/** What the operator of a node sends to create a trial's task. */
export function taskBody({ document }: TaskTrial, secrets?: Record<string, string>): string {
  const task: unknown = JSON.parse(canonicalTask(document));
  return JSON.stringify({ task, ...(secrets && { secrets }) });
}

export async function createTask(
  node: { readonly fetch: Fetch },
  trial: TaskTrial,
  secrets?: Record<string, string>,
): Promise<void> {
  const body = taskBody(trial, secrets);
  const response = await ask(node, "POST", "/tasks", { token: OPERATOR_TOKEN, body });
  assert(response.ok, `the task is created: ${response.status} ${await response.clone().text()}`);
}

type ReportChanges = Partial<Parameters<typeof createReport>[1]>;

/** Makes reports of a measurement, by default of now. */
export async function createTaskClient(
  { task, clock }: TaskTrial,
  leader: { readonly fetch: Fetch },
  helper: { readonly fetch: Fetch },
): Promise<(of: TaskMeasurement, timeSeconds?: number, changes?: ReportChanges) => Uint8Array> {
  const configOf = async (node: { readonly fetch: Fetch }): Promise<HpkeConfig> => {
    const response = await ask(node, "GET", { kind: "hpkeConfig" });
    const [config] = decodeHpkeConfigList(new Uint8Array(await response.arrayBuffer()));
    return defined(config, "a node publishes a configuration");
  };
  const [leaderHpkeConfig, helperHpkeConfig] = [await configOf(leader), await configOf(helper)];
  return (measurement, timeSeconds = clock.nowSeconds(), changes = {}) =>
    createReport(
      task,
      { measurement, timeSeconds, leaderHpkeConfig, helperHpkeConfig, ...changes },
      cryptoRandomBytes,
    );
}

/** Two nodes that serve a trial's task, and a client. */
export interface TaskScene {
  readonly trial: TaskTrial;
  readonly leader: Aggregator;
  readonly helper: Aggregator;
  readonly report: Awaited<ReturnType<typeof createTaskClient>>;
}

/** @param between what the network between the nodes does with the helper's own fetch */
export async function createTaskScene(
  stores: Stores,
  options: Parameters<typeof createTaskTrial>[0] = {},
  between: (helper: Fetch) => Fetch = (helper) => helper,
): Promise<TaskScene> {
  const trial = createTaskTrial(options);
  const { clock } = trial;
  const helper = await startNode("helper", stores.helper, { clock });
  const peerFetch = between(helper.fetch);
  const leader = await startNode("leader", stores.leader, { clock, peerFetch });
  await createTask(leader, trial);
  await createTask(helper, trial);
  return { trial, leader, helper, report: await createTaskClient(trial, leader, helper) };
}

/** Creates a collection job, or asks for it again; the response says where it is. */
export async function requestCollection(
  leader: { readonly fetch: Fetch },
  { task }: TaskTrial,
  request: CollectionJobReq,
  token: string = COLLECTOR_TOKEN,
): Promise<Response> {
  const resource = { kind: "collectionJobs", taskId: task.id } as const;
  const body = encodeCollectionJobReq(request);
  return await ask(leader, "POST", resource, { token, message: "collection-job-req", body });
}

/** What both nodes' shares give, opened by the collector. */
export async function openTaskResponse(
  { task, collector }: TaskTrial,
  request: CollectionJobReq,
  response: Response,
): Promise<Collection> {
  const keys = createHpkeKeys([{ id: 0, keyPair: collector }]);
  return openCollection(task, keys, request, new Uint8Array(await response.arrayBuffer()));
}
