/**
 * A study, two nodes and a collector in one process, for this package's tests: real stores, real
 * cryptography, and a network between the nodes that does what a test tells it to.
 *
 * @module
 */
import { assert, defined } from "@sumus/assert";
import { concat, encodeBase64url, encodeHex, Secret } from "@sumus/bytes";
import {
  cryptoRandomBytes,
  type HpkeKeyPair,
  hpkeGenerateKeyPair,
  hpkeSuite,
  x25519PublicKey,
} from "@sumus/crypto";
import {
  aggregationOf,
  type Collection,
  collectInterval,
  createHpkeKeys,
  createReport,
  type DapResource,
  type DapTask,
  isPrio3Task,
  openCollection,
  type Prio3Task,
  readUploadResponse,
  resourcePath,
  type TaskMeasurement,
} from "@sumus/dap";
import {
  type DapMessageName,
  decodeHpkeConfigList,
  encodeCollectionJobReq,
  mediaType,
  type ReportUploadStatus,
} from "@sumus/dap/messages";
import type { Fetch } from "@sumus/http";
import { createLogger, type Logger } from "@sumus/runtime";
import { openMemoryStore, openPostgresStore, type Store, type StoreKeys } from "@sumus/storage";
import { localPostgresMissing, startLocalPostgres } from "@sumus/storage/local-postgres";
import {
  type CompleteStudy,
  canonicalStudy,
  completeStudy,
  parseStudy,
  studyBatchInterval,
  studyId,
  studyTasks,
} from "@sumus/study";
import { ManualClock } from "@sumus/time";
import type { Prio3 } from "@sumus/vdaf";
import { type Aggregator, createAggregator } from "./aggregator.ts";
import type { AggregatorRole, Answers, NodeKeys, NodeTokens } from "./config.ts";
import type { HpkeKeyRules } from "./hpke-keys/key-life.ts";
import type { UploadRates } from "./routes/upload-limits.ts";
import type { StudyStatus } from "./status.ts";
import { selectBatches } from "./store/accumulators.ts";
import { AGGREGATOR_MIGRATIONS } from "./store/schema.ts";

export const LEADER_URL = "http://localhost:8801";
export const HELPER_URL = "http://localhost:8802";

export const OPERATOR_TOKEN = "operator-token-of-the-tests";
export const PEER_TOKEN = "peer-token-of-the-tests";
export const COLLECTOR_TOKEN = "collector-token-of-the-tests";

const SUITE = hpkeSuite(0x0020, 0x0001, 0x0001);
export const START_SECONDS = 1_800_000_000;

const TOKENS: NodeTokens = {
  operator: new Secret(OPERATOR_TOKEN),
  peer: new Secret(PEER_TOKEN),
  collector: new Secret(COLLECTOR_TOKEN),
};

const nodeKeys = { leader: cryptoRandomBytes(32), helper: cryptoRandomBytes(32) };

/** Keys of the two nodes; they outlive restarts. */
export function keysOf(role: AggregatorRole): NodeKeys {
  const other = role === "leader" ? "helper" : "leader";
  return { own: new Secret(nodeKeys[role]), peer: x25519PublicKey(nodeKeys[other]) };
}

/** One node over a store, with its jobs standing still. */
export function startNode(
  role: AggregatorRole,
  store: Store,
  options: {
    readonly clock: ManualClock;
    readonly peerFetch?: Fetch;
    /** How long a leader waits for an answer of its helper. */
    readonly peerTimeoutMs?: number;
    readonly log?: Logger;
    readonly replica?: string;
    readonly uploadRates?: UploadRates;
    readonly hpkeKeys?: HpkeKeyRules;
    readonly storeKeys?: StoreKeys;
    readonly retentionSeconds?: number;
    readonly answers?: Answers;
  },
): Promise<Aggregator> {
  return createAggregator({
    role,
    store,
    keys: keysOf(role),
    tokens: TOKENS,
    url: () => (role === "leader" ? LEADER_URL : HELPER_URL),
    peerUrl: role === "leader" ? HELPER_URL : LEADER_URL,
    clock: options.clock,
    randomBytes: cryptoRandomBytes,
    replica: options.replica ?? role,
    ...(options.answers && { answers: options.answers }),
    ...(options.storeKeys && { storeKeys: options.storeKeys }),
    ...(options.retentionSeconds && { retentionSeconds: options.retentionSeconds }),
    ...(options.hpkeKeys && { hpkeKeys: options.hpkeKeys }),
    ...(options.uploadRates && { uploadRates: options.uploadRates }),
    log: options.log ?? createLogger({ level: "error", write: () => {} }),
    ...(options.peerFetch && {
      peerHttp: {
        fetch: options.peerFetch,
        pauseMs: 1,
        ...(options.peerTimeoutMs && { timeoutMs: options.peerTimeoutMs }),
      },
    }),
  });
}

