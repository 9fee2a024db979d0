/**
 * The leader's side of aggregation: gathers pending reports into jobs, verifies them together with
 * the helper, and commits what both accept. docs/data-model.md tells the states; each method here
 * is one step between two transactions, and safe to repeat.
 *
 * @module
 */
import { encodeHex } from "@sumus/bytes";
import {
  aggregationOf,
  DapPeerError,
  type LeaderJob,
  type LeaderOutcome,
  leaderAdvanceJob,
  leaderAssembleJob,
  resourcePath,
} from "@sumus/dap";
import { BATCH_ID_BYTES, decodeReport, mediaType } from "@sumus/dap/messages";
import { describeError, type Logger } from "@sumus/runtime";
import type { Store, Transaction } from "@sumus/storage";
import type { Clock, RandomBytes } from "@sumus/time";
import type { HpkeKeyring } from "../hpke-keys/keyring.ts";
import { JOB_BYTES_MAX, JOB_REPORTS_MAX, NONSENSE_MAX, OPEN_JOBS_MAX } from "../limits.ts";
import type { ServedTask, ServedTasks } from "../served-tasks.ts";
import { addSums, sumByBucket } from "../store/accumulators.ts";
import {
  type AggregationJob,
  abandonAggregationJob,
  countOpenAggregationJobs,
  deleteAggregationJob,
  insertAggregationJob,
  leaseAggregationJob,
  postponeAggregationJob,
  storeAggregationRequest,
} from "../store/aggregation-jobs.ts";
import { lockForReports } from "../store/batches.ts";
import { hastenCollectionJobs } from "../store/collection-jobs.ts";
import { addCounts, Tally } from "../store/counters.ts";
import { LeaseLostError } from "../store/lease.ts";
import {
  assignPending,
  deletePendingOfJob,
  hasFree,
  type PendingReport,
  selectHungriestTask,
  selectPendingOfJob,
} from "../store/pending-reports.ts";
import { insertBatch, type SelectedBatch, selectFillingBatch } from "../store/selected-batches.ts";
import type { Verifier } from "../verifier.ts";
import type { GatherGate } from "./gather-gate.ts";
import type { HelperAnswer, HelperClient } from "./helper-client.ts";

export interface AggregationDriver {
  /** Works on one job that is due, or on a new one. Resolves to false when there was none. */
  step(): Promise<boolean>;
}

interface Services {
  readonly store: Store;
  readonly tasks: ServedTasks;
  readonly keys: HpkeKeyring;
  readonly helper: HelperClient;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  readonly leaseToken: () => Uint8Array;
  readonly verifier: Verifier;
  readonly gate: GatherGate;
  readonly log: Logger;
}

export function createAggregationDriver(services: Services): AggregationDriver {
  return {
    async step() {
      const job = (await leaseJob(services)) ?? (await gatherJob(services));
      if (job === undefined) return false;
      try {
        await runJob(services, job);
      } catch (error) {
        if (error instanceof LeaseLostError) throw error;
        // Without this the job would wait for its lease to run out.
        const trouble = `this node failed: ${describeError(error)}`;
        await postpone(services, job, { kind: "later", trouble });
      }
      return true;
    },
  };
}

function leaseJob({ store, clock, leaseToken }: Services): Promise<AggregationJob | undefined> {
  const lease = { token: leaseToken(), nowSeconds: clock.nowSeconds() };
  return store.transaction("lease aggregation job", (transaction) =>
    leaseAggregationJob(transaction, lease),
  );
}

