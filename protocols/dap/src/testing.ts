/**
 * All parties of one task in one place, for tests: seeded, without network, store or clock.
 *
 * @module
 */
import { assert, defined } from "@sumus/assert";
import { concat, encodeUtf8, Secret } from "@sumus/bytes";
import { hpkeDeriveKeyPair, hpkeSuite, sha256 } from "@sumus/crypto";
import type { RandomBytes } from "@sumus/time";
import type { Prio3, Prio3Config, ShardedReport } from "@sumus/vdaf";
import { measurementLength, shardEncoded } from "@sumus/vdaf/testing";
import { type Aggregation, aggregationOf } from "./aggregation.ts";
import { aggregateReports, type BatchAggregate } from "./batch.ts";
import { createReport, type ReportInput } from "./client.ts";
import {
  checkBatchAgreement,
  createAggregateShareReq,
  createCollectionJobResp,
  readAggregateShareReq,
} from "./collection.ts";
import { type Collection, collectInterval, openCollection } from "./collector.ts";
import { type HelperResponse, helperInitJob, helperRespond, readAggregationJob } from "./helper.ts";
import {
  decodeHelperPending,
  encodeHelperPending,
  type HelperProgress,
  helperContinueReports,
  matchContinuations,
  readContinuation,
  requestDigest,
} from "./helper-continuation.ts";
import { createHpkeKeys, type HpkeKeys } from "./hpke-keys.ts";
import { type LeaderQuestion, leaderInitJob } from "./leader.ts";
import { type LeaderOutcome, leaderAdvanceJob } from "./leader-continuation.ts";
import type { AggregatorRole, Interval } from "./messages/basic.ts";
import type { HpkeConfig } from "./messages/hpke-config.ts";
import { decodeReport, encodeReport } from "./messages/report.ts";
import type { ReportError } from "./messages/report-error.ts";
import type { Aggregator } from "./report-share.ts";
import { sealAggregateShare } from "./sealed-share.ts";
import { createDapTask, type DapTask, deriveVerifyKey, type TaskParameters } from "./task.ts";
import type { TaskMeasurement, TaskVdaf, VdafConfig } from "./task-vdaf.ts";
import type { RefusedReport, VerifiedReport } from "./verify-outcome.ts";
import type { DapVersion } from "./version.ts";

export { type Claim, createLie } from "./lie.ts";

/** 2023-11-14 22:13:20 UTC. */
export const NOW_SECONDS = 1_700_000_000;

export interface Parties<Vdaf extends TaskVdaf = TaskVdaf> {
  readonly task: DapTask<Vdaf>;
  readonly leader: Aggregator;
  readonly helper: Aggregator;
  readonly collectorKeys: HpkeKeys;
  readonly leaderConfig: HpkeConfig;
  readonly helperConfig: HpkeConfig;
  readonly collectorConfig: HpkeConfig;
  readonly randomBytes: RandomBytes;
  /** An honest report of this moment, changed as asked, or made for another task. */
  report(measurement: TaskMeasurement, changes?: Partial<ReportInput>, task?: DapTask): Uint8Array;
}

/** The same bytes for the same seed, and quite unlike those of another. */
export function seededRandomBytes(seed: string): RandomBytes {
  let counter = 0;
  return (length) => {
    const blocks: Uint8Array[] = [];
    for (let made = 0; made < length; made += 32) {
      blocks.push(sha256(encodeUtf8(`${seed} ${counter++}`)));
    }
    return concat(...blocks).subarray(0, length);
  };
}

