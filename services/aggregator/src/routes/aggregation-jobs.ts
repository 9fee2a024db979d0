/**
 * The helper's side of aggregation [DAP-18, "Helper Initialization"], synchronous: the answer comes
 * with the request. One transaction commits the job; a request that was answered before gets the
 * same answer.
 *
 * @module
 */
import { encodeHex } from "@sumus/bytes";
import {
  aggregationOf,
  DapProblem,
  type DapResource,
  type HelperOutcome,
  helperInitJob,
  helperRespond,
  isInside,
  readAggregationJob,
} from "@sumus/dap";
import type { ReportError } from "@sumus/dap/messages";
import { readBody } from "@sumus/http";
import type { Store, Transaction } from "@sumus/storage";
import type { Clock } from "@sumus/time";
import type { Access } from "../access.ts";
import type { Handler } from "../app.ts";
import type { HpkeKeyring } from "../hpke-keys/keyring.ts";
import { AGGREGATION_BYTES_MAX } from "../limits.ts";
import type { ServedTask, ServedTasks } from "../served-tasks.ts";
import { addSums, sumByBucket } from "../store/accumulators.ts";
import { lockForReports, requireUndeleted } from "../store/batches.ts";
import { addCounts, Tally } from "../store/counters.ts";
import { recordReportIds } from "../store/report-ids.ts";
import { insertBatch, selectBatch } from "../store/selected-batches.ts";
import { deleteAnswer, insertAnswer, selectAnswer } from "../store/stored-answers.ts";
import type { Verifier } from "../verifier.ts";
import { messageResponse, requireMediaType, resourceId } from "./respond.ts";

interface Services {
  readonly store: Store;
  readonly tasks: ServedTasks;
  readonly keys: HpkeKeyring;
  readonly clock: Clock;
  readonly verifier: Verifier;
  readonly requirePeer: Access["requirePeer"];
}

export function createAggregationJobHandler(services: Services): Handler {
  const { store, tasks, keys, clock, verifier, requirePeer } = services;
  return async (request, target) => {
    const served = await tasks.byId(target.taskId);
    requirePeer(request, served);
    requireMediaType(request, "aggregation-job-init-req");
    const body = await readBody(request, AGGREGATION_BYTES_MAX);
    const id = resourceId(served.task.id, body);
    const location: DapResource = { kind: "aggregationJobs", taskId: served.task.id, id };
    const stored = await store.transaction("find aggregation job", (transaction) =>
      selectAnswer(transaction, "helper_jobs", served.number, id),
    );
    if (stored !== undefined) return messageResponse("aggregation-job-resp", stored, { location });

    const aggregator = tasks.aggregator(served, clock.nowSeconds());
    const job = readAggregationJob(aggregator, body);
    await keys.refresh(
      job.verifyInits.map(({ reportShare }) => reportShare.encryptedInputShare.configId),
    );
    const outcomes =
      job.refusal === undefined
        ? await verifier.helper(aggregator, job.verifyInits)
        : helperInitJob(aggregator, job);
    const response = await store.transaction("aggregate", (transaction) =>
      commitJob(transaction, served, { id, outcomes, batchId: job.batchId }),
    );
    return messageResponse("aggregation-job-resp", response, { status: 201, location });
  };
}

/** Commits what was verified, and stores the answer beside it. */
async function commitJob(
  transaction: Transaction,
  served: ServedTask,
  input: {
    readonly id: Uint8Array;
    readonly outcomes: readonly HelperOutcome[];
    readonly batchId: Uint8Array | undefined;
  },
): Promise<Uint8Array> {
  const { number, task } = served;
  const { id, outcomes, batchId } = input;
  // The same request may have been answered while this one was computed.
  const stored = await selectAnswer(transaction, "helper_jobs", number, id);
  if (stored !== undefined) return stored;
  const locked = (await lockForReports(transaction, [number])).get(number);
  requireUndeleted(locked?.state);
  const collected = locked?.collected ?? [];
  const batch = batchId && (await selectBatch(transaction, number, batchId));
  const isCollected = (time: number): boolean =>
    batch?.isCollected ?? collected.some((interval) => isInside(time, interval));
  const committable = outcomes.filter((outcome) => outcome.ok && !isCollected(outcome.time));
  const areNew = await recordReportIds(
    transaction,
    committable.map(({ reportId }) => ({ task: number, reportId })),
  );
  const fresh = new Set(
    committable.filter((_, place) => areNew[place]).map(({ reportId }) => encodeHex(reportId)),
  );
  const commitError = (reportId: Uint8Array, time: number): ReportError | undefined => {
    if (isCollected(time)) return "batch_collected";
    return fresh.has(encodeHex(reportId)) ? undefined : "report_replayed";
  };
  const { response, committed, refused } = helperRespond(task, outcomes, commitError);
  if (committed.length > 0) {
    const aggregation = aggregationOf(task);
    const { vdaf } = aggregation;
    const into = batch ?? (batchId && (await insertBatch(transaction, number, batchId)));
    await addSums(transaction, { number, vdaf }, sumByBucket(aggregation, committed, into));
  }
  const tally = new Tally();
  tally.add(number, "accepted", committed.length);
  for (const { error } of refused) tally.add(number, error);
  await addCounts(transaction, tally);
  await insertAnswer(transaction, "helper_jobs", { task: number, id, response });
  return response;
}

export function getAggregationJobHandler(services: Services): Handler {
  const { store, tasks, requirePeer } = services;
  return async (request, target) => {
    const served = await tasks.byId(target.taskId);
    requirePeer(request, served);
    const { number } = served;
    const stored = await store.transaction("find aggregation job", (transaction) =>
      selectAnswer(transaction, "helper_jobs", number, target.id),
    );
    if (stored === undefined) throw unrecognizedJob();
    return messageResponse("aggregation-job-resp", stored);
  };
}

/** Forgets the answer, never the reports: sent again, they are replays. */
export function deleteAggregationJobHandler(services: Services): Handler {
  const { store, tasks, requirePeer } = services;
  return async (request, target) => {
    const served = await tasks.byId(target.taskId);
    requirePeer(request, served);
    const { number } = served;
    const found = await store.transaction("delete aggregation job", (transaction) =>
      deleteAnswer(transaction, "helper_jobs", number, target.id),
    );
    if (!found) throw unrecognizedJob();
    return new Response(null);
  };
}

function unrecognizedJob(): DapProblem {
  return new DapProblem(
    "unrecognizedAggregationJob",
    "expected an aggregation job of this task, got another id; it may be deleted",
  );
}
