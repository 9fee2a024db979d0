/**
 * What is deleted because nobody can want it any more, in transactions of bounded size. All of it is
 * harmless to repeat, and to do twice at once.
 *
 * @module
 */
import type { Interval } from "@sumus/dap/messages";
import type { Transaction } from "@sumus/storage";
import { TASK_TABLES } from "./tasks.ts";

/** Rows that one transaction deletes, or looks at. */
const ROWS_MAX = 1000;

/** Tasks that were created before a time and are not deleted, a page at a time. */
export async function selectTaskNumbers(
  transaction: Transaction,
  createdBefore: number,
  after: number,
): Promise<number[]> {
  const rows = await transaction.query<{ number: number }>(
    `SELECT t.number FROM tasks t LEFT JOIN studies s ON s.id = t.study_id
     WHERE t.number > $2 AND t.state <> 'deleted' AND coalesce(t.created_at, s.opened_at) < $1
     ORDER BY t.number LIMIT $3`,
    [createdBefore, after, ROWS_MAX],
  );
  return rows.map(({ number }) => number);
}

/** From now on the task is as if it had been deleted by hand; what is left of it can be erased. */
export async function endTask(transaction: Transaction, task: number): Promise<void> {
  await transaction.query("UPDATE tasks SET state = 'deleted', secrets = NULL WHERE number = $1", [
    task,
  ]);
}

/** A deleted task of which something may be left. */
export async function selectUnerasedTask(transaction: Transaction): Promise<number | undefined> {
  const [row] = await transaction.query<{ number: number }>(
    `SELECT number FROM tasks WHERE state = 'deleted' AND NOT is_erased
     ORDER BY number LIMIT 1`,
  );
  return row?.number;
}

/**
 * Deletes some of what is left of a deleted task, in the order in which rows refer to each other.
 * Its own row stays and says that it is deleted: so its reports are never counted again.
 */
export async function eraseSome(transaction: Transaction, task: number): Promise<void> {
  for (const table of TASK_TABLES) {
    const deleted = await transaction.query(
      `DELETE FROM ${table} WHERE ctid = ANY(ARRAY(
         SELECT ctid FROM ${table} WHERE task = $1 LIMIT $2
       )) RETURNING task`,
      [task, ROWS_MAX],
    );
    if (deleted.length > 0) return;
  }
  await transaction.query("UPDATE tasks SET is_erased = true WHERE number = $1", [task]);
}

/** A task with collected intervals whose report ids are still there. */
export async function selectUnsweptTask(
  transaction: Transaction,
): Promise<{ readonly task: number; readonly intervals: readonly Interval[] } | undefined> {
  const rows = await transaction.query<Interval & { task: number }>(
    `SELECT task, start, duration FROM collected_intervals
     WHERE task = (SELECT task FROM collected_intervals WHERE NOT is_swept ORDER BY task LIMIT 1)
       AND NOT is_swept ORDER BY start LIMIT $1`,
    [ROWS_MAX],
  );
  const [first] = rows;
  return first && { task: first.task, intervals: rows };
}

/**
 * Looks at the next report ids of a task, and deletes those of collected buckets: such a bucket takes
 * no report, whether its id is known or not.
 *
 * @param after the last id that was looked at
 * @returns the last one now; undefined when there was none
 */
export async function sweepSomeIds(
  transaction: Transaction,
  task: number,
  after: Uint8Array,
): Promise<Uint8Array | undefined> {
  const [last] = await transaction.query<{ id: Uint8Array }>(
    `WITH page AS MATERIALIZED (
       SELECT report_id, bucket FROM report_ids
       WHERE task = $1 AND report_id > $2 ORDER BY report_id LIMIT $3
     ), deleted AS (
       DELETE FROM report_ids WHERE task = $1 AND report_id IN (
         SELECT report_id FROM page p WHERE EXISTS (
           SELECT FROM collected_intervals c
           WHERE c.task = $1 AND p.bucket >= c.start AND p.bucket < c.start + c.duration
         )
       )
     ) SELECT report_id AS id FROM page ORDER BY report_id DESC LIMIT 1`,
    [task, after, ROWS_MAX],
  );
  return last?.id;
}

/**
 * Says that the ids of these intervals are gone, and joins what lies side by side: everybody who
 * adds reports reads the list. The task's row is locked, as by a collection.
 */
export async function markSwept(
  transaction: Transaction,
  task: number,
  intervals: readonly Interval[],
): Promise<void> {
  await transaction.query(
    `UPDATE collected_intervals SET is_swept = true
     WHERE task = $1 AND start = ANY($2::bigint[])`,
    [task, intervals.map(({ start }) => start)],
  );
  const swept = await transaction.query<Interval>(
    "SELECT start, duration FROM collected_intervals WHERE task = $1 AND is_swept ORDER BY start",
    [task],
  );
  const joined = joinIntervals(swept);
  if (joined.length === swept.length) return;
  await transaction.query("DELETE FROM collected_intervals WHERE task = $1 AND is_swept", [task]);
  await transaction.query(
    `INSERT INTO collected_intervals (task, start, duration, is_swept)
     SELECT $1, start, duration, true FROM unnest($2::bigint[], $3::bigint[]) AS t(start, duration)`,
    [task, joined.map(({ start }) => start), joined.map(({ duration }) => duration)],
  );
}

/** @param intervals disjoint, in order */
export function joinIntervals(intervals: readonly Interval[]): Interval[] {
  const joined: Interval[] = [];
  for (const { start, duration } of intervals) {
    const last = joined.at(-1);
    if (last !== undefined && last.start + last.duration === start) {
      joined[joined.length - 1] = { start: last.start, duration: last.duration + duration };
    } else {
      joined.push({ start, duration });
    }
  }
  return joined;
}

/** Kinds of answers, and since when each is there by the database's clock. */
const ANSWERS = [
  { table: "helper_jobs", since: "stored_at", isDone: "response IS NOT NULL" },
  { table: "aggregate_shares", since: "stored_at", isDone: "response IS NOT NULL" },
  {
    table: "collection_jobs",
    since: "answered_at",
    isDone: "state IN ('ready', 'failed', 'deleted')",
  },
] as const;

/**
 * Deletes answers that nobody fetched again for a long time, and jobs that were abandoned.
 *
 * @returns how many; when it is many there may be more
 */
export async function deleteStale(
  transaction: Transaction,
  { keepSeconds, nowSeconds }: { readonly keepSeconds: number; readonly nowSeconds: number },
): Promise<{ readonly mayBeMore: boolean }> {
  let most = 0;
  for (const { table, since, isDone } of ANSWERS) {
    const deleted = await transaction.query(
      `DELETE FROM ${table} WHERE ctid = ANY(ARRAY(
         SELECT ctid FROM ${table}
         WHERE ${isDone} AND ${since} < now() - make_interval(secs => $1) LIMIT $2
       )) RETURNING task`,
      [keepSeconds, ROWS_MAX],
    );
    most = Math.max(most, deleted.length);
  }
  const abandoned = await transaction.query(
    `DELETE FROM aggregation_jobs WHERE ctid = ANY(ARRAY(
       SELECT ctid FROM aggregation_jobs WHERE state = 'abandoned' AND gathered_at < $1 LIMIT $2
     )) RETURNING task`,
    [nowSeconds - keepSeconds, ROWS_MAX],
  );
  return { mayBeMore: Math.max(most, abandoned.length) === ROWS_MAX };
}
