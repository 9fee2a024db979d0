/**
 * The collector's side of the leader [DAP-18, "Collection Job Initialization"], asynchronous: a job
 * is created at once, and asked for until it is ready.
 *
 * @module
 */
import { unreachable } from "@sumus/assert";
import { DapProblem, type DapResource, parseProblemDocument, readCollectionJob } from "@sumus/dap";
import type { CollectionJobReq } from "@sumus/dap/messages";
import { readBody } from "@sumus/http";
import type { Store, Transaction } from "@sumus/storage";
import type { Handler } from "../app.ts";
import { intervalOf, requireEnoughPeople, requireUncollected } from "../batch-check.ts";
import { SMALL_REQUEST_BYTES_MAX } from "../limits.ts";
import type { ServedTask, ServedTasks } from "../served-tasks.ts";
import { countAccumulated } from "../store/accumulators.ts";
import { selectCollected } from "../store/batches.ts";
import {
  type CollectionJobRow,
  deleteCollectionJob,
  insertCollectionJob,
  restCollectionJob,
  selectCollectionJob,
  wakeCollectionJob,
} from "../store/collection-jobs.ts";
import { countPending } from "../store/pending-reports.ts";
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
  readonly requireCollector: (request: Request) => void;
  /** Makes the job loop look at once. */
  readonly wake: () => void;
}

export function createCollectionJobHandler(services: Services): Handler {
  const { store, tasks, requireCollector, wake } = services;
  return async (request, target) => {
    requireCollector(request);
    requireMediaType(request, "collection-job-req");
    const served = await tasks.byId(target.taskId);
    const body = await readBody(request, SMALL_REQUEST_BYTES_MAX);
    const interval = intervalOf(readCollectionJob(served.task, body).query);
    const id = resourceId(served.task.id, body);
    const { isNew, view } = await store.transaction("create collection job", async (tx) => {
      const existing = await selectCollectionJob(tx, served.number, id);
      if (existing !== undefined && existing.state !== "deleted") {
        return { isNew: false, view: await viewJob(tx, served, id, existing) };
      }
      requireUncollected(await selectCollected(tx, served.number), interval);
      await insertCollectionJob(tx, { task: served.number, id, request: body });
      return { isNew: true, view: undefined };
    });
    wake();
    const location: DapResource = { kind: "collectionJobs", taskId: served.task.id, id };
    if (isNew || view === undefined) {
      return laterResponse(RETRY_AFTER_SECONDS, { status: 201, location });
    }
    return respond(view, location);
  };
}

export function getCollectionJobHandler(services: Services): Handler {
  const { store, tasks, requireCollector, wake } = services;
  return async (request, target) => {
    requireCollector(request);
    const served = await tasks.byId(target.taskId);
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
    requireCollector(request);
    const { number } = await tasks.byId(target.taskId);
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
  { number, task }: ServedTask,
  request: CollectionJobReq,
): Promise<DapProblem | undefined> {
  const interval = intervalOf(request.query);
  if ((await countPending(transaction, number, interval)) > 0) return undefined;
  try {
    requireUncollected(await selectCollected(transaction, number), interval);
    requireEnoughPeople(task, await countAccumulated(transaction, number, interval));
    return undefined;
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
