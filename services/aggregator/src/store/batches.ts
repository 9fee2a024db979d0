/**
 * Which buckets were collected. A collection writes its task's row, and whoever adds reports
 * share-locks it: two transactions that disagree about a bucket cannot both commit.
 *
 * @module
 */
import type { Interval } from "@sumus/dap/messages";
import type { Transaction } from "@sumus/storage";

/** Keeps collections of the tasks out until this transaction ends, and tells what was collected. */
export async function lockForReports(
  transaction: Transaction,
  tasks: readonly number[],
): Promise<ReadonlyMap<number, readonly Interval[]>> {
  await transaction.query(
    "SELECT number FROM tasks WHERE number = ANY($1::integer[]) ORDER BY number FOR SHARE",
    [tasks],
  );
  const rows = await transaction.query<Interval & { task: number }>(
    "SELECT task, start, duration FROM collected_intervals WHERE task = ANY($1::integer[])",
    [tasks],
  );
  const collected = new Map<number, Interval[]>(tasks.map((task) => [task, []]));
  for (const { task, start, duration } of rows) collected.get(task)?.push({ start, duration });
  return collected;
}

/**
 * Keeps reports of the task out until this transaction ends. The first thing that a transaction does,
 * because it has to wait for those that are adding some: READ COMMITTED lets it see what they added,
 * which a snapshot from before the wait would not. Under the lock nothing of a batch changes, so
 * this transaction reads the same throughout all the same.
 */
export async function lockForCollection(transaction: Transaction, task: number): Promise<void> {
  await transaction.query("SET TRANSACTION ISOLATION LEVEL READ COMMITTED");
  await transaction.query(
    "UPDATE tasks SET collection_count = collection_count + 1 WHERE number = $1",
    [task],
  );
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
