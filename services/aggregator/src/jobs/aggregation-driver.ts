/**
 * The leader's side of aggregation: gathers pending reports into jobs, verifies them together with
 * the helper, and commits what both accept. docs/data-model.md tells the states; each method here
 * is one step between two transactions, and safe to repeat.
 *
 * @module
 */
import { defined } from "@sumus/assert";
import { encodeHex } from "@sumus/bytes";
import {
  type Aggregation,
  aggregationOf,
  DapPeerError,
  decodePendingReports,
  encodePendingReports,
  type LeaderJob,
  type LeaderProgress,
  type LeaderQuestion,
  leaderAdvanceJob,
  leaderAssembleJob,
  resourcePath,
} from "@sumus/dap";
import { decodeReport, mediaType } from "@sumus/dap/messages";
import { describeError, type Logger } from "@sumus/runtime";
import type { Store, Transaction } from "@sumus/storage";
import type { Clock, RandomBytes } from "@sumus/time";
import type { HpkeKeyring } from "../hpke-keys/keyring.ts";
import { NONSENSE_MAX } from "../limits.ts";
import type { ServedTask, ServedTasks } from "../served-tasks.ts";
import { addSums, sumByBucket } from "../store/accumulators.ts";
import {
  type AggregationJob,
  abandonAggregationJob,
  advanceAggregationJob,
  deferAggregationJob,
  deleteAggregationJob,
  leaseAggregationJob,
  postponeAggregationJob,
  storeAggregationRequest,
} from "../store/aggregation-jobs.ts";
import { hastenCollectionJobs } from "../store/collection-jobs.ts";
import { addCounts, Tally } from "../store/counters.ts";
import { LeaseLostError } from "../store/lease.ts";
import {
  deletePendingOfJob,
  type PendingReport,
  selectPendingOfJob,
} from "../store/pending-reports.ts";
import type { Verifier } from "../verifier.ts";
import { deferOnce } from "./deferral.ts";
import { gatherJob } from "./gather.ts";
import type { GatherGate } from "./gather-gate.ts";
import type { HelperClient, HelperDelay } from "./helper-client.ts";
import type { HelperTurns } from "./helper-turns.ts";
import { OwedWrites } from "./owed-writes.ts";

export interface AggregationDriver {
  /** Works on one job that is due, or on a new one. Resolves to false when there was none. */
  step(): Promise<boolean>;
}

interface Services {
  readonly store: Store;
  readonly tasks: ServedTasks;
  readonly keys: HpkeKeyring;
  readonly helper: HelperClient;
  readonly turns: HelperTurns;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  readonly leaseToken: () => Uint8Array;
  readonly verifier: Verifier;
  readonly gate: GatherGate;
  readonly log: Logger;
}

/** A job with what it is about. */
interface JobContext {
  readonly served: ServedTask;
  readonly aggregation: Aggregation;
  readonly job: AggregationJob;
}

const FIRST_QUESTION = mediaType("aggregation-job-init-req");
const FURTHER_QUESTION = mediaType("aggregation-job-continue-req");

export function createAggregationDriver(services: Services): AggregationDriver {
  const owed = new OwedWrites();
  return {
    async step() {
      await owed.settle();
      const job = (await leaseJob(services)) ?? (await gatherJob(services));
      if (job === undefined) return false;
      try {
        await services.turns.during(job.helper, () => runJob(services, job));
      } catch (error) {
        if (error instanceof LeaseLostError) throw error;
        // Without this the job would wait for its lease to run out.
        const trouble = `this node failed: ${describeError(error)}`;
        await owed.write(() => postpone(services, job, { kind: "later", trouble }));
      }
      return true;
    },
  };
}

function leaseJob(services: Services): Promise<AggregationJob | undefined> {
  const { store, turns, clock, leaseToken } = services;
  const lease = { token: leaseToken(), nowSeconds: clock.nowSeconds() };
  return store.transaction("lease aggregation job", (transaction) =>
    leaseAggregationJob(transaction, lease, turns.taken),
  );
}

async function runJob(services: Services, job: AggregationJob): Promise<void> {
  const { tasks, helper } = services;
  const served = await tasks.byNumber(job.task);
  const aggregation = aggregationOf(served.task, job.aggParam);
  const context: JobContext = { served, aggregation, job };
  const collection = { kind: "aggregationJobs", taskId: served.task.id } as const;
  // A first question creates the job, also when the helper has forgotten that it had it.
  const isKnown = job.isDeferred || job.step > 0;
  const path = (isKnown ? job.helperPath : null) ?? resourcePath(collection);
  const place = { collection, path, step: job.step };
  const polled = job.isDeferred ? await helper.poll(served.peer, place) : undefined;
  if (polled !== undefined && polled.kind !== "ready") {
    await wait(services, job, polled, () => defined(job.states, "who waits has its states"));
    return;
  }
  const question = await readQuestion(services, context);
  if (question === undefined) return;
  const { request: body } = question;
  const mediaType = job.step === 0 ? FIRST_QUESTION : FURTHER_QUESTION;
  const answer = polled ?? (await helper.ask(served.peer, { ...place, mediaType, body }));
  if (answer.kind !== "ready") {
    await wait(services, job, answer, () => encodePendingReports(aggregation, question.pending));
    return;
  }
  const helperPath = job.helperPath ?? answer.path ?? null;
  let progress: LeaderProgress;
  try {
    progress = leaderAdvanceJob(aggregation, question, answer.body);
  } catch (error) {
    if (!(error instanceof DapPeerError)) throw error;
    await postpone(services, job, { kind: "nonsense", trouble: error.message }, helperPath);
    return;
  }
  const { next } = progress;
  if (next === undefined) {
    await commit(services, context, progress);
  } else if (helperPath === null) {
    const trouble = "expected a Location of the aggregation job, got none";
    await postpone(services, job, { kind: "nonsense", trouble });
  } else {
    await advance(services, context, { ...progress, next }, helperPath);
  }
}

