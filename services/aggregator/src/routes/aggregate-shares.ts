/**
 * The helper's share of a batch [DAP-18, "Obtaining Aggregate Shares"]: given once, noised, and
 * given again unchanged to whoever asks the same.
 *
 * @module
 */
import {
  aggregationOf,
  checkBatchAgreement,
  DapProblem,
  type DapResource,
  mergeBatches,
  readAggregateShareReq,
} from "@sumus/dap";
import {
  type AggregateShareReq,
  type BatchSelector,
  encodeAggregateShare,
} from "@sumus/dap/messages";
import { readBody } from "@sumus/http";
import type { Store, Transaction } from "@sumus/storage";
import type { RandomBytes } from "@sumus/time";
import type { Access } from "../access.ts";
import type { Handler } from "../app.ts";
import {
  type BatchToCollect,
  markCollected,
  requireEnoughPeople,
  requireUncollected,
} from "../batch-check.ts";
import { SMALL_REQUEST_BYTES_MAX } from "../limits.ts";
import { drawNoise, sealNoised } from "../noised-share.ts";
import type { ServedTask, ServedTasks } from "../served-tasks.ts";
import { deleteSums, selectBatches } from "../store/accumulators.ts";
import { lockForCollection, selectCollected } from "../store/batches.ts";
import { bucketsOf, selectBatch } from "../store/selected-batches.ts";
import { deleteAnswer, insertAnswer, selectAnswer } from "../store/stored-answers.ts";
import { messageResponse, missingItem, requireMediaType, resourceId } from "./respond.ts";

interface Services {
  readonly store: Store;
  readonly tasks: ServedTasks;
  readonly randomBytes: RandomBytes;
  readonly requirePeer: Access["requirePeer"];
}

export function createAggregateShareHandler(services: Services): Handler {
  const { store, tasks, randomBytes, requirePeer } = services;
  return async (request, target) => {
    const served = await tasks.byId(target.taskId);
    requirePeer(request, served);
    requireMediaType(request, "aggregate-share-req");
    const body = await readBody(request, SMALL_REQUEST_BYTES_MAX);
    const shareRequest = readAggregateShareReq(served.task, body);
    const id = resourceId(served.task.id, body);
    const { aggParam } = shareRequest.collectionJobReq;
    const noise = drawNoise(served, aggregationOf(served.task, aggParam), randomBytes);
    const { response, isNew } = await store.transaction("share", (transaction) =>
      shareOnce(transaction, services, served, { id, shareRequest, noise }),
    );
    const location: DapResource = { kind: "aggregateShares", taskId: served.task.id, id };
    return messageResponse("aggregate-share", response, { status: isNew ? 201 : 200, location });
  };
}

async function shareOnce(
  transaction: Transaction,
  { randomBytes }: Services,
  served: ServedTask,
  input: { id: Uint8Array; shareRequest: AggregateShareReq; noise: Uint8Array },
): Promise<{ response: Uint8Array; isNew: boolean }> {
  const { number, task } = served;
  const { id, shareRequest, noise } = input;
  await lockForCollection(transaction, number);
  const stored = await selectAnswer(transaction, "aggregate_shares", number, id);
  if (stored !== undefined) return { response: stored, isNew: false };
  const { collectionJobReq, batchSelector } = shareRequest;
  const { buckets, selected } = await findBatch(transaction, number, batchSelector);
  const aggregation = aggregationOf(task, collectionJobReq.aggParam);
  const batch = mergeBatches(aggregation, await selectBatches(transaction, number, buckets));
  requireEnoughPeople(task, batch.reportCount);
  checkBatchAgreement(task, shareRequest, batch);
  const share = sealNoised(served, "helper", { batch, noise, collectionJobReq }, randomBytes);
  const response = encodeAggregateShare({ encryptedAggregateShare: share });
  await markCollected(transaction, number, { buckets, selected });
  await insertAnswer(transaction, "aggregate_shares", { task: number, id, response });
  await deleteSums(transaction, number, buckets);
  return { response, isNew: true };
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

export function getAggregateShareHandler(services: Services): Handler {
  const { store, tasks, requirePeer } = services;
  return async (request, target) => {
    const served = await tasks.byId(target.taskId);
    requirePeer(request, served);
    const { number } = served;
    const stored = await store.transaction("find aggregate share", (transaction) =>
      selectAnswer(transaction, "aggregate_shares", number, target.id),
    );
    if (stored === undefined) throw missingItem("aggregate share", target.id);
    return messageResponse("aggregate-share", stored);
  };
}

/** Forgets the share; its batch stays collected. */
export function deleteAggregateShareHandler(services: Services): Handler {
  const { store, tasks, requirePeer } = services;
  return async (request, target) => {
    const served = await tasks.byId(target.taskId);
    requirePeer(request, served);
    const { number } = served;
    const found = await store.transaction("delete aggregate share", (transaction) =>
      deleteAnswer(transaction, "aggregate_shares", number, target.id),
    );
    if (!found) throw missingItem("aggregate share", target.id);
    return new Response(null);
  };
}
