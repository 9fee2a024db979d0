/**
 * The helper's work on an aggregation job, one step at a time [DAP-18, "Helper Initialization",
 * "Helper Continuation"]: verify outside of a transaction, then commit and answer in one. The same
 * work is done while the leader waits, or later under a lease.
 *
 * @module
 */
import { encodeHex } from "@sumus/bytes";
import {
  type Aggregation,
  aggregationOf,
  DapProblem,
  decodeHelperPending,
  encodeHelperPending,
  type HelperOutcome,
  type HelperProgress,
  type HelperResponse,
  helperContinueReports,
  helperInitJob,
  helperRespond,
  isEager,
  isInside,
  matchContinuations,
  readAggregationJob,
  readContinuation,
  requestDigest,
} from "@sumus/dap";
import type { AggregationJobContinueReq, ReportError } from "@sumus/dap/messages";
import type { Store, Transaction } from "@sumus/storage";
import type { HpkeKeyring } from "../hpke-keys/keyring.ts";
import type { ServedTask, ServedTasks } from "../served-tasks.ts";
import { takeInSlices } from "../slices.ts";
import { addSums, sumByBucket } from "../store/accumulators.ts";
import { claimBuckets } from "../store/batch-parameters.ts";
import { lockForReports, requireUndeleted } from "../store/batches.ts";
import { addCounts, Tally } from "../store/counters.ts";
import {
  type HelperJobRow,
  selectHelperJob,
  storeFirstStep,
  storeFurtherStep,
} from "../store/helper-jobs.ts";
import { recordReportIds } from "../store/report-ids.ts";
import {
  bucketsOf,
  insertBatch,
  type SelectedBatch,
  selectBatch,
} from "../store/selected-batches.ts";
import type { Verifier } from "../verifier.ts";

interface Services {
  readonly store: Store;
  readonly tasks: ServedTasks;
  readonly keys: HpkeKeyring;
  readonly verifier: Verifier;
}

/** One request of the leader about one job. */
export interface JobRequest {
  readonly id: Uint8Array;
  readonly body: Uint8Array;
  /** When it came: the time by which reports are judged. */
  readonly nowSeconds: number;
  /** Of who works on it later. */
  readonly leaseToken: Uint8Array | undefined;
}

/** What the job's row says by now. */
export type JobAnswer = Pick<HelperJobRow, "step" | "response" | "problem">;

/** @throws {DapProblem} what concerns the job as a whole */
export async function answerFirstStep(
  { store, tasks, keys, verifier }: Services,
  served: ServedTask,
  request: JobRequest,
): Promise<JobAnswer> {
  const usual = tasks.aggregator(served, request.nowSeconds);
  const job = readAggregationJob(usual, request.body);
  await keys.refresh(
    job.verifyInits.map(({ reportShare }) => reportShare.encryptedInputShare.configId),
  );
  const { aggParam } = job;
  const aggregator = { ...usual, aggParam };
  const outcomes =
    job.refusal === undefined
      ? await verifier.helper(aggregator, job.verifyInits)
      : helperInitJob(aggregator, job);
  const aggregation = aggregationOf(served.task, aggParam);
  return await store.transaction("aggregate", async (transaction): Promise<JobAnswer> => {
    // The same request may have been answered while this one was computed.
    const stored = await selectHelperJob(transaction, served.number, request.id);
    if (stored?.problem === null && request.leaseToken === undefined) return stored;
    const batchId = job.batchId ?? null;
    const answer = await commitStep(transaction, served, aggregation, {
      outcomes,
      batchId,
      isFirst: true,
    });
    const { response } = answer;
    const states = encodeStates(aggregation, answer);
    const step = { task: served.number, id: request.id, response, aggParam, batchId, states };
    await storeFirstStep(transaction, step, request.leaseToken);
    return { step: 0, response, problem: null };
  });
}

/** How far a job has come. */
export function progressOf({ step, requestDigest: digest }: HelperJobRow): HelperProgress {
  return { step, requestDigest: digest ?? new Uint8Array() };
}

/**
 * @param row of the job as it was when the message was read
 * @throws {DapProblem} invalidMessage; stepMismatch when another message was quicker
 */