/** Makes a job of the reports that have waited longest, but for tasks that rest. */
async function gatherJob(services: Services): Promise<AggregationJob | undefined> {
  const { store, tasks, clock, leaseToken, randomBytes, gate } = services;
  const taskNumber = await store.transaction("find pending reports", async (transaction) => {
    const open = await countOpenAggregationJobs(transaction);
    return open < OPEN_JOBS_MAX ? chooseTask(transaction, gate) : undefined;
  });
  if (taskNumber === undefined) return undefined;
  const served = await tasks.byNumber(taskNumber);
  const lease = { token: leaseToken(), nowSeconds: clock.nowSeconds() };
  const newBatchId = randomBytes(BATCH_ID_BYTES);
  const { job, count, countMax } = await store.transaction("gather", (transaction) =>
    gather(transaction, served, lease, newBatchId),
  );
  if (count === 0) return undefined;
  gate.gathered(taskNumber, count, countMax);
  return job;
}

/** In leader-selected mode the job's reports go into one batch, as many as it lacks. */
async function gather(
  transaction: Transaction,
  served: ServedTask,
  lease: { readonly token: Uint8Array; readonly nowSeconds: number },
  newBatchId: Uint8Array,
): Promise<{ job: AggregationJob; count: number; countMax: number }> {
  const { number, task } = served;
  const { batchMode, minBatchSize } = task.configuration;
  let batch: SelectedBatch | undefined;
  let countMax = jobReportsMax(served);
  if (batchMode === "leader_selected") {
    // Why: a job that joins a batch and a collection that takes the batch exclude each other.
    await lockForReports(transaction, [number]);
    const filling = await selectFillingBatch(transaction, number, minBatchSize);
    countMax = Math.min(countMax, minBatchSize - (filling?.accepted ?? 0));
    batch = filling ?? (await insertBatch(transaction, number, newBatchId));
  }
  const job = await insertAggregationJob(transaction, { task: number, batch }, lease);
  const count = await assignPending(transaction, number, job.number, countMax);
  if (count === 0) await deleteAggregationJob(transaction, job);
  return { job, count, countMax };
}

async function chooseTask(transaction: Transaction, gate: GatherGate): Promise<number | undefined> {
  const resting: number[] = [];
  for (;;) {
    const task = await selectHungriestTask(transaction, resting);
    if (task === undefined) return undefined;
    const countMin = gate.countMin(task);
    if (countMin === 1 || (await hasFree(transaction, task, countMin))) return task;
    resting.push(task);
  }
}

function jobReportsMax({ task: { vdaf } }: ServedTask): number {
  const sizes = [...vdaf.inputShareSizes, vdaf.publicShareSize];
  const reportBytes = sizes.reduce((sum, size) => sum + size, 0);
  return Math.max(1, Math.min(JOB_REPORTS_MAX, Math.floor(JOB_BYTES_MAX / reportBytes)));
}

async function runJob(services: Services, job: AggregationJob): Promise<void> {
  const { store, tasks, helper } = services;
  const served = await tasks.byNumber(job.task);
  const reports = await store.transaction("read pending reports", (transaction) =>
    selectPendingOfJob(transaction, job.number),
  );
  const leaderJob = await verify(services, served, job, reports);
  const request = job.request ?? (await prepare(services, job, leaderJob));
  if (request === undefined) return;
  const resource = { kind: "aggregationJobs", taskId: served.task.id } as const;
  const answer = await helper.send(
    served.peer,
    resourcePath(resource),
    mediaType("aggregation-job-init-req"),
    request,
  );
  if (answer.kind !== "ready") {
    await postpone(services, job, answer);
    return;
  }
  let outcomes: readonly LeaderOutcome[];
  try {
    outcomes = leaderAdvanceJob(aggregationOf(served.task), leaderJob, answer.body).outcomes;
  } catch (error) {
    if (!(error instanceof DapPeerError)) throw error;
    await postpone(services, job, { kind: "nonsense", trouble: error.message });
    return;
  }
  await commit(services, served, job, outcomes);
}

/**
 * The leader's own verification of a job's reports. Computed again after a crash it is the same,
 * since it depends on the reports, the keys, and the time at which the job was gathered.
 */