/** Both nodes' stores, which outlive the nodes. */
export interface Stores extends AsyncDisposable {
  readonly leader: Store;
  readonly helper: Store;
}

export type StoreKind = "PGlite" | "PostgreSQL";

const missing = localPostgresMissing();

/** What nodes can keep their state in on this machine. */
export const STORE_KINDS: readonly StoreKind[] =
  missing === undefined ? ["PGlite", "PostgreSQL"] : ["PGlite"];

/** @param replicas on PostgreSQL: how many stores to open on each node's database */
export async function openPostgresStores(
  replicas: number,
): Promise<AsyncDisposable & { readonly leader: Store[]; readonly helper: Store[] }> {
  const server = await startLocalPostgres({ fsync: "off" });
  const open = async (role: AggregatorRole): Promise<Store[]> => {
    const url = await server.createDatabase(role);
    return Promise.all(
      Array.from({ length: replicas }, () => openPostgresStore(url, AGGREGATOR_MIGRATIONS)),
    );
  };
  const [leader, helper] = [await open("leader"), await open("helper")];
  return {
    leader,
    helper,
    async [Symbol.asyncDispose]() {
      await Promise.all([...leader, ...helper].map((store) => store.close()));
      await server.stop();
    },
  };
}

export async function openStores(kind: StoreKind = "PGlite"): Promise<Stores> {
  if (kind === "PostgreSQL") {
    const stores = await openPostgresStores(1);
    return {
      leader: defined(stores.leader[0], "a store was opened"),
      helper: defined(stores.helper[0], "a store was opened"),
      [Symbol.asyncDispose]: () => stores[Symbol.asyncDispose](),
    };
  }
  const leader = await openMemoryStore(AGGREGATOR_MIGRATIONS);
  const helper = await openMemoryStore(AGGREGATOR_MIGRATIONS);
  return {
    leader,
    helper,
    async [Symbol.asyncDispose]() {
      await leader.close();
      await helper.close();
    },
  };
}

/** Two nodes with a trial's study open on both, and a client. */
export interface Scene {
  readonly trial: Trial;
  readonly leader: Aggregator;
  readonly helper: Aggregator;
  /** A report of a person in that cell. */
  readonly report: Awaited<ReturnType<typeof createClient>>;
}

/** @param between what the network between the nodes does with the helper's own fetch */
export async function createScene(
  stores: Stores,
  options: Parameters<typeof createTrial>[0] = {},
  between: (helper: Fetch) => Fetch = (helper) => helper,
): Promise<Scene> {
  const trial = createTrial(options);
  const { clock } = trial;
  const helper = await startNode("helper", stores.helper, { clock });
  const peerFetch = between(helper.fetch);
  const leader = await startNode("leader", stores.leader, { clock, peerFetch });
  await openStudy(leader, trial);
  await openStudy(helper, trial);
  return { trial, leader, helper, report: await createClient(trial, leader, helper) };
}

/** A study that counts people in `cells` cells, and what a collector of it needs. */
export interface Trial {
  readonly study: CompleteStudy;
  readonly manifest: string;
  readonly id: Uint8Array;
  readonly tasks: readonly DapTask[];
  readonly collector: HpkeKeyPair;
  readonly clock: ManualClock;
}

let trialCount = 0;

