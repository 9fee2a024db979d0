/**
 * The helper's share of a batch [DAP-18, "Obtaining Aggregate Shares"]: noised and given once, while
 * the leader waits, or later under a lease.
 *
 * @module
 */
import {
  aggregationOf,
  checkBatchAgreement,
  DapProblem,
  isEager,
  mergeBatches,
  readAggregateShareReq,
} from "@sumus/dap";
import {
  type AggregateShareReq,
  type BatchSelector,
  encodeAggregateShare,
  type Interval,
} from "@sumus/dap/messages";
import type { Store, Transaction } from "@sumus/storage";
import type { Clock, RandomBytes } from "@sumus/time";
import {
  type BatchToCollect,
  markCollected,
  requireEnoughPeople,
  requireUncollected,
} from "../batch-check.ts";
import { drawNoise, sealNoised } from "../noised-share.ts";
import type { ServedTask } from "../served-tasks.ts";
import { deleteSums, selectBatches } from "../store/accumulators.ts";
import { hasOtherParameter } from "../store/batch-parameters.ts";
import { lockForCollection, selectCollected } from "../store/batches.ts";
import { bucketsOf, selectBatch } from "../store/selected-batches.ts";
import { type StoredAnswer, selectAnswer, storeAnswer } from "../store/stored-answers.ts";

interface Services {
  readonly store: Store;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
}

/** The leader's request for a share. */
export interface ShareRequest {
  readonly id: Uint8Array;
  readonly body: Uint8Array;
  /** Of who works on it later. */
  readonly leaseToken: Uint8Array | undefined;
}

/** @throws {DapProblem} */
export async function answerShare(
  { store, ...services }: Services,
  served: ServedTask,
  request: ShareRequest,
): Promise<StoredAnswer> {
  const { number, task } = served;
  const { id, leaseToken } = request;
  const message = readAggregateShareReq(task, request.body);
  const aggregation = aggregationOf(task, message.collectionJobReq.aggParam);
  const noise = drawNoise(served, aggregation, services.randomBytes);
  return await store.transaction("share", async (transaction): Promise<StoredAnswer> => {
    await lockForCollection(transaction, number);
    const stored = await selectAnswer(transaction, "aggregate_shares", { task: number, id });
    if (stored?.problem === null && leaseToken === undefined) return stored;
    const response = await share(transaction, services, served, { message, noise });
    await storeAnswer(transaction, "aggregate_shares", { task: number, id, response }, leaseToken);
    return { response, problem: null };
  });
}

/** Marks the batch collected, and forgets its exact sums. */
async function share(
  transaction: Transaction,
  { clock, randomBytes }: Omit<Services, "store">,
  served: ServedTask,
  { message, noise }: { message: AggregateShareReq; noise: Uint8Array },
): Promise<Uint8Array> {
  const { number, task } = served;
  const { collectionJobReq, batchSelector } = message;
  const { buckets, selected } = await findBatch(transaction, number, batchSelector);
  const aggregation = aggregationOf(task, collectionJobReq.aggParam);
  if (!isEager(task)) await requireParameter(transaction, number, buckets, aggregation.aggParam);
  const batch = mergeBatches(aggregation, await selectBatches(transaction, number, buckets));
  requireEnoughPeople(task, batch.reportCount);
  checkBatchAgreement(task, message, batch);
  const sealed = sealNoised(served, "helper", { batch, noise, collectionJobReq }, randomBytes);
  await markCollected(transaction, served, { buckets, selected }, clock.nowSeconds());
  await deleteSums(transaction, number, buckets);
  return encodeAggregateShare({ encryptedAggregateShare: sealed });
}

/** @throws {DapProblem} invalidMessage */
async function requireParameter(
  transaction: Transaction,
  task: number,
  buckets: Interval,
  aggParam: Uint8Array,
): Promise<void> {
  if (!(await hasOtherParameter(transaction, task, buckets, aggParam))) return;
  throw new DapProblem(
    "invalidMessage",
    "expected the aggregation parameter that the batch was aggregated with, got another",
  );
}

/** @throws {DapProblem} batchOverlap when it is collected, batchInvalid when it is unknown */
async function findBatch(
  transaction: Transaction,
  task: number,
  selector: BatchSelector,
): Promise<BatchToCollect> {
  if (selector.batchMode === "time_interval") {
    const buckets = selector.batchInterval;
    requireUncollected(await selectCollected(transaction, task), buckets);
    return { buckets, selected: undefined };
  }
  const selected = await selectBatch(transaction, task, selector.batchId);
  if (selected === undefined) {
    throw new DapProblem("batchInvalid", "expected a batch with accepted reports, got another id");
  }
  if (selected.isCollected) {
    throw new DapProblem("batchOverlap", "expected a batch that was not collected before");
  }
  return { buckets: bucketsOf(selected), selected };
}
