/**
 * What the operator hears of tasks and does with them. Tasks of studies are shown and never changed:
 * what they are follows from their study.
 *
 * @module
 */
import { DapProblem } from "@sumus/dap";
import { ProblemError, plainProblem, readText } from "@sumus/http";
import type { Store, Transaction } from "@sumus/storage";
import type { Clock } from "@sumus/time";
import type { Access } from "../access.ts";
import type { Handler } from "../app.ts";
import type { AggregatorRole } from "../config.ts";
import { SMALL_REQUEST_BYTES_MAX, TASKS_MAX } from "../limits.ts";
import type { ServedTasks } from "../served-tasks.ts";
import { lockForCollection } from "../store/batches.ts";
import {
  countUncollected,
  eraseTask,
  selectAnyTask,
  selectAnyTasks,
  selectTask,
  updateTaskState,
} from "../store/tasks.ts";
import { readTaskDetails, readTaskOverviews } from "../task-status.ts";
import { jsonResponse } from "./respond.ts";

/** How a request says that it knows what is lost. */
const DISCARD = "discard";

interface Services {
  readonly role: AggregatorRole;
  readonly store: Store;
  readonly tasks: ServedTasks;
  readonly clock: Clock;
  readonly requireOperator: Access["requireOperator"];
}

export function listTasksHandler(services: Services): Handler {
  const { store, tasks, requireOperator } = services;
  return async (request) => {
    requireOperator(request);
    const rows = await store.transaction("list tasks", (transaction) =>
      selectAnyTasks(transaction, TASKS_MAX),
    );
    const served = await Promise.all(rows.map(({ number }) => tasks.byNumber(number)));
    return jsonResponse(
      await store.transaction("count reports of tasks", (transaction) =>
        readTaskOverviews(transaction, rows, served),
      ),
    );
  };
}

export function showTaskHandler(services: Services): Handler {
  const { store, tasks, clock, requireOperator } = services;
  return async (request, target) => {
    requireOperator(request);
    const served = await tasks.byId(target.id);
    const details = await store.transaction("read task status", async (transaction) => {
      const row = await selectAnyTask(transaction, target.id);
      if (row === undefined) throw unrecognizedTask();
      return readTaskDetails(transaction, row, served, clock.nowSeconds());
    });
    return jsonResponse(details);
  };
}

/** Takes `{"state": "paused"}` or `{"state": "open"}`; a task may be told what it is already. */
export function changeTaskHandler(services: Services): Handler {
  const { role, store, requireOperator } = services;
  return async (request, target) => {
    requireOperator(request);
    const state = readState(await readText(request, SMALL_REQUEST_BYTES_MAX));
    if (role === "helper") {
      throw conflict("expected the leader's node: it takes the reports, a helper takes none");
    }
    await store.transaction("change task", async (transaction) => {
      const { number } = await requireOwn(transaction, target.id);
      await updateTaskState(transaction, number, state);
    });
    return jsonResponse({ state });
  };
}

/**
 * Refuses while there are reports that nobody collected, unless the request says
 * `?uncollected=discard`. What is deleted stays deleted: the id is never served again.
 */
export function deleteTaskHandler(services: Services): Handler {
  const { store, tasks, requireOperator } = services;
  return async (request, target) => {
    requireOperator(request);
    const mayDiscard = new URL(request.url).searchParams.get("uncollected") === DISCARD;
    const number = await store.transaction("find task", async (transaction) => {
      const row = await selectTask(transaction, target.id);
      if (row?.state === "deleted") return undefined;
      return (await requireOwn(transaction, target.id)).number;
    });
    // It was deleted before.
    if (number === undefined) return new Response(null);
    await store.transaction("delete task", async (transaction) => {
      await lockForCollection(transaction, number);
      const count = await countUncollected(transaction, number);
      if (count > 0 && !mayDiscard) throw uncollected(count);
      await eraseTask(transaction, number);
    });
    tasks.forget(target.id);
    return new Response(null);
  };
}

/** @throws {DapProblem} unrecognizedTask @throws {ProblemError} 409 for a study's */
async function requireOwn(
  transaction: Transaction,
  id: Uint8Array,
): Promise<{ readonly number: number }> {
  const row = await selectAnyTask(transaction, id);
  if (row === undefined) throw unrecognizedTask();
  if (row.studyId === null) return row;
  throw conflict("expected a task that stands for itself, got one that belongs to a study");
}

function readState(text: string): "open" | "paused" {
  // The JSON of two answers, byte for byte but for white space.
  const plain = text.replaceAll(/\s/g, "");
  if (plain === '{"state":"open"}') return "open";
  if (plain === '{"state":"paused"}') return "paused";
  const detail = 'expected {"state":"paused"} or {"state":"open"}, got something else';
  throw new ProblemError(plainProblem(400, "Malformed body", detail));
}

function unrecognizedTask(): DapProblem {
  return new DapProblem("unrecognizedTask", "expected a task of this node, got another id");
}

function uncollected(count: number): ProblemError {
  const reports = count === 1 ? "1 report is" : `${count} reports are`;
  return conflict(
    `${reports} not collected yet; collect them, or delete with ?uncollected=${DISCARD} ` +
      "and lose them for good",
  );
}

function conflict(detail: string): ProblemError {
  return new ProblemError(plainProblem(409, "The task stays as it is", detail));
}
