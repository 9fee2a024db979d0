/**
 * The collector's side of the leader [DAP-18, "Collection Job Initialization"], asynchronous: a job
 * is created at once, and asked for until it is ready.
 *
 * @module
 */
import { unreachable } from "@sumus/assert";
import { DapProblem, type DapResource, parseProblemDocument, readCollectionJob } from "@sumus/dap";
import { type CollectionJobReq, type Query, RESOURCE_ID_BYTES } from "@sumus/dap/messages";
import { readBody } from "@sumus/http";
import type { Store, Transaction } from "@sumus/storage";
import type { RandomBytes } from "@sumus/time";
import type { Access } from "../access.ts";
import type { Handler } from "../app.ts";
import { readReadiness, requireUncollected, tooFewPeople } from "../batch-check.ts";
import { SMALL_REQUEST_BYTES_MAX } from "../limits.ts";
import type { ServedTask, ServedTasks } from "../served-tasks.ts";
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
    const body = await readBody(request, SMALL_REQUEST_BYTES_MAX);
    const { query } = readCollectionJob(served.task, body);
    const newId = randomBytes(RESOURCE_ID_BYTES);
    const { id, view } = await store.transaction("create collection job", (transaction) =>
      createOnce(transaction, served, { query, body, newId }),
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
  { query, body, newId }: { query: Query; body: Uint8Array; newId: Uint8Array },
): Promise<{ readonly id: Uint8Array; readonly view: JobView | undefined }> {
  const { number, task } = served;
  let id = resourceId(task.id, body);
  if (query.batchMode === "leader_selected") {
    // Why: every question for the next batch is the same, so its job goes by a name of its own, and
    // the lock keeps another replica from answering the question with another job.
    await lockForCollection(transaction, number);
    id = (await selectCollectionJobId(transaction, number, body)) ?? newId;
  }
  const existing = await selectCollectionJob(transaction, number, id);
  if (existing !== undefined && existing.state !== "deleted") {
    return { id, view: await viewJob(transaction, served, id, existing) };
  }
  if (query.batchMode === "time_interval") {
    requireUncollected(await selectCollected(transaction, number), query.batchInterval);
  }
  await insertCollectionJob(transaction, { task: number, id, request: body });
  return { id, view: undefined };
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
  if (row.problem !== null) return { kind: "problem", problem: readProblem(row.problem) };
  if (row.state === "asking") return { kind: "later" };
  const request = readCollectionJob(served.task, row.request);
  const problem = await problemNow(transaction, served, request);
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
): Promise<DapProblem | undefined> {
  try {
    const readiness = await readReadiness(transaction, served, request.query);
    if (readiness.kind !== "tooFew") return undefined;
    return tooFewPeople(served.task.configuration, readiness.reportCount);
  } catch (error) {
    if (!(error instanceof DapProblem)) throw error;
    return error;
  }
}

function readProblem(text: string): DapProblem {
  return parseProblemDocument(JSON.parse(text)) ?? new DapProblem("batchMismatch", text);
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
