/**
 * The helper's side of aggregate shares [DAP-18, "Obtaining Aggregate Shares"]: given once, and
 * given again unchanged to whoever asks the same.
 *
 * @module
 */
import { type DapResource, readAggregateShareReq } from "@sumus/dap";
import { readBody } from "@sumus/http";
import type { Store } from "@sumus/storage";
import type { Clock, RandomBytes } from "@sumus/time";
import type { Access } from "../access.ts";
import type { Handler } from "../app.ts";
import { answerShare } from "../jobs/helper-share.ts";
import { PARAMETER_REQUEST_BYTES_MAX } from "../limits.ts";
import { readStoredProblem } from "../problems.ts";
import type { ServedTask, ServedTasks } from "../served-tasks.ts";
import {
  deferRequest,
  deleteAnswer,
  type StoredAnswer,
  selectAnswer,
} from "../store/stored-answers.ts";
import { requireRoomForDeferred } from "./deferred-limit.ts";
import {
  DEFERRED_RETRY_SECONDS,
  laterResponse,
  messageResponse,
  missingItem,
  requireMediaType,
  resourceId,
} from "./respond.ts";

interface Services {
  readonly store: Store;
  readonly tasks: ServedTasks;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  readonly requirePeer: Access["requirePeer"];
  readonly answersLater: boolean;
  /** Makes the job loop look at once. */
  readonly wake: () => void;
}

export function createAggregateShareHandler(services: Services): Handler {
  const { store, tasks, requirePeer, answersLater } = services;
  return async (request, target) => {
    const served = await tasks.byId(target.taskId);
    requirePeer(request, served);
    requireMediaType(request, "aggregate-share-req");
    const body = await readBody(request, PARAMETER_REQUEST_BYTES_MAX);
    const id = resourceId(served.task.id, body);
    const stored = await store.transaction("find aggregate share", (transaction) =>
      selectAnswer(transaction, "aggregate_shares", { task: served.number, id }),
    );
    if (stored !== undefined && stored.problem === null) return respond(served, id, stored);
    const answer = answersLater
      ? await deferShare(services, served, id, body)
      : await answerShare(services, served, { id, body, leaseToken: undefined });
    return respond(served, id, answer, 201);
  };
}

/** @throws {DapProblem} what can be told at once */
async function deferShare(
  { store, clock, wake }: Services,
  served: ServedTask,
  id: Uint8Array,
  body: Uint8Array,
): Promise<StoredAnswer> {
  readAggregateShareReq(served.task, body);
  const key = { task: served.number, id };
  await store.transaction("defer aggregate share", async (transaction) => {
    await requireRoomForDeferred(transaction, "aggregate_shares");
    await deferRequest(transaction, "aggregate_shares", key, body, clock.nowSeconds());
  });
  wake();
  return { response: null, problem: null };
}

export function getAggregateShareHandler(services: Services): Handler {
  const { store, tasks, requirePeer } = services;
  return async (request, target) => {
    const served = await tasks.byId(target.taskId);
    requirePeer(request, served);
    const stored = await store.transaction("find aggregate share", (transaction) =>
      selectAnswer(transaction, "aggregate_shares", { task: served.number, id: target.id }),
    );
    if (stored === undefined) throw missingItem("aggregate share", target.id);
    return respond(served, target.id, stored);
  };
}

/** Forgets the share; its batch stays collected. */
export function deleteAggregateShareHandler(services: Services): Handler {
  const { store, tasks, requirePeer } = services;
  return async (request, target) => {
    const served = await tasks.byId(target.taskId);
    requirePeer(request, served);
    const found = await store.transaction("delete aggregate share", (transaction) =>
      deleteAnswer(transaction, "aggregate_shares", { task: served.number, id: target.id }),
    );
    if (!found) throw missingItem("aggregate share", target.id);
    return new Response(null);
  };
}

/** @throws {DapProblem} with which the request failed */
function respond(
  { task }: ServedTask,
  id: Uint8Array,
  { response, problem }: StoredAnswer,
  status = 200,
): Response {
  if (problem !== null) throw readStoredProblem(problem);
  const location: DapResource = { kind: "aggregateShares", taskId: task.id, id };
  return response === null
    ? laterResponse(DEFERRED_RETRY_SECONDS, { status, location })
    : messageResponse("aggregate-share", response, { status, location });
}
