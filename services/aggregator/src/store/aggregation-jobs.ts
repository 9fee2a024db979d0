import { defined } from "@sumus/assert";
import type { Transaction } from "@sumus/storage";
import { isOfOtherHelper, LEASE_SECONDS, LeaseLostError, pauseSeconds } from "./lease.ts";
import type { SelectedBatch } from "./selected-batches.ts";

/** A job that this worker holds a lease on. */
export interface AggregationJob {
  readonly number: number;
  readonly task: number;
  /** The address of the task's own helper; empty: the one that the node is paired with. */
  readonly helper: string;
  readonly state: "gathered" | "prepared";
  /** In leader-selected mode the batch that all of its reports go to. */
  readonly batch: SelectedBatch | undefined;
  /** As encoded; empty where a task has no other. */
  readonly aggParam: Uint8Array;
  /** Of the request: 0 is the first. */
  readonly step: number;
  /** The time by which its reports are judged, whenever that is computed. */
  readonly gatheredAtSeconds: number;
  /** What is or was sent to the helper; null until prepared. */
  readonly request: Uint8Array | null;
  /**
   * The leader's pending reports, encoded and secret. Null in the first step unless the helper
   * answers later: they are computed again then.
   */
  readonly states: Uint8Array | null;
  /** Where the helper has the job; null until it has said so. */
  readonly helperPath: string | null;
  /** The helper has the request, and is asked whether it has the answer. */
  readonly isDeferred: boolean;
  /** How often it has said of the present question that it answers later. */
  readonly deferralCount: number;
  readonly deferredSinceSeconds: number | null;
  readonly failureCount: number;
  /** Answers of the helper that no honest helper gives. */
  readonly nonsenseCount: number;
  readonly leaseToken: Uint8Array;
}

interface JobRow extends Omit<AggregationJob, "batch"> {
  readonly ordinal: number | null;
  readonly batchId: Uint8Array | null;
}

const COLUMNS = `number, task, (
    SELECT coalesce(own_helper, '') FROM tasks t WHERE t.number = aggregation_jobs.task
  ) AS helper, state, batch AS ordinal, (
    SELECT id FROM selected_batches b
    WHERE b.task = aggregation_jobs.task AND b.ordinal = aggregation_jobs.batch
  ) AS "batchId", agg_param AS "aggParam", step, request, states, helper_path AS "helperPath",
  is_deferred AS "isDeferred", deferral_count AS "deferralCount",
  deferred_since AS "deferredSinceSeconds", gathered_at AS "gatheredAtSeconds",
  failure_count AS "failureCount", nonsense_count AS "nonsenseCount",
  lease_token AS "leaseToken"`;

/** A new job under a lease. */
export async function insertAggregationJob(
  transaction: Transaction,
  job: Pick<AggregationJob, "task" | "batch" | "aggParam">,
  lease: { readonly token: Uint8Array; readonly nowSeconds: number },
): Promise<AggregationJob> {
  const { nowSeconds, token } = lease;
  const [row] = await transaction.query<JobRow>(
    `INSERT INTO aggregation_jobs
       (task, state, gathered_at, available_at, lease_token, batch, agg_param)
     VALUES ($1, 'gathered', $2, $3, $4, $5, $6) RETURNING ${COLUMNS}`,
    [
      job.task,
      nowSeconds,
      nowSeconds + LEASE_SECONDS,
      token,
      job.batch?.ordinal ?? null,
      job.aggParam,
    ],
  );
  return toJob(defined(row, "an insert returns its row"));
}

/** Leases the oldest job that is due, `except` with some helpers. */
export async function leaseAggregationJob(
  transaction: Transaction,
  lease: { readonly token: Uint8Array; readonly nowSeconds: number },
  except: readonly string[],
): Promise<AggregationJob | undefined> {
  const [row] = await transaction.query<JobRow>(
    `UPDATE aggregation_jobs SET lease_token = $1, available_at = $2 WHERE number = (
       SELECT number FROM aggregation_jobs
       WHERE state IN ('gathered', 'prepared') AND available_at <= $3 AND ${isOfOtherHelper("$4")}
       ORDER BY number LIMIT 1 FOR UPDATE SKIP LOCKED
     ) RETURNING ${COLUMNS}`,
    [lease.token, lease.nowSeconds + LEASE_SECONDS, lease.nowSeconds, except],
  );
  return row && toJob(row);
}

/**
 * Tasks of which no more jobs are made: their helper has as many unfinished ones as it may, or is one
 * of those that are `taken`.
 */
export async function selectBusyTasks(
  transaction: Transaction,
  max: { readonly open: number; readonly deferred: number },
  taken: readonly string[],
): Promise<number[]> {
  const rows = await transaction.query<{ number: number }>(
    `SELECT number FROM tasks WHERE coalesce(own_helper, '') = ANY($3::text[])
     OR coalesce(own_helper, '') IN (
       SELECT coalesce(t.own_helper, '') FROM aggregation_jobs j JOIN tasks t ON t.number = j.task
       WHERE j.state IN ('gathered', 'prepared') GROUP BY 1
       HAVING count(*) FILTER (WHERE NOT j.is_deferred) >= $1
         OR count(*) FILTER (WHERE j.is_deferred) >= $2
     )`,
    [max.open, max.deferred, taken],
  );
  return rows.map(({ number }) => number);
}

