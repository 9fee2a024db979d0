/**
 * Which buckets were collected. A collection writes its task's row, and whoever adds reports
 * share-locks it: two transactions that disagree about a bucket cannot both commit.
 *
 * @module
 */
import { DapProblem } from "@sumus/dap";
import type { Interval } from "@sumus/dap/messages";
import type { Transaction } from "@sumus/storage";
import type { TaskState } from "./tasks.ts";

/** A task that this transaction may add reports to, if it is open. */
export interface LockedTask {
  readonly state: TaskState;
  /** What was collected of it. */
  readonly collected: readonly Interval[];
}

/** Keeps collections of the tasks, pauses and deletions out until this transaction ends. */
export async function lockForReports(
  transaction: Transaction,
  tasks: readonly number[],
): Promise<ReadonlyMap<number, LockedTask>> {
  const locked = await transaction.query<{ number: number; state: TaskState }>(
    "SELECT number, state FROM tasks WHERE number = ANY($1::integer[]) ORDER BY number FOR SHARE",
    [tasks],
  );
  const rows = await transaction.query<Interval & { task: number }>(
    "SELECT task, start, duration FROM collected_intervals WHERE task = ANY($1::integer[])",
    [tasks],
  );
  const collected = new Map<number, Interval[]>(tasks.map((task) => [task, []]));
  for (const { task, start, duration } of rows) collected.get(task)?.push({ start, duration });
  return new Map(
    locked.map(({ number, state }) => [number, { state, collected: collected.get(number) ?? [] }]),
  );
}

/**
 * Keeps reports of the task out until this transaction ends. The first thing that a transaction does,
 * because it has to wait for those that are adding some: READ COMMITTED lets it see what they added,
 * which a snapshot from before the wait would not. Under the lock nothing of a batch changes, so
 * this transaction reads the same throughout all the same.
 *
 * @throws {DapProblem} unrecognizedTask when the task was deleted
 */
export async function lockForCollection(transaction: Transaction, task: number): Promise<void> {
  const [state] = await lockAllForCollection(transaction, [task]);
  requireUndeleted(state);
}

/** The same of several tasks, in the order in which reports lock them; and whatever their state. */
export async function lockAllForCollection(
  transaction: Transaction,
  tasks: readonly number[],
): Promise<(TaskState | undefined)[]> {
  await transaction.query("SET TRANSACTION ISOLATION LEVEL READ COMMITTED");
  const states: (TaskState | undefined)[] = [];
  for (const task of tasks.toSorted((a, b) => a - b)) {
    const [row] = await transaction.query<{ state: TaskState }>(
      "UPDATE tasks SET collection_count = collection_count + 1 WHERE number = $1 RETURNING state",
      [task],
    );
    states.push(row?.state);
  }
  return states;
}

/** What was collected of the task. */
export function selectCollected(transaction: Transaction, task: number): Promise<Interval[]> {
  return transaction.query<Interval>(
    "SELECT start, duration FROM collected_intervals WHERE task = $1 ORDER BY start",
    [task],
  );
}

export async function insertCollected(
  transaction: Transaction,
  task: number,
  interval: Interval,
): Promise<void> {
  await transaction.query(
    "INSERT INTO collected_intervals (task, start, duration) VALUES ($1, $2, $3)",
    [task, interval.start, interval.duration],
  );
}

/**
 * Another replica may have deleted a task that this one still serves.
 *
 * @throws {DapProblem} unrecognizedTask
 */
export function requireUndeleted(state: TaskState | undefined): void {
  if (state !== undefined && state !== "deleted") return;
  throw new DapProblem(
    "unrecognizedTask",
    "expected a task of this node, got one that was deleted",
  );
}