export async function answerFurtherStep(
  { store }: Pick<Services, "store">,
  served: ServedTask,
  request: Omit<JobRequest, "nowSeconds"> & { readonly message: AggregationJobContinueReq },
  row: HelperJobRow,
): Promise<JobAnswer> {
  const { id, body, leaseToken, message } = request;
  const aggregation = aggregationOf(served.task, row.aggParam);
  const pending = row.states === null ? [] : decodeHelperPending(aggregation, row.states);
  const continuations = matchContinuations(pending, message);
  const outcomes = await takeInSlices(helperContinueReports(aggregation, continuations));
  return await store.transaction("continue", async (transaction): Promise<JobAnswer> => {
    if (leaseToken === undefined) {
      const now = await selectHelperJob(transaction, served.number, id, "FOR UPDATE");
      if (now === undefined) throw unrecognizedJob();
      // Another replica may have answered the same message meanwhile.
      if (readContinuation(progressOf(now), body) === "replay") return now;
    }
    const input = { outcomes, batchId: row.batchId, isFirst: false };
    const answer = await commitStep(transaction, served, aggregation, input);
    const { response } = answer;
    const states = encodeStates(aggregation, answer);
    const reached = { step: message.step, requestDigest: requestDigest(body) };
    const job = { task: served.number, id, response, states };
    await storeFurtherStep(transaction, job, reached, leaseToken);
    return { step: message.step, response, problem: null };
  });
}

function encodeStates(aggregation: Aggregation, { pending }: HelperResponse): Uint8Array | null {
  return pending.length === 0 ? null : encodeHelperPending(aggregation, pending);
}

/** Commits what is verified, and counts it and what is refused. */
async function commitStep(
  transaction: Transaction,
  served: ServedTask,
  aggregation: Aggregation,
  input: {
    readonly outcomes: readonly HelperOutcome[];
    readonly batchId: Uint8Array | null;
    readonly isFirst: boolean;
  },
): Promise<HelperResponse> {
  const { number, task } = served;
  const { outcomes, batchId, isFirst } = input;
  const locked = (await lockForReports(transaction, [number])).get(number);
  requireUndeleted(locked?.state);
  const collected = locked?.collected ?? [];
  const batch = batchId === null ? undefined : await selectBatch(transaction, number, batchId);
  const isCollected = (time: number): boolean =>
    batch?.isCollected ?? collected.some((interval) => isInside(time, interval));
  const committable = outcomes.filter((outcome) => outcome.ok && !isCollected(outcome.time));
  // Why in the first step: whatever becomes of this job, no other verifies the same report.
  const fresh = isFirst ? await recordFresh(transaction, number, committable) : undefined;
  const hasFresh = fresh !== undefined && fresh.size > 0;
  const into = await openBatch(transaction, number, batchId, batch, hasFresh);
  if (isFirst && !isEager(task)) {
    await claimBatches(transaction, served, aggregation.aggParam, { committable, into });
  }
  const commitError = (reportId: Uint8Array, time: number): ReportError | undefined => {
    if (isCollected(time)) return "batch_collected";
    return fresh?.has(encodeHex(reportId)) === false ? "report_replayed" : undefined;
  };
  const answer = helperRespond(task, outcomes, commitError);
  const { vdaf } = aggregation;
  await addSums(transaction, { number, vdaf }, sumByBucket(aggregation, answer.committed, into));
  const tally = new Tally();
  tally.add(number, "accepted", answer.committed.length);
  for (const { error } of answer.refused) tally.add(number, error);
  await addCounts(transaction, tally);
  return answer;
}

/** The ids of those reports that no job had before, in hexadecimal. */
async function recordFresh(
  transaction: Transaction,
  task: number,
  reports: readonly { readonly reportId: Uint8Array; readonly time: number }[],
): Promise<ReadonlySet<string>> {
  const areNew = await recordReportIds(
    transaction,
    reports.map(({ reportId, time }) => ({ task, reportId, bucket: time })),
  );
  return new Set(
    reports.filter((_, place) => areNew[place]).map(({ reportId }) => encodeHex(reportId)),
  );
}

/** In leader-selected mode the batch that reports go to, which begins with its first report. */
async function openBatch(
  transaction: Transaction,
  task: number,
  batchId: Uint8Array | null,
  batch: SelectedBatch | undefined,
  hasFresh: boolean,
): Promise<SelectedBatch | undefined> {
  if (batchId === null || batch !== undefined || !hasFresh) return batch;
  return await insertBatch(transaction, task, batchId);
}

/** @throws {DapProblem} invalidAggregationParameter when a batch of these has another parameter */
async function claimBatches(
  transaction: Transaction,
  { number: task }: ServedTask,
  aggParam: Uint8Array,
  input: {
    readonly committable: readonly { readonly time: number }[];
    readonly into: SelectedBatch | undefined;
  },
): Promise<void> {
  const { committable, into } = input;
  const buckets =
    into === undefined
      ? [...new Set(committable.map(({ time }) => time))].map((start) => ({ start, duration: 1 }))
      : [bucketsOf(into)];
  for (const bucket of buckets) {
    await claimBuckets(transaction, { task, aggParam, buckets: bucket, sizeMax: null });
  }
}

export function unrecognizedJob(): DapProblem {
  return new DapProblem(
    "unrecognizedAggregationJob",
    "expected an aggregation job of this task, got another id; it may be deleted",
  );
}