/** What is asked now; undefined when no report is left to ask about. */
async function readQuestion(
  services: Services,
  { served, aggregation, job }: JobContext,
): Promise<LeaderQuestion | undefined> {
  if (job.states !== null) {
    const request = defined(job.request, "a job that waits has a request");
    return { step: job.step, request, pending: decodePendingReports(aggregation, job.states) };
  }
  const reports = await services.store.transaction("read pending reports", (transaction) =>
    selectPendingOfJob(transaction, job.number),
  );
  const leaderJob = await verify(services, served, job, reports);
  const request = job.request ?? (await prepare(services, job, leaderJob));
  return request && { step: 0, request, pending: leaderJob.pending };
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
  const { aggParam } = job;
  const aggregator = { ...tasks.aggregator(served, job.gatheredAtSeconds), aggParam };
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

/** Stores the next question before it is sent; reports that are refused now are done with. */
async function advance(
  { store }: Services,
  { aggregation, job }: JobContext,
  { outcomes, next }: LeaderProgress & { readonly next: LeaderQuestion },
  helperPath: string,
): Promise<void> {
  const refused = outcomes.filter((outcome) => !outcome.ok);
  const tally = new Tally();
  for (const { error } of refused) tally.add(job.task, error);
  const { step, request, pending } = next;
  const states = encodePendingReports(aggregation, pending);
  await store.transaction("advance", async (transaction) => {
    const ids = refused.map(({ reportId }) => reportId);
    await deletePendingOfJob(transaction, job.number, ids);
    await addCounts(transaction, tally);
    await advanceAggregationJob(transaction, job, { step, request, states, helperPath });
  });
}

async function commit(
  { store, log }: Services,
  { served, aggregation, job }: JobContext,
  { outcomes }: Pick<LeaderProgress, "outcomes">,
): Promise<void> {
  const verified = outcomes.filter((outcome) => outcome.ok);
  const refused = outcomes.filter((outcome) => !outcome.ok);
  const { number } = served;
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

/** Gives the job back until the helper may have an answer. */
async function wait(
  services: Services,
  job: AggregationJob,
  answer: HelperDelay,
  states: () => Uint8Array,
): Promise<void> {
  if (answer.kind !== "deferred") {
    await postpone(services, job, answer);
    return;
  }
  const { store, clock } = services;
  const nowSeconds = clock.nowSeconds();
  const { isTooMuch, ...deferrals } = deferOnce(job, nowSeconds);
  if (isTooMuch) {
    await abandon(services, job, defined(deferrals.trouble, "it was asked often"), answer.path);
    return;
  }
  const deferral = {
    ...deferrals,
    states: states(),
    helperPath: answer.path,
    availableAtSeconds: nowSeconds + answer.pauseSeconds,
  };
  await store.transaction("defer aggregation job", (transaction) =>
    deferAggregationJob(transaction, job, deferral),
  );
}

async function postpone(
  services: Services,
  job: AggregationJob,
  answer: Exclude<HelperDelay, { kind: "deferred" }>,
  helperPath = job.helperPath,
): Promise<void> {
  const { store, clock, log } = services;
  const { trouble } = answer;
  // What a helper has forgotten after its first step cannot be done again: it knows the reports.
  const isForgotten = answer.kind === "forgotten";
  const isNonsense = answer.kind === "nonsense" || (isForgotten && job.step > 0);
  log.warn("an aggregation job must wait", { job: job.number, trouble });
  if (isNonsense && job.nonsenseCount + 1 >= NONSENSE_MAX) {
    await abandon(services, job, trouble, helperPath);
    return;
  }
  await store.transaction("postpone aggregation job", (transaction) =>
    postponeAggregationJob(transaction, job, {
      trouble,
      isNonsense,
      isForgotten,
      nowSeconds: clock.nowSeconds(),
    }),
  );
}

/**
 * Gives up on a helper that answers nonsense, or never: the reports are counted as dropped. What it
 * has put aside it need not do any more, and had better not count.
 */
async function abandon(
  { store, tasks, helper, log }: Services,
  job: AggregationJob,
  trouble: string,
  helperPath: string | null,
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
  if (helperPath === null) return;
  const { task, peer } = await tasks.byNumber(job.task);
  const collection = { kind: "aggregationJobs", taskId: task.id } as const;
  await helper.remove(peer, { collection, path: helperPath });
}