export function createParties(
  vdaf: Prio3Config,
  parameters?: Partial<TaskParameters>,
  version?: DapVersion,
): Parties<Prio3>;
export function createParties(
  vdaf: VdafConfig,
  parameters?: Partial<TaskParameters>,
  version?: DapVersion,
): Parties;
export function createParties(
  vdaf: VdafConfig,
  parameters: Partial<TaskParameters> = {},
  version: DapVersion = "dap-18",
): Parties {
  const task = createDapTask(
    {
      taskInfo: encodeUtf8("a test"),
      leaderAggregatorEndpoint: "https://leader.example/",
      helperAggregatorEndpoint: "https://helper.example/",
      timePrecision: 3600,
      minBatchSize: 1,
      ...parameters,
    },
    vdaf,
    version,
  );
  const randomBytes = seededRandomBytes("parties");
  const [leaderKeys, helperKeys, collectorKeys] = [7, 8, 9].map((id) => keysOf(id, randomBytes));
  assert(leaderKeys !== undefined && helperKeys !== undefined, "two aggregators have keys");
  const verifyKey = deriveVerifyKey(task, new Secret(randomBytes(32)));
  const shared = { task, verifyKey, nowSeconds: NOW_SECONDS };
  const leaderConfig = firstConfig(leaderKeys);
  const helperConfig = firstConfig(helperKeys);
  const configs = { leaderHpkeConfig: leaderConfig, helperHpkeConfig: helperConfig };
  const keys = defined(collectorKeys, "a collector has keys");
  return {
    task,
    leader: { ...shared, keys: leaderKeys },
    helper: { ...shared, keys: helperKeys },
    collectorKeys: keys,
    leaderConfig,
    helperConfig,
    collectorConfig: firstConfig(keys),
    randomBytes,
    report: (measurement, changes = {}, of = task) =>
      createReport(
        of,
        { measurement, timeSeconds: NOW_SECONDS, ...configs, ...changes },
        randomBytes,
      ),
  };
}

/** The same parties, who aggregate with this parameter. */
export function withAggParam<Some extends Parties>(parties: Some, aggParam: Uint8Array): Some {
  const { leader, helper } = parties;
  return { ...parties, leader: { ...leader, aggParam }, helper: { ...helper, aggParam } };
}

/** What {@link spoiltReport} can do, and who finds it out with which error. */
export const SPOILS = {
  leaderShare: "the leader cannot decrypt it",
  helperShare: "the helper cannot decrypt it",
  length: "its input shares are too short",
  element: "its leader share is no field element",
  measurement: "its measurement is a thousand ones, with an honest proof of it",
  time: "it comes from the future",
} as const;

export type Spoil = keyof typeof SPOILS;

/** A report with one thing wrong, of a task whose measurement 1 is allowed. */
export function spoiltReport(parties: Parties<Prio3>, spoil: Spoil): Uint8Array {
  const { task } = parties;
  if (spoil === "time") return parties.report(1, { timeSeconds: NOW_SECONDS + 7200 });
  if (spoil === "leaderShare" || spoil === "helperShare") {
    const report = decodeReport(parties.report(1));
    const field =
      spoil === "leaderShare" ? "leaderEncryptedInputShare" : "helperEncryptedInputShare";
    const { payload, ...rest } = report[field];
    return encodeReport({
      ...report,
      [field]: { ...rest, payload: payload.map((byte) => byte ^ 1) },
    });
  }
  const liar = sharding(task.vdaf, (sharded, nonce, rand) => {
    if (spoil === "measurement") {
      const encoded = Array.from({ length: measurementLength(task.vdaf) }, () => 1000n);
      return shardEncoded(task.vdaf, task.context, encoded, nonce, rand);
    }
    const [leader, helper] = sharded.inputShares.map((share) => share.slice());
    assert(leader !== undefined && helper !== undefined, "a report has two input shares");
    if (spoil === "length") return { ...sharded, inputShares: [leader.slice(1), helper.slice(1)] };
    return { ...sharded, inputShares: [leader.fill(0xff, 0, 16), helper] };
  });
  return parties.report(1, {}, { ...task, vdaf: liar });
}