export function createTrial(
  options: {
    readonly cells?: number;
    readonly peopleMin?: number;
    readonly epsilon?: number;
    /** A second measure makes more tasks. */
    readonly mean?: boolean;
    /** So does a third: people by the beginnings of their words. */
    readonly candidates?: readonly string[];
    readonly population?: string;
    readonly addresses?: { readonly leader: string; readonly helper: string };
    /** How long the study's window is; by default one. */
    readonly days?: number;
    /** For nodes that read the machine's clock. */
    readonly realTime?: boolean;
  } = {},
): Trial {
  const { cells = 8, peopleMin = 2, epsilon = 20, mean = false, days = 1 } = options;
  const { candidates } = options;
  const values = Array.from({ length: cells }, (_, cell) => `c${cell}`).join(", ");
  const reading = parseStudy(`
title: Trial ${++trialCount}
purpose: To test the aggregators, nothing else
commissioner: did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK
needs: { places: [cell, height, word] }
map: { language: none }
result:
  group: { cell: [${values}] }
  measures:
    people: count
    ${mean ? "level: { mean: height, min: 0, max: 200 }" : ""}
    ${candidates ? `words: { prefixes: word, candidates: ${JSON.stringify(candidates)} }` : ""}
privacy: { epsilon: ${epsilon}, delta: 1e-3, people_min: ${peopleMin} }
`);
  assert(reading.ok, "the trial's manifest is sound");
  const collector = hpkeGenerateKeyPair(SUITE, cryptoRandomBytes);
  const { leader, helper } = options.addresses ?? { leader: LEADER_URL, helper: HELPER_URL };
  const nowSeconds = options.realTime ? Math.floor(Date.now() / 1000) : START_SECONDS;
  const study = completeStudy(reading.study, {
    leader,
    helper,
    collector: encodeBase64url(collector.publicKey.bytes),
    population: options.population ?? "trial",
    window: { opens: nowSeconds - 3600, closes: nowSeconds + days * 86_400 },
  });
  return {
    study,
    manifest: canonicalStudy(study),
    id: studyId(study),
    tasks: studyTasks(study),
    collector,
    clock: new ManualClock(nowSeconds),
  };
}

/** The first task of a trial: one-hot over its cells. */
export function firstTask(trial: Trial): Prio3Task {
  const task = defined(trial.tasks[0], "a study has a task");
  assert(isPrio3Task(task), "people in cells are counted by Prio3");
  return task;
}

export async function openStudy(node: Aggregator, trial: Trial): Promise<void> {
  const response = await ask(node, "POST", "/studies", {
    token: OPERATOR_TOKEN,
    body: trial.manifest,
  });
  assert(response.ok, `the study opens: ${response.status} ${await response.clone().text()}`);
}

/** What a node says about a trial's study. */
export async function statusOf(
  node: { readonly fetch: Fetch },
  trial: Trial,
): Promise<StudyStatus> {
  const response = await ask(node, "GET", `/studies/${encodeHex(trial.id)}`);
  assert(response.status === 200, `the study is known: ${response.status}`);
  return (await response.json()) as StudyStatus;
}

export interface AskOptions {
  readonly token?: string;
  readonly message?: DapMessageName;
  readonly contentType?: string;
  readonly body?: Uint8Array | string;
}

/** A request to a node, by the path or the resource. */
export async function ask(
  node: { readonly fetch: Fetch },
  method: string,
  target: string | DapResource,
  options: AskOptions = {},
): Promise<Response> {
  const path = typeof target === "string" ? target : resourcePath(target);
  const headers = new Headers();
  const { token, message, body } = options;
  const contentType = options.contentType ?? (message && mediaType(message));
  if (contentType !== undefined) headers.set("content-type", contentType);
  if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
  const bytes = typeof body === "string" ? body : body && new Uint8Array(body);
  return await node.fetch(
    new Request(`http://localhost${path}`, {
      method,
      headers,
      ...(bytes !== undefined && { body: bytes }),
    }),
  );
}

