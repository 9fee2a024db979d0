import type { Transaction } from "@sumus/storage";
import { chooseShard } from "./shards.ts";

/** What became of a report: `accepted`, or a reason by the name that DAP gives it. */
export type Outcome = string;

/** Adds to the counters of several tasks. */
export class Tally {
  readonly #counts = new Map<string, { task: number; outcome: Outcome; count: number }>();

  add(task: number, outcome: Outcome, count = 1): void {
    const key = `${task} ${outcome}`;
    const before = this.#counts.get(key)?.count ?? 0;
    this.#counts.set(key, { task, outcome, count: before + count });
  }

  /** In one order always, so that two transactions never wait for each other crosswise. */
  sorted(): readonly { task: number; outcome: Outcome; count: number }[] {
    const all = [...this.#counts.values()].filter(({ count }) => count > 0);
    return all.sort((a, b) => a.task - b.task || (a.outcome < b.outcome ? -1 : 1));
  }
}

export async function addCounts(transaction: Transaction, tally: Tally): Promise<void> {
  const rows = tally.sorted();
  if (rows.length === 0) return;
  await transaction.query(
    `INSERT INTO task_counters (task, outcome, count, shard)
     SELECT task, outcome, count, $4
     FROM unnest($1::integer[], $2::text[], $3::bigint[]) AS t(task, outcome, count)
     ON CONFLICT (task, outcome, shard)
       DO UPDATE SET count = task_counters.count + excluded.count`,
    [
      rows.map((row) => row.task),
      rows.map((row) => row.outcome),
      rows.map((row) => row.count),
      chooseShard(),
    ],
  );
}

/** All outcomes of a task with their counts. */
export async function selectCounts(
  transaction: Transaction,
  task: number,
): Promise<ReadonlyMap<Outcome, number>> {
  const rows = await transaction.query<{ outcome: Outcome; count: number }>(
    `SELECT outcome, sum(count)::bigint AS count FROM task_counters
     WHERE task = $1 GROUP BY outcome ORDER BY outcome`,
    [task],
  );
  return new Map(rows.map((row) => [row.outcome, row.count]));
}

/** The same of several tasks; of those without any there is no entry. */
export async function selectCountsOfTasks(
  transaction: Transaction,
  tasks: readonly number[],
): Promise<ReadonlyMap<number, ReadonlyMap<Outcome, number>>> {
  const rows = await transaction.query<{ task: number; outcome: Outcome; count: number }>(
    `SELECT task, outcome, sum(count)::bigint AS count FROM task_counters
     WHERE task = ANY($1::integer[]) GROUP BY task, outcome ORDER BY task, outcome`,
    [tasks],
  );
  const counts = new Map<number, Map<Outcome, number>>();
  for (const { task, outcome, count } of rows) {
    const ofTask = counts.get(task) ?? new Map<Outcome, number>();
    counts.set(task, ofTask.set(outcome, count));
  }
  return counts;
}
