import type { Interval } from "@sumus/dap/messages";
import type { Transaction } from "@sumus/storage";
import { isOfOtherHelper, LEASE_SECONDS, LeaseLostError, pauseSeconds } from "./lease.ts";

type CollectionState = "waiting" | "resting" | "asking" | "ready" | "failed" | "deleted";

/** What the collector sees. */
export interface CollectionJobRow {
  readonly state: CollectionState;
  readonly request: Uint8Array;
  /** In leader-selected mode the ordinal of the batch, once it is known. */
  readonly batch: number | null;
  readonly response: Uint8Array | null;
  /** A problem document, when the job failed. */
  readonly problem: string | null;
}

/** A job that this worker holds a lease on. */
export interface CollectionJob {
  readonly task: number;
  /** The address of the task's own helper; empty: the one that the node is paired with. */
  readonly helper: string;
  readonly id: Uint8Array;
  readonly state: "waiting" | "asking";
  readonly request: Uint8Array;
  readonly reportCount: number | null;
  readonly start: number | null;
  readonly duration: number | null;
  /** In leader-selected mode the ordinal of the batch, once it is known. */
  readonly batch: number | null;
  /** Where the helper has its share, when it answers later. */
  readonly helperPath: string | null;
  /** How often it has said so. */
  readonly deferralCount: number;
  readonly deferredSinceSeconds: number | null;
  readonly leaderShare: Uint8Array | null;
  readonly shareRequest: Uint8Array | null;
  readonly failureCount: number;
  readonly leaseToken: Uint8Array;
}

const JOB_COLUMNS = `task, (
    SELECT coalesce(own_helper, '') FROM tasks t WHERE t.number = collection_jobs.task
  ) AS helper, id, state, request, report_count AS "reportCount",
  start, duration, batch, helper_path AS "helperPath",
  deferral_count AS "deferralCount", deferred_since AS "deferredSinceSeconds", leader_share AS "leaderShare", share_request AS "shareRequest", failure_count AS "failureCount", lease_token AS "leaseToken"`;

/** Creates the job unless it exists; returns whether it is new. */
export async function insertCollectionJob(
  transaction: Transaction,
  job: Pick<CollectionJob, "task" | "id" | "request" | "batch">,
): Promise<boolean> {
  const rows = await transaction.query(
    `INSERT INTO collection_jobs (task, id, state, request, batch, available_at)
     VALUES ($1, $2, 'waiting', $3, $4, 0) ON CONFLICT DO NOTHING RETURNING task`,
    [job.task, job.id, job.request, job.batch],
  );
  return rows.length > 0;
}

/**
 * The id of the task's job that this very request created, unless it was deleted since or failed: a
 * batch that the helper refuses must not keep its collector from the next one.
 */
export async function selectCollectionJobId(
  transaction: Transaction,
  task: number,
  request: Uint8Array,
): Promise<Uint8Array | undefined> {
  const [row] = await transaction.query<{ id: Uint8Array }>(
    `SELECT id FROM collection_jobs
     WHERE task = $1 AND request = $2 AND state NOT IN ('deleted', 'failed')`,
    [task, request],
  );
  return row?.id;
}

export async function selectCollectionJob(
  transaction: Transaction,
  task: number,
  id: Uint8Array,
): Promise<CollectionJobRow | undefined> {
  const [row] = await transaction.query<CollectionJobRow>(
    `SELECT state, request, batch, response, problem FROM collection_jobs
     WHERE task = $1 AND id = $2`,
    [task, id],
  );
  return row;
}

/** Leases one job that is due, `except` with some helpers. */
export async function leaseCollectionJob(
  transaction: Transaction,
  lease: { readonly token: Uint8Array; readonly nowSeconds: number },
  except: readonly string[],
): Promise<CollectionJob | undefined> {
  const [row] = await transaction.query<CollectionJob>(
    `UPDATE collection_jobs SET lease_token = $1, available_at = $2 WHERE (task, id) = (
       SELECT task, id FROM collection_jobs
       WHERE state IN ('waiting', 'asking') AND available_at <= $3 AND ${isOfOtherHelper("$4")}
       ORDER BY available_at, task, id LIMIT 1 FOR UPDATE SKIP LOCKED
     ) RETURNING ${JOB_COLUMNS}`,
    [lease.token, lease.nowSeconds + LEASE_SECONDS, lease.nowSeconds, except],
  );
  return row;
}

/** What is stored before the helper is asked: everything that the answer will need. */
export interface CollectedBatch {
  /** Its ordinal, in leader-selected mode. */
  readonly batch: number | null;
  readonly reportCount: number;
  /** The smallest interval with all reports of the batch. */
  readonly reportInterval: Interval;
  readonly leaderShare: Uint8Array;
  readonly shareRequest: Uint8Array;
}

/** Gives the lease back at once: asking is the next step. @throws {LeaseLostError} */
export async function storeCollected(
  transaction: Transaction,
  job: CollectionJob,
  batch: CollectedBatch,
): Promise<void> {
  requireOne(
    await transaction.query(
      `UPDATE collection_jobs SET state = 'asking', report_count = $4, start = $5, duration = $6,
         leader_share = $7, share_request = $8, batch = $9, failure_count = 0,
         trouble = NULL, lease_token = NULL, available_at = 0
       WHERE task = $1 AND id = $2 AND lease_token = $3 AND state = 'waiting' RETURNING task`,
      [
        job.task,
        job.id,
        job.leaseToken,
        batch.reportCount,
        batch.reportInterval.start,
        batch.reportInterval.duration,
        batch.leaderShare,
        batch.shareRequest,
        batch.batch,
      ],
    ),
  );
}