/** Makes reports that the two nodes can open. */
export async function createClient(
  trial: Trial,
  leader: { readonly fetch: Fetch },
  helper: { readonly fetch: Fetch },
): Promise<(measurement: TaskMeasurement, task?: DapTask) => Uint8Array> {
  const configOf = async (node: { readonly fetch: Fetch }) => {
    const response = await ask(node, "GET", { kind: "hpkeConfig" });
    const [config] = decodeHpkeConfigList(new Uint8Array(await response.arrayBuffer()));
    return defined(config, "a node publishes a configuration");
  };
  const leaderHpkeConfig = await configOf(leader);
  const helperHpkeConfig = await configOf(helper);
  return (measurement, task = firstTask(trial)) =>
    createReport(
      task,
      { measurement, timeSeconds: trial.clock.nowSeconds(), leaderHpkeConfig, helperHpkeConfig },
      cryptoRandomBytes,
    );
}

/** Uploads reports and tells which were refused. */
export async function upload(
  leader: { readonly fetch: Fetch },
  task: DapTask,
  reports: readonly Uint8Array[],
): Promise<ReportUploadStatus[]> {
  const response = await ask(
    leader,
    "POST",
    { kind: "reports", taskId: task.id },
    { message: "upload-req", body: concat(...reports) },
  );
  assert(response.status === 200, `an upload is answered: ${response.status}`);
  return readUploadResponse(task, new Uint8Array(await response.arrayBuffer()));
}

/** Runs jobs for twenty minutes of the trial's time: no job waits longer than one between tries. */
export async function settle(node: Aggregator, clock: ManualClock): Promise<void> {
  for (let minutes = 0; minutes < 20; minutes++) {
    while (await node.jobs.step());
    clock.advance(60);
  }
}

/** The sum of the exact shares that both nodes hold for a task: what was counted, without noise. */
export async function exactSums(
  task: DapTask,
  stores: { readonly leader: Store; readonly helper: Store },
): Promise<{ counts: bigint[]; reportCounts: [number, number] }> {
  const read = (store: Store) =>
    store.transaction("exact sums", async (transaction) => {
      const [row] = await transaction.query<{ number: number }>(
        "SELECT number FROM tasks WHERE id = $1",
        [task.id],
      );
      const { number } = defined(row, "the task is on both nodes");
      const buckets = { start: 0, duration: Number.MAX_SAFE_INTEGER };
      return await selectBatches(transaction, number, buckets);
    });
  const [leader, helper] = [await read(stores.leader), await read(stores.helper)];
  const { vdaf } = aggregationOf(task);
  const merge = (batches: typeof leader) =>
    batches.reduce(
      (sum, { aggregateShare }) => vdaf.merge(sum, aggregateShare),
      vdaf.aggregateInit(),
    );
  const count = (batches: typeof leader) =>
    batches.reduce((sum, { reportCount }) => sum + reportCount, 0);
  const reportCount = count(leader);
  return {
    counts: vdaf.unshard([merge(leader), merge(helper)], reportCount),
    reportCounts: [reportCount, count(helper)],
  };
}

/** A report whose share was changed by `lie` before it was sealed: everything else is honest. */
export function lyingTask(
  task: Prio3Task,
  lie: (...args: Parameters<Prio3["shard"]>) => ReturnType<Prio3["shard"]>,
): Prio3Task {
  const vdaf = new Proxy(task.vdaf, {
    get(target, name) {
      if (name === "shard") return lie;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return { ...task, vdaf };
}

/** The collector's request for all of a task. */
export function collectionRequest(
  trial: Trial,
  task: DapTask = firstTask(trial),
): ReturnType<typeof collectInterval> {
  return collectInterval(studyBatchInterval(trial.study), task.aggParam);
}

/** Creates a collection job; the response and where it is. */
export async function createCollection(
  leader: { readonly fetch: Fetch },
  trial: Trial,
  task: DapTask = firstTask(trial),
): Promise<Response> {
  return await ask(
    leader,
    "POST",
    { kind: "collectionJobs", taskId: task.id },
    {
      token: COLLECTOR_TOKEN,
      message: "collection-job-req",
      body: encodeCollectionJobReq(collectionRequest(trial, task)),
    },
  );
}

/** What both nodes' shares give, opened by the collector. */
export async function openResponse(
  trial: Trial,
  response: Response,
  task: DapTask = firstTask(trial),
): Promise<Collection> {
  const keys = createHpkeKeys([{ id: 0, keyPair: trial.collector }]);
  const body = new Uint8Array(await response.arrayBuffer());
  return openCollection(task, keys, collectionRequest(trial, task), body);
}