/** @throws {LeaseLostError} */
export async function storeAggregationRequest(
  transaction: Transaction,
  job: AggregationJob,
  request: Uint8Array,
): Promise<void> {
  requireOne(
    await transaction.query(
      `UPDATE aggregation_jobs SET state = 'prepared', request = $3
       WHERE number = $1 AND lease_token = $2 AND state = 'gathered' RETURNING number`,
      [job.number, job.leaseToken, request],
    ),
  );
}

/** The helper has said that it will answer later. */
export interface Deferral {
  readonly states: Uint8Array;
  readonly helperPath: string;
  readonly availableAtSeconds: number;
  readonly deferralCount: number;
  readonly deferredSinceSeconds: number;
  readonly trouble: string | null;
}

/** Gives the lease back until the helper may have its answer. @throws {LeaseLostError} */
export async function deferAggregationJob(
  transaction: Transaction,
  job: AggregationJob,
  deferral: Deferral,
): Promise<void> {
  requireOne(
    await transaction.query(
      `UPDATE aggregation_jobs SET is_deferred = true, states = $3, helper_path = $4,
         available_at = $5, lease_token = NULL, failure_count = 0, deferral_count = $6,
         deferred_since = $7, trouble = $8
       WHERE number = $1 AND lease_token = $2 RETURNING number`,
      [
        job.number,
        job.leaseToken,
        deferral.states,
        deferral.helperPath,
        deferral.availableAtSeconds,
        deferral.deferralCount,
        deferral.deferredSinceSeconds,
        deferral.trouble,
      ],
    ),
  );
}

/** What a job asks next. */
export interface NextQuestion {
  readonly step: number;
  readonly request: Uint8Array;
  readonly states: Uint8Array;
  readonly helperPath: string;
}

/** Gives the lease back at once: asking is the next step. @throws {LeaseLostError} */
export async function advanceAggregationJob(
  transaction: Transaction,
  job: AggregationJob,
  next: NextQuestion,
): Promise<void> {
  requireOne(
    await transaction.query(
      `UPDATE aggregation_jobs SET step = $3, request = $4, states = $5, helper_path = $6,
         is_deferred = false, deferral_count = 0, deferred_since = NULL, available_at = 0, lease_token = NULL, failure_count = 0,
         nonsense_count = 0, trouble = NULL
       WHERE number = $1 AND lease_token = $2 AND step = $3 - 1 RETURNING number`,
      [job.number, job.leaseToken, next.step, next.request, next.states, next.helperPath],
    ),
  );
}

/**
 * Ends a job. Its pending reports must be gone already.
 *
 * @throws {LeaseLostError}
 */
export async function deleteAggregationJob(
  transaction: Transaction,
  job: AggregationJob,
): Promise<void> {
  requireOne(
    await transaction.query(
      "DELETE FROM aggregation_jobs WHERE number = $1 AND lease_token = $2 RETURNING number",
      [job.number, job.leaseToken],
    ),
  );
}

/** Why a job must wait. */
export interface Delay {
  readonly nowSeconds: number;
  /** In words, for the study's status. */
  readonly trouble: string;
  /** Whether the helper's answer was one that no honest helper gives. */
  readonly isNonsense: boolean;
  /** Whether the request must be sent again: the helper knows nothing of it any more. */
  readonly isForgotten: boolean;
}

/** Gives the lease back until it is worth another try. @throws {LeaseLostError} */
export async function postponeAggregationJob(
  transaction: Transaction,
  job: AggregationJob,
  delay: Delay,
): Promise<void> {
  const failureCount = job.failureCount + 1;
  requireOne(
    await transaction.query(
      `UPDATE aggregation_jobs SET lease_token = NULL, failure_count = $3, trouble = $4,
         available_at = $5, nonsense_count = nonsense_count + $6,
         is_deferred = is_deferred AND NOT $7
       WHERE number = $1 AND lease_token = $2 RETURNING number`,
      [
        job.number,
        job.leaseToken,
        failureCount,
        delay.trouble,
        delay.nowSeconds + pauseSeconds(failureCount),
        delay.isNonsense ? 1 : 0,
        delay.isForgotten,
      ],
    ),
  );
}

/** @throws {LeaseLostError} */
export async function abandonAggregationJob(
  transaction: Transaction,
  job: AggregationJob,
  trouble: string,
): Promise<void> {
  requireOne(
    await transaction.query(
      `UPDATE aggregation_jobs SET state = 'abandoned', lease_token = NULL, trouble = $3,
         request = NULL, states = NULL
       WHERE number = $1 AND lease_token = $2 RETURNING number`,
      [job.number, job.leaseToken, trouble],
    ),
  );
}

/** What the oldest job in trouble waits for, and until when. */
export async function selectTrouble(
  transaction: Transaction,
  tasks: readonly number[],
): Promise<{ trouble: string; availableAtSeconds: number } | undefined> {
  const [row] = await transaction.query<{ trouble: string; availableAtSeconds: number }>(
    `SELECT trouble, available_at AS "availableAtSeconds" FROM (
       SELECT trouble, available_at, task FROM aggregation_jobs
       UNION ALL
       SELECT trouble, available_at, task FROM collection_jobs
       WHERE state IN ('waiting', 'asking')
     ) AS jobs WHERE trouble IS NOT NULL AND task = ANY($1::integer[])
     ORDER BY available_at LIMIT 1`,
    [tasks],
  );
  return row;
}

function toJob({ ordinal, batchId, ...row }: JobRow): AggregationJob {
  const batch = ordinal === null || batchId === null ? undefined : { ordinal, id: batchId };
  return { ...row, batch };
}

function requireOne(rows: readonly object[]): void {
  if (rows.length !== 1) throw new LeaseLostError();
}
