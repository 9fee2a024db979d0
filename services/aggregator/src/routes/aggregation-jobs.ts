/**
 * The helper's side of aggregation jobs [DAP-18, "Verifying and Aggregating Reports"]. A request is
 * answered while the leader waits, or put aside for the job loop; one that was answered before gets
 * the same answer.
 *
 * @module
 */
import {
  DapProblem,
  type DapResource,
  readAggregationJob,
  readContinuation,
  requestDigest,
} from "@sumus/dap";
import { readBody } from "@sumus/http";
import type { Store } from "@sumus/storage";
import type { Clock } from "@sumus/time";
import type { Access } from "../access.ts";
import type { Handler } from "../app.ts";
import type { HpkeKeyring } from "../hpke-keys/keyring.ts";
import {
  answerFirstStep,
  answerFurtherStep,
  type JobAnswer,
  progressOf,
  unrecognizedJob,
} from "../jobs/helper-aggregation.ts";
import { AGGREGATION_BYTES_MAX } from "../limits.ts";
import { readStoredProblem } from "../problems.ts";
import type { ServedTask, ServedTasks } from "../served-tasks.ts";
import { deferFurtherStep, selectHelperJob } from "../store/helper-jobs.ts";
import { deferRequest, deleteAnswer } from "../store/stored-answers.ts";
import type { Verifier } from "../verifier.ts";
import { requireRoomForDeferred } from "./deferred-limit.ts";
import {
  DEFERRED_RETRY_SECONDS,
  laterResponse,
  messageResponse,
  requireMediaType,
  resourceId,
} from "./respond.ts";

interface Services {
  readonly store: Store;
  readonly tasks: ServedTasks;
  readonly keys: HpkeKeyring;
  readonly clock: Clock;
  readonly verifier: Verifier;
  readonly requirePeer: Access["requirePeer"];
  readonly answersLater: boolean;
  /** Makes the job loop look at once. */
  readonly wake: () => void;
}

export function createAggregationJobHandler(services: Services): Handler {
  const { store, tasks, clock, requirePeer, answersLater } = services;
  return async (request, target) => {
    const served = await tasks.byId(target.taskId);
    requirePeer(request, served);
    requireMediaType(request, "aggregation-job-init-req");
    const body = await readBody(request, AGGREGATION_BYTES_MAX);
    const id = resourceId(served.task.id, body);
    const stored = await store.transaction("find aggregation job", (transaction) =>
      selectHelperJob(transaction, served.number, id),
    );
    if (stored !== undefined && stored.problem === null) return respond(served, id, stored);
    const nowSeconds = clock.nowSeconds();
    const answer = answersLater
      ? await deferFirstStep(services, served, { id, body, nowSeconds })
      : await answerFirstStep(services, served, { id, body, nowSeconds, leaseToken: undefined });
    return respond(served, id, answer, 201);
  };
}

/** @throws {DapProblem} what can be told at once */
async function deferFirstStep(
  { store, tasks, wake }: Services,
  served: ServedTask,
  { id, body, nowSeconds }: { id: Uint8Array; body: Uint8Array; nowSeconds: number },
): Promise<JobAnswer> {
  readAggregationJob(tasks.aggregator(served, nowSeconds), body);
  await store.transaction("defer aggregation job", async (transaction) => {
    await requireRoomForDeferred(transaction, "helper_jobs");
    await deferRequest(transaction, "helper_jobs", { task: served.number, id }, body, nowSeconds);
  });
  wake();
  return { step: 0, response: null, problem: null };
}

export function continueAggregationJobHandler(services: Services): Handler {
  const { store, tasks, requirePeer, answersLater } = services;
  return async (request, target) => {
    const served = await tasks.byId(target.taskId);
    requirePeer(request, served);
    requireMediaType(request, "aggregation-job-continue-req");
    const body = await readBody(request, AGGREGATION_BYTES_MAX);
    const { id } = target;
    if (answersLater) return respond(served, id, await deferStep(services, served, id, body));
    const row = await store.transaction("find aggregation job", (transaction) =>
      selectHelperJob(transaction, served.number, id),
    );
    if (row === undefined) throw unrecognizedJob();
    const message = readContinuation(progressOf(row), body);
    if (message === "replay") return respond(served, id, row);
    requireAnswered(row);
    const work = { id, body, message, leaseToken: undefined };
    return respond(served, id, await answerFurtherStep(services, served, work, row));
  };
}

/** @throws {DapProblem} stepMismatch, invalidMessage, unrecognizedAggregationJob */
async function deferStep(
  { store, wake }: Services,
  served: ServedTask,
  id: Uint8Array,
  body: Uint8Array,
): Promise<JobAnswer> {
  const task = served.number;
  const answer = await store.transaction("defer continuation", async (transaction) => {
    const row = await selectHelperJob(transaction, task, id, "FOR UPDATE");
    if (row === undefined) throw unrecognizedJob();
    const message = readContinuation(progressOf(row), body);
    if (message === "replay") return row;
    requireAnswered(row);
    const reached = { step: message.step, requestDigest: requestDigest(body) };
    await deferFurtherStep(transaction, { task, id }, reached, body);
    return { step: message.step, response: null, problem: null };
  });
  wake();
  return answer;
}

/** The leader goes on with an answer that it cannot have. @throws {DapProblem} stepMismatch */
function requireAnswered({ step, response }: JobAnswer): void {
  if (response !== null) return;
  throw new DapProblem("stepMismatch", `expected to be asked for the answer of step ${step} first`);
}

export function getAggregationJobHandler(services: Services): Handler {
  const { store, tasks, requirePeer } = services;
  return async (request, target) => {
    const served = await tasks.byId(target.taskId);
    requirePeer(request, served);
    const row = await store.transaction("find aggregation job", (transaction) =>
      selectHelperJob(transaction, served.number, target.id),
    );
    if (row === undefined) throw unrecognizedJob();
    const step = new URL(request.url).searchParams.get("step");
    if (step !== null && step !== String(row.step)) {
      throw new DapProblem("stepMismatch", `expected step ${row.step}, got another`);
    }
    return respond(served, target.id, row);
  };
}

/** Forgets the answer, never the reports: sent again, they are replays. */
export function deleteAggregationJobHandler(services: Services): Handler {
  const { store, tasks, requirePeer } = services;
  return async (request, target) => {
    const served = await tasks.byId(target.taskId);
    requirePeer(request, served);
    const found = await store.transaction("delete aggregation job", (transaction) =>
      deleteAnswer(transaction, "helper_jobs", { task: served.number, id: target.id }),
    );
    if (!found) throw unrecognizedJob();
    return new Response(null);
  };
}

/** @throws {DapProblem} with which the job failed */
function respond(
  { task }: ServedTask,
  id: Uint8Array,
  { step, response, problem }: JobAnswer,
  status = 200,
): Response {
  if (problem !== null) throw readStoredProblem(problem);
  const location: DapResource = { kind: "aggregationJobs", taskId: task.id, id };
  return response === null
    ? laterResponse(DEFERRED_RETRY_SECONDS, { status, location, step })
    : messageResponse("aggregation-job-resp", response, { status, location });
}
