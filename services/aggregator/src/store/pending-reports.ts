import type { Interval } from "@sumus/dap/messages";
import type { Transaction } from "@sumus/storage";
import { PENDING_COUNTED_MAX } from "../limits.ts";

/** An uploaded report that is not aggregated yet. */
export interface PendingReport {
  readonly task: number;
  readonly bucket: number;
  readonly reportId: Uint8Array;
  /** The HPKE key that this node's share is sealed to. */
  readonly configId: number;
  /** The report as the client sent it. */
  readonly report: Uint8Array;
}

export async function insertPending(
  transaction: Transaction,
  reports: readonly PendingReport[],
): Promise<void> {
  if (reports.length === 0) return;
  await transaction.query(
    `INSERT INTO pending_reports (task, bucket, report_id, config_id, report)
     SELECT * FROM unnest($1::integer[], $2::bigint[], $3::bytea[], $4::smallint[], $5::bytea[])`,
    [
      reports.map((report) => report.task),
      reports.map((report) => report.bucket),
      reports.map((report) => report.reportId),
      reports.map((report) => report.configId),
      reports.map((report) => report.report),
    ],
  );
}

/** Of the tasks that wait for no collector, the one whose free report has waited longest, `except` some. */
export async function selectHungriestTask(
  transaction: Transaction,
  except: readonly number[] = [],
): Promise<number | undefined> {
  const [row] = await transaction.query<{ number: number }>(
    `SELECT t.number FROM tasks t CROSS JOIN LATERAL (
       SELECT p.number FROM pending_reports p
       WHERE p.task = t.number AND p.job IS NULL ORDER BY p.number LIMIT 1
     ) AS oldest WHERE t.is_eager AND t.number <> ALL($1::integer[]) ORDER BY oldest.number LIMIT 1`,
    [except],
  );
  return row?.number;
}

/** Whether a task has at least `count` free reports. */
export async function hasFree(
  transaction: Transaction,
  task: number,
  count: number,
): Promise<boolean> {
  const rows = await transaction.query(
    "SELECT 1 FROM pending_reports WHERE task = $1 AND job IS NULL LIMIT 1 OFFSET $2",
    [task, count - 1],
  );
  return rows.length > 0;
}

/** Puts up to `countMax` free reports of a task, of these times, into a job; returns how many. */
export async function assignPending(
  transaction: Transaction,
  task: number,
  job: number,
  countMax: number,
  times?: Interval,
): Promise<number> {
  const ofTimes =
    times === undefined ? "" : "AND bucket >= $4 AND bucket < $4::bigint + $5::bigint";
  const rows = await transaction.query(
    `UPDATE pending_reports SET job = $2 WHERE number = ANY(ARRAY(
       SELECT number FROM pending_reports WHERE task = $1 AND job IS NULL ${ofTimes}
       ORDER BY number LIMIT $3 FOR UPDATE SKIP LOCKED
     )) RETURNING number`,
    [task, job, countMax, ...(times === undefined ? [] : [times.start, times.duration])],
  );
  return rows.length;
}

/** The reports of a job, in the order in which they arrived. */
export function selectPendingOfJob(
  transaction: Transaction,
  job: number,
): Promise<Pick<PendingReport, "reportId" | "report">[]> {
  return transaction.query(
    `SELECT report_id AS "reportId", report
     FROM pending_reports WHERE job = $1 ORDER BY number`,
    [job],
  );
}

export async function deletePendingOfJob(
  transaction: Transaction,
  job: number,
  only?: readonly Uint8Array[],
): Promise<void> {
  if (only === undefined) {
    await transaction.query("DELETE FROM pending_reports WHERE job = $1", [job]);
    return;
  }
  await transaction.query(
    "DELETE FROM pending_reports WHERE job = $1 AND report_id = ANY($2::bytea[])",
    [job, only],
  );
}

/**
 * Whether reports of these buckets are not aggregated yet. Asked after every job while a collection
 * waits, so it must not count them: at 100,000 that takes 20 ms, and this 0.8 ms.
 */
export async function hasPending(
  transaction: Transaction,
  task: number,
  { start, duration }: Interval = { start: 0, duration: Number.MAX_SAFE_INTEGER },
): Promise<boolean> {
  const [row] = await transaction.query<{ pending: boolean }>(
    `SELECT EXISTS (
       SELECT 1 FROM pending_reports WHERE task = $1 AND job IS NULL
         AND bucket >= $2 AND bucket < $2::bigint + $3::bigint
     ) OR EXISTS (
       SELECT 1 FROM aggregation_jobs j JOIN pending_reports p ON p.job = j.number
       WHERE j.task = $1 AND p.bucket >= $2 AND p.bucket < $2::bigint + $3::bigint
     ) AS pending`,
    [task, start, duration],
  );
  return row?.pending ?? false;
}

/**
 * Reports of several tasks that are not aggregated yet, at most {@link PENDING_COUNTED_MAX} of each;
 * tasks without any have no entry. Anybody may ask, so that a crowd that waits must not cost more.
 */
export async function countPendingOfTasks(
  transaction: Transaction,
  tasks: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  const rows = await transaction.query<{ task: number; count: number }>(
    `SELECT task, (SELECT count(*) FROM (
       SELECT 1 FROM pending_reports p WHERE p.task = t.task AND p.job IS NULL
       UNION ALL
       SELECT 1 FROM aggregation_jobs j JOIN pending_reports p ON p.job = j.number
       WHERE j.task = t.task
       LIMIT $2
     ) AS counted) AS count FROM unnest($1::integer[]) AS t (task)`,
    [tasks, PENDING_COUNTED_MAX],
  );
  return new Map(rows.filter(({ count }) => count > 0).map(({ task, count }) => [task, count]));
}
