/**
 * The collector's side of the leader [DAP-18, "Collection Job Initialization"], asynchronous: a job
 * is created at once, and asked for until it is ready.
 *
 * @module
 */
import { unreachable } from "@sumus/assert";
import { DapProblem, type DapResource, isEager, readCollectionJob } from "@sumus/dap";
import { BATCH_ID_BYTES, type CollectionJobReq, RESOURCE_ID_BYTES } from "@sumus/dap/messages";
import { readBody } from "@sumus/http";
import type { Store, Transaction } from "@sumus/storage";
import type { RandomBytes } from "@sumus/time";
import type { Access } from "../access.ts";
import type { Handler } from "../app.ts";
import { readReadiness, requireUncollected, tooFewPeople } from "../batch-check.ts";
import { PARAMETER_REQUEST_BYTES_MAX } from "../limits.ts";
import { readStoredProblem } from "../problems.ts";
import type { ServedTask, ServedTasks } from "../served-tasks.ts";
import { claimBuckets } from "../store/batch-parameters.ts";
import { lockForCollection, selectCollected } from "../store/batches.ts";
import {
  type CollectionJobRow,
  deleteCollectionJob,
  insertCollectionJob,
  restCollectionJob,
  selectCollectionJob,
  selectCollectionJobId,
  wakeCollectionJob,
} from "../store/collection-jobs.ts";
import { bucketsOf, insertBatch, selectForsakenBatch } from "../store/selected-batches.ts";
import {
  laterResponse,
  messageResponse,
  missingItem,
  requireMediaType,
  resourceId,
} from "./respond.ts";

const RETRY_AFTER_SECONDS = 1;

interface Services {
  readonly store: Store;
  readonly tasks: ServedTasks;
  readonly requireCollector: Access["requireCollector"];
  readonly randomBytes: RandomBytes;
  /** Makes the job loop look at once. */
  readonly wake: () => void;
}

export function createCollectionJobHandler(services: Services): Handler {
  const { store, tasks, requireCollector, wake, randomBytes } = services;
  return async (request, target) => {
    const served = await tasks.byId(target.taskId);
    requireCollector(request, served);
    requireMediaType(request, "collection-job-req");
    const body = await readBody(request, PARAMETER_REQUEST_BYTES_MAX);
    const question = readCollectionJob(served.task, body);
    const newId = randomBytes(RESOURCE_ID_BYTES);
    const newBatchId = randomBytes(BATCH_ID_BYTES);
    const { id, view } = await store.transaction("create collection job", (transaction) =>
      createOnce(transaction, served, { question, body, newId, newBatchId }),
    );
    wake();
    const location: DapResource = { kind: "collectionJobs", taskId: served.task.id, id };
    if (view === undefined) return laterResponse(RETRY_AFTER_SECONDS, { status: 201, location });
    return respond(view, location);
  };
}

/** The job of this request, and what it says now unless it is new. @throws {DapProblem} */
async function createOnce(
  transaction: Transaction,
  served: ServedTask,
  input: {
    readonly question: CollectionJobReq;
    readonly body: Uint8Array;
    readonly newId: Uint8Array;
    readonly newBatchId: Uint8Array;
  },
): Promise<{ readonly id: Uint8Array; readonly view: JobView | undefined }> {
  const { number, task } = served;
  const { question, body, newId } = input;
  const { query } = question;
  let id = resourceId(task.id, body);
  // Why: two collectors may name parameters for the same batch at once.
  if (query.batchMode === "leader_selected" || !isEager(task)) {
    await lockForCollection(transaction, number);
  }
  if (query.batchMode === "leader_selected") {
    // Why: every question for the next batch is the same, so its job goes by a name of its own, and
    // the lock keeps another replica from answering the question with another job.
    id = (await selectCollectionJobId(transaction, number, body)) ?? newId;
  }
  const existing = await selectCollectionJob(transaction, number, id);
  if (existing !== undefined && existing.state !== "deleted") {
    return { id, view: await viewJob(transaction, served, id, existing) };
  }
  if (query.batchMode === "time_interval") {
    requireUncollected(await selectCollected(transaction, number), query.batchInterval);
  }
  const batch = isEager(task) ? null : await claimBatch(transaction, served, input);
  await insertCollectionJob(transaction, { task: number, id, request: body, batch });
  return { id, view: undefined };
}

