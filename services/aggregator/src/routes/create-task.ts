/**
 * Tasks without a study, for the operator alone: both operators send the same document, and both
 * nodes derive the same task from it. What stays between the two of them comes beside the document.
 *
 * @module
 */
import { encodeBase64url, equalBytes } from "@sumus/bytes";
import { type DapTask, isEager } from "@sumus/dap";
import { canonicalJson, type Json } from "@sumus/document";
import { ProblemError, plainProblem, readText } from "@sumus/http";
import type { Sealer, Store, Transaction } from "@sumus/storage";
import { canonicalTask, dapTaskOf, decodeTask, type TaskDocument, TaskError } from "@sumus/task";
import type { Clock } from "@sumus/time";
import type { Access } from "../access.ts";
import type { Handler } from "../app.ts";
import { SMALL_REQUEST_BYTES_MAX } from "../limits.ts";
import {
  encodeTaskSecrets,
  openTaskSecrets,
  sealTaskSecrets,
  type TaskSecrets,
} from "../store/task-secrets.ts";
import { insertTask, type OwnTaskRow, selectTask } from "../store/tasks.ts";
import { type Addresses, requireOurNodes, requireOurself } from "./our-nodes.ts";
import { readTaskSecrets } from "./read-task-secrets.ts";
import { jsonResponse } from "./respond.ts";

interface Services extends Addresses {
  readonly store: Store;
  readonly sealer: Sealer;
  readonly clock: Clock;
  readonly requireOperator: Access["requireOperator"];
}

/** Takes `{"task": <the document>, "secrets": {…}}`; the same task twice is the same task. */
export function createTaskHandler(services: Services): Handler {
  const { store, sealer, clock, requireOperator } = services;
  return async (request) => {
    requireOperator(request);
    const given = readObject(await readText(request, SMALL_REQUEST_BYTES_MAX));
    const { document, task } = readDocument(given["task"]);
    const secrets = readTaskSecrets(given["secrets"], task.vdaf.verifyKeySize);
    if (secrets.peer === undefined) requireOurNodes(services, document, "");
    else requireOurself(services, document);
    const row = {
      id: task.id,
      document: canonicalTask(document),
      secrets: sealTaskSecrets(sealer, task.id, secrets),
      createdAtSeconds: clock.nowSeconds(),
      isEager: isEager(task),
      ownHelper: secrets.peer === undefined ? null : document.helper,
    };
    const isNew = await store.transaction("create task", (transaction) =>
      createOnce(transaction, services, row, secrets),
    );
    return jsonResponse({ id: encodeBase64url(task.id) }, isNew ? 201 : 200);
  };
}

/** Returns whether it is new. @throws {ProblemError} 409 when the id means something else here */
async function createOnce(
  transaction: Transaction,
  { sealer }: Services,
  row: Parameters<typeof insertTask>[1],
  secrets: TaskSecrets,
): Promise<boolean> {
  if (await insertTask(transaction, row)) return true;
  const existing = await selectTask(transaction, row.id);
  if (existing === undefined) throw conflict("expected a task of its own, got one of a study");
  requireSame(existing, row.document);
  const stored = existing.secrets && openTaskSecrets(sealer, row.id, existing.secrets);
  if (stored === null || !equalBytes(encodeTaskSecrets(stored), encodeTaskSecrets(secrets))) {
    throw conflict(
      "expected the secrets that the task was created with, got others. Delete the task and give " +
        "the document another title",
    );
  }
  return false;
}

function requireSame(existing: OwnTaskRow, document: string): void {
  if (existing.state === "deleted") {
    throw conflict(
      "expected a new task, got one that was deleted here: its reports must not be counted " +
        "again. Give the document another title",
    );
  }
  if (existing.document !== document) {
    throw conflict("expected another task_info, got that of a task with another document");
  }
}

function conflict(detail: string): ProblemError {
  return new ProblemError(plainProblem(409, "The task cannot be created", detail));
}

function readObject(text: string): Readonly<Record<string, unknown>> {
  const detail = 'expected {"task": …, "secrets": …} as JSON, got something else';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    // JSON.parse throws SyntaxError and nothing else; its message would quote the secrets.
    throw new ProblemError(plainProblem(400, "The task cannot be created", detail), {
      cause: error instanceof SyntaxError ? undefined : error,
    });
  }
  const isPlain = typeof value === "object" && value !== null && !Array.isArray(value);
  if (isPlain && Object.keys(value as object).every((key) => key === "task" || key === "secrets")) {
    return value as Record<string, unknown>;
  }
  throw new ProblemError(plainProblem(400, "The task cannot be created", detail));
}

/** @throws {ProblemError} 400 */
function readDocument(value: unknown): { document: TaskDocument; task: DapTask } {
  try {
    const document = decodeTask(canonicalJson((value ?? null) as Json));
    return { document, task: dapTaskOf(document) };
  } catch (error) {
    if (!(error instanceof TaskError)) throw error;
    throw new ProblemError({
      ...plainProblem(400, "The task cannot be created", error.message),
      members: { problems: error.problems },
    });
  }
}