/** The VDAF with another `shard`. */
function sharding(
  vdaf: Prio3,
  lie: (sharded: ShardedReport, nonce: Uint8Array, rand: Uint8Array) => ShardedReport,
): Prio3 {
  const shard: Prio3["shard"] = (ctx, measurement, nonce, rand) =>
    lie(vdaf.shard(ctx, measurement, nonce, rand), nonce, rand);
  return new Proxy(vdaf, {
    get(target, name) {
      if (name === "shard") return shard;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

export interface JobResult {
  readonly leaderOutcomes: readonly LeaderOutcome[];
  /** Refused by the leader before the job. */
  readonly refusedByLeader: readonly RefusedReport[];
  readonly refusedByHelper: readonly RefusedReport[];
  readonly leaderCommitted: readonly VerifiedReport[];
  readonly helperCommitted: readonly VerifiedReport[];
}

/** One aggregation job from the leader's first step to its last. */
export function runJob(
  { task, leader, helper }: Parties,
  reports: readonly Uint8Array[],
  commitError: (reportId: Uint8Array, time: number) => ReportError | undefined = () => undefined,
): JobResult {
  const aggregation = aggregationOf(task, leader.aggParam);
  const { refused: refusedByLeader, ...first } = leaderInitJob(leader, reports.map(decodeReport));
  const job = readAggregationJob(helper, first.request);
  const outcomes = helperInitJob({ ...helper, aggParam: job.aggParam }, job);
  const answers = [helperRespond(task, outcomes, commitError)];
  const leaderOutcomes: LeaderOutcome[] = [];
  for (let question: LeaderQuestion | undefined = first; question !== undefined; ) {
    const answer = defined(answers.at(-1), "each question is answered");
    const { outcomes, next } = leaderAdvanceJob(aggregation, question, answer.response);
    leaderOutcomes.push(...outcomes);
    if (next !== undefined) {
      const last = { step: question.step, requestDigest: requestDigest(question.request) };
      answers.push(answerContinuation(aggregation, last, answer, next.request, commitError));
    }
    question = next;
  }
  return {
    leaderOutcomes,
    refusedByLeader,
    refusedByHelper: answers.flatMap(({ refused }) => refused),
    leaderCommitted: leaderOutcomes.filter((outcome) => outcome.ok),
    helperCommitted: answers.flatMap(({ committed }) => committed),
  };
}

/** The helper's further step, its states having been stored. */
export function answerContinuation(
  aggregation: Aggregation,
  progress: HelperProgress,
  { pending }: Pick<HelperResponse, "pending">,
  body: Uint8Array,
  commitError: (reportId: Uint8Array, time: number) => ReportError | undefined = () => undefined,
): HelperResponse {
  const request = readContinuation(progress, body);
  assert(request !== "replay", "a new request is no replay");
  const stored = decodeHelperPending(aggregation, encodeHelperPending(aggregation, pending));
  const continuations = matchContinuations(stored, request);
  const outcomes = [...helperContinueReports(aggregation, continuations)];
  return helperRespond(aggregation.task, outcomes, commitError);
}

/** Both batches through a collection, as the collector sees it. */
export function runCollection(
  parties: Parties,
  batchInterval: Interval,
  leaderBatch: BatchAggregate,
  helperBatch: BatchAggregate,
): Collection {
  const { task, leader, collectorKeys, collectorConfig, randomBytes } = parties;
  const request = collectInterval(batchInterval, leader.aggParam);
  const body = createAggregateShareReq(task, request, leaderBatch);
  checkBatchAgreement(task, readAggregateShareReq(task, body), helperBatch);
  const seal = (role: AggregatorRole, { aggregateShare }: BatchAggregate) => {
    const input = { collectorConfig, collectionJobReq: request, aggregateShare };
    return sealAggregateShare(task, role, input, randomBytes);
  };
  const interval = defined(leaderBatch.interval, "a batch of reports has an interval");
  const response = createCollectionJobResp(
    { ...leaderBatch, interval },
    seal("leader", leaderBatch),
    seal("helper", helperBatch),
  );
  return openCollection(task, collectorKeys, request, response);
}

/** Job and collection of honest reports of one interval. */
export function runAll(parties: Parties, reports: readonly Uint8Array[]): Collection {
  const { leaderCommitted, helperCommitted } = runJob(parties, reports);
  const aggregation = aggregationOf(parties.task, parties.leader.aggParam);
  const leaderBatch = aggregateReports(aggregation, leaderCommitted);
  const helperBatch = aggregateReports(aggregation, helperCommitted);
  const interval = defined(leaderBatch.interval, "some report was committed");
  return runCollection(parties, interval, leaderBatch, helperBatch);
}

function keysOf(id: number, randomBytes: RandomBytes): HpkeKeys {
  const keyPair = hpkeDeriveKeyPair(hpkeSuite(0x0020, 0x0001, 0x0001), randomBytes(32));
  return createHpkeKeys([{ id, keyPair }]);
}

function firstConfig({ configs }: HpkeKeys): HpkeConfig {
  return defined(configs[0], "keys have a configuration");
}