async function verify(
  { tasks, keys, verifier }: Services,
  served: ServedTask,
  job: AggregationJob,
  reports: readonly Pick<PendingReport, "report">[],
): Promise<LeaderJob> {
  const decoded = reports.map(({ report }) => decodeReport(report));
  await keys.refresh(decoded.map((report) => report.leaderEncryptedInputShare.configId));
  const aggregator = tasks.aggregator(served, job.gatheredAtSeconds);
  const outcomes = await verifier.leader(aggregator, decoded);
  return leaderAssembleJob(aggregator, outcomes, job.batch?.id);
}

/** Stores the request before it is sent for the first time; undefined when nothing is to be sent. */
async function prepare(
  { store }: Services,
  job: AggregationJob,
  { request, pending, refused }: LeaderJob,
): Promise<Uint8Array | undefined> {
  const tally = new Tally();
  for (const { error } of refused) tally.add(job.task, error);
  await store.transaction("prepare", async (transaction) => {
    await deletePendingOfJob(
      transaction,
      job.number,
      refused.map(({ reportId }) => reportId),
    );
    await addCounts(transaction, tally);
    if (pending.length > 0) await storeAggregationRequest(transaction, job, request);
    else await endJob(transaction, job);
  });
  return pending.length > 0 ? request : undefined;
}

async function commit(
  { store, log }: Services,
  served: ServedTask,
  job: AggregationJob,
  outcomes: readonly LeaderOutcome[],
): Promise<void> {
  const verified = outcomes.filter((outcome) => outcome.ok);
  const refused = outcomes.filter((outcome) => !outcome.ok);
  const { number } = served;
  const aggregation = aggregationOf(served.task);
  const sums = sumByBucket(aggregation, verified, job.batch);
  const tally = new Tally();
  tally.add(job.task, "accepted", verified.length);
  for (const { error } of refused) tally.add(job.task, error);
  await store.transaction("commit", async (transaction) => {
    await deletePendingOfJob(transaction, job.number);
    await addSums(transaction, { number, vdaf: aggregation.vdaf }, sums);
    await addCounts(transaction, tally);
    await endJob(transaction, job);
  });
  const task = encodeHex(served.task.id);
  if (refused.some(({ helperCommitted }) => helperCommitted)) {
    log.error("the helper counted reports that the leader refuses; the batch will not match", {
      task,
    });
  }
  const counts = { accepted: verified.length, refused: refused.length };
  log.debug("aggregated", { task, job: job.number, ...counts });
}

/** Ends a job and lets waiting collections of its task look again. */
async function endJob(transaction: Transaction, job: AggregationJob): Promise<void> {
  await deleteAggregationJob(transaction, job);
  await hastenCollectionJobs(transaction, job.task);
}

async function postpone(
  { store, clock, log }: Services,
  job: AggregationJob,
  answer: Exclude<HelperAnswer, { kind: "ready" }>,
): Promise<void> {
  const { trouble } = answer;
  const isNonsense = answer.kind === "nonsense";
  log.warn("an aggregation job must wait", { job: job.number, trouble });
  if (isNonsense && job.nonsenseCount + 1 >= NONSENSE_MAX) {
    await abandon({ store, log }, job, trouble);
    return;
  }
  await store.transaction("postpone aggregation job", (transaction) =>
    postponeAggregationJob(transaction, job, {
      trouble,
      isNonsense,
      nowSeconds: clock.nowSeconds(),
    }),
  );
}

/** Gives up on a helper that answers nonsense: the reports are counted as dropped. */
async function abandon(
  { store, log }: Pick<Services, "store" | "log">,
  job: AggregationJob,
  trouble: string,
): Promise<void> {
  log.error("an aggregation job is abandoned", { job: job.number, trouble });
  await store.transaction("abandon", async (transaction) => {
    const dropped = await selectPendingOfJob(transaction, job.number);
    await deletePendingOfJob(transaction, job.number);
    const tally = new Tally();
    tally.add(job.task, "report_dropped", dropped.length);
    await addCounts(transaction, tally);
    await abandonAggregationJob(transaction, job, trouble);
    await hastenCollectionJobs(transaction, job.task);
  });
}