/**
 * Gives the batch that is asked for its aggregation parameter, so that reports are aggregated for
 * it. In leader-selected mode the batch is chosen now, and its ordinal is returned.
 *
 * @throws {DapProblem} invalidAggregationParameter
 */
async function claimBatch(
  transaction: Transaction,
  { number: task, task: { configuration } }: ServedTask,
  { question, newBatchId }: { question: CollectionJobReq; newBatchId: Uint8Array },
): Promise<number | null> {
  const { query, aggParam } = question;
  if (query.batchMode === "time_interval") {
    const buckets = query.batchInterval;
    await claimBuckets(transaction, { task, aggParam, buckets, sizeMax: null });
    return null;
  }
  const batch =
    (await selectForsakenBatch(transaction, task, aggParam)) ??
    (await insertBatch(transaction, task, newBatchId));
  const sizeMax = configuration.minBatchSize;
  await claimBuckets(transaction, { task, aggParam, buckets: bucketsOf(batch), sizeMax });
  return batch.ordinal;
}

export function getCollectionJobHandler(services: Services): Handler {
  const { store, tasks, requireCollector, wake } = services;
  return async (request, target) => {
    const served = await tasks.byId(target.taskId);
    requireCollector(request, served);
    const view = await store.transaction("view collection job", async (transaction) => {
      const row = await selectCollectionJob(transaction, served.number, target.id);
      if (row === undefined || row.state === "deleted") return undefined;
      return await viewJob(transaction, served, target.id, row);
    });
    if (view === undefined) throw missingItem("collection job", target.id);
    if (view.kind === "later") wake();
    return respond(view);
  };
}

export function deleteCollectionJobHandler(services: Services): Handler {
  const { store, tasks, requireCollector } = services;
  return async (request, target) => {
    const served = await tasks.byId(target.taskId);
    requireCollector(request, served);
    const { number } = served;
    const found = await store.transaction("delete collection job", (transaction) =>
      deleteCollectionJob(transaction, number, target.id),
    );
    if (!found) throw missingItem("collection job", target.id);
    return new Response(null);
  };
}

/** What the collector hears now. */
type JobView =
  | { readonly kind: "later" }
  | { readonly kind: "ready"; readonly response: Uint8Array }
  | { readonly kind: "problem"; readonly problem: DapProblem };

async function viewJob(
  transaction: Transaction,
  served: ServedTask,
  id: Uint8Array,
  row: CollectionJobRow,
): Promise<JobView> {
  if (row.response !== null) return { kind: "ready", response: row.response };
  if (row.problem !== null) return { kind: "problem", problem: readStoredProblem(row.problem) };
  if (row.state === "asking") return { kind: "later" };
  const request = readCollectionJob(served.task, row.request);
  const problem = await problemNow(transaction, served, request, row.batch);
  // Asking is what wakes a job that rests; being told of too few people is what makes it rest.
  if (problem?.type === "invalidBatchSize") await restCollectionJob(transaction, served.number, id);
  else await wakeCollectionJob(transaction, served.number, id);
  return problem === undefined ? { kind: "later" } : { kind: "problem", problem };
}

/** Why the batch cannot be collected as it is, once nothing of it is on its way any more. */
async function problemNow(
  transaction: Transaction,
  served: ServedTask,
  request: CollectionJobReq,
  promised: number | null,
): Promise<DapProblem | undefined> {
  try {
    const readiness = await readReadiness(transaction, served, request.query, promised);
    if (readiness.kind !== "tooFew") return undefined;
    return tooFewPeople(served.task.configuration, readiness.reportCount);
  } catch (error) {
    if (!(error instanceof DapProblem)) throw error;
    return error;
  }
}

function respond(view: JobView, location?: DapResource): Response {
  const where = location === undefined ? {} : { location };
  switch (view.kind) {
    case "ready":
      return messageResponse("collection-job-resp", view.response, where);
    case "later":
      return laterResponse(RETRY_AFTER_SECONDS, where);
    case "problem":
      throw view.problem;
    default:
      return unreachable(view);
  }
}