/** Ends the job with its response. @throws {LeaseLostError} */
export async function storeCollectionResponse(
  transaction: Transaction,
  job: CollectionJob,
  response: Uint8Array,
): Promise<void> {
  requireOne(
    await transaction.query(
      `UPDATE collection_jobs SET state = 'ready', response = $4, answered_at = now(), leader_share = NULL,
         share_request = NULL, trouble = NULL, lease_token = NULL
       WHERE task = $1 AND id = $2 AND lease_token = $3 AND state = 'asking' RETURNING task`,
      [job.task, job.id, job.leaseToken, response],
    ),
  );
}

/** Ends the job with a problem document. @throws {LeaseLostError} */
export async function failCollectionJob(
  transaction: Transaction,
  job: CollectionJob,
  problem: string,
): Promise<void> {
  requireOne(
    await transaction.query(
      `UPDATE collection_jobs SET state = 'failed', problem = $4, answered_at = now(), lease_token = NULL,
         trouble = NULL
       WHERE task = $1 AND id = $2 AND lease_token = $3 RETURNING task`,
      [job.task, job.id, job.leaseToken, problem],
    ),
  );
}

/** Gives the lease back until it is worth another try. @throws {LeaseLostError} */
export async function postponeCollectionJob(
  transaction: Transaction,
  job: CollectionJob,
  why: { readonly nowSeconds: number; readonly trouble?: string; readonly pauseSeconds?: number },
): Promise<void> {
  const failureCount = why.trouble === undefined ? 0 : job.failureCount + 1;
  const pause = why.pauseSeconds ?? pauseSeconds(failureCount);
  requireOne(
    await transaction.query(
      `UPDATE collection_jobs SET lease_token = NULL, failure_count = $4, trouble = $5,
         available_at = $6
       WHERE task = $1 AND id = $2 AND lease_token = $3 RETURNING task`,
      [job.task, job.id, job.leaseToken, failureCount, why.trouble ?? null, why.nowSeconds + pause],
    ),
  );
}

/**
 * Gives the lease back until the helper may have its share.
 *
 * @param helperPath where to ask; null when the request is to be sent again
 * @throws {LeaseLostError}
 */
export async function deferCollectionJob(
  transaction: Transaction,
  job: CollectionJob,
  deferral: Pick<CollectionJob, "helperPath" | "deferralCount" | "deferredSinceSeconds"> & {
    readonly trouble: string | null;
    readonly availableAtSeconds: number;
  },
): Promise<void> {
  requireOne(
    await transaction.query(
      `UPDATE collection_jobs SET lease_token = NULL, failure_count = 0, helper_path = $4,
         available_at = $5, deferral_count = $6, deferred_since = $7, trouble = $8
       WHERE task = $1 AND id = $2 AND lease_token = $3 AND state = 'asking' RETURNING task`,
      [
        job.task,
        job.id,
        job.leaseToken,
        deferral.helperPath,
        deferral.availableAtSeconds,
        deferral.deferralCount,
        deferral.deferredSinceSeconds,
        deferral.trouble,
      ],
    ),
  );
}

/** Lets a job with too few people rest until its collector asks again; whoever held it lost it. */
export async function restCollectionJob(
  transaction: Transaction,
  task: number,
  id: Uint8Array,
): Promise<void> {
  await transaction.query(
    `UPDATE collection_jobs SET state = 'resting', lease_token = NULL, trouble = NULL
     WHERE task = $1 AND id = $2 AND state = 'waiting'`,
    [task, id],
  );
}

/** Makes a resting job due: its collector asked, and there are enough people now. */
export async function wakeCollectionJob(
  transaction: Transaction,
  task: number,
  id: Uint8Array,
): Promise<void> {
  await transaction.query(
    `UPDATE collection_jobs SET state = 'waiting', available_at = 0
     WHERE task = $1 AND id = $2 AND state = 'resting'`,
    [task, id],
  );
}

/** Makes waiting jobs due now: reports of their task were aggregated. */
export async function hastenCollectionJobs(transaction: Transaction, task: number): Promise<void> {
  await transaction.query(
    `UPDATE collection_jobs SET available_at = 0
     WHERE task = $1 AND state = 'waiting' AND lease_token IS NULL AND available_at > 0`,
    [task],
  );
}

/** Takes the answer away; the batch stays collected. Returns whether there was a job. */
export async function deleteCollectionJob(
  transaction: Transaction,
  task: number,
  id: Uint8Array,
): Promise<boolean> {
  const removed = await transaction.query(
    `DELETE FROM collection_jobs WHERE task = $1 AND id = $2 AND state IN ('waiting', 'resting', 'failed')
     RETURNING task`,
    [task, id],
  );
  if (removed.length > 0) return true;
  const emptied = await transaction.query(
    `UPDATE collection_jobs SET state = 'deleted', response = NULL, leader_share = NULL,
       share_request = NULL, problem = NULL, lease_token = NULL, trouble = NULL
     WHERE task = $1 AND id = $2 AND state <> 'deleted' RETURNING task`,
    [task, id],
  );
  return emptied.length > 0;
}

function requireOne(rows: readonly object[]): void {
  if (rows.length !== 1) throw new LeaseLostError();
}
