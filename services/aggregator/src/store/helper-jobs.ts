/**
 * What the helper keeps of an aggregation job beside its last answer, for jobs of several steps.
 *
 * @module
 */
import type { Transaction } from "@sumus/storage";
import { LeaseLostError } from "./lease.ts";
import { type StoredAnswer, storeAnswer } from "./stored-answers.ts";

export interface HelperJobRow extends StoredAnswer {
  /** Of the last request. */
  readonly step: number;
  /** Of the last request; null after the first, by which the job is known anyway. */
  readonly requestDigest: Uint8Array | null;
  readonly aggParam: Uint8Array;
  /** In leader-selected mode. */
  readonly batchId: Uint8Array | null;
  /** Pending reports, encoded and secret; null when there are none. */
  readonly states: Uint8Array | null;
}

const COLUMNS = `step, request_digest AS "requestDigest", agg_param AS "aggParam",
  batch_id AS "batchId", states, response, problem`;

/** @param lock keeps other transactions from going on with the job until this one ends */
export async function selectHelperJob(
  transaction: Transaction,
  task: number,
  id: Uint8Array,
  lock: "" | "FOR UPDATE" = "",
): Promise<HelperJobRow | undefined> {
  const [row] = await transaction.query<HelperJobRow>(
    `SELECT ${COLUMNS} FROM helper_jobs WHERE task = $1 AND id = $2 ${lock}`,
    [task, id],
  );
  return row;
}

/** Where a job stands after one of its steps. */
export interface HelperJobStep {
  readonly task: number;
  readonly id: Uint8Array;
  readonly response: Uint8Array;
  readonly aggParam: Uint8Array;
  readonly batchId: Uint8Array | null;
  readonly states: Uint8Array | null;
}

/** Stores the answer of the first step, and what a further one needs. @throws {LeaseLostError} */
export async function storeFirstStep(
  transaction: Transaction,
  job: HelperJobStep,
  leaseToken: Uint8Array | undefined,
): Promise<void> {
  await storeAnswer(transaction, "helper_jobs", job, leaseToken);
  if (job.states === null) return;
  await transaction.query(
    `UPDATE helper_jobs SET agg_param = $3, batch_id = $4, states = $5
     WHERE task = $1 AND id = $2`,
    [job.task, job.id, job.aggParam, job.batchId, job.states],
  );
}

/** Stores the answer of a further step. @throws {LeaseLostError} */
export async function storeFurtherStep(
  transaction: Transaction,
  job: Pick<HelperJobStep, "task" | "id" | "response" | "states">,
  reached: { readonly step: number; readonly requestDigest: Uint8Array },
  leaseToken: Uint8Array | undefined,
): Promise<void> {
  requireOne(
    await transaction.query(
      `UPDATE helper_jobs SET step = $3, request_digest = $4, response = $5, states = $6,
         request = NULL, lease_token = NULL
       WHERE task = $1 AND id = $2 AND ($7::bytea IS NULL OR lease_token = $7) RETURNING task`,
      [
        job.task,
        job.id,
        reached.step,
        reached.requestDigest,
        job.response,
        job.states,
        leaseToken ?? null,
      ],
    ),
  );
}

/** Puts the request of a further step aside; the answer of the step before is gone. */
export async function deferFurtherStep(
  transaction: Transaction,
  { task, id }: { readonly task: number; readonly id: Uint8Array },
  reached: { readonly step: number; readonly requestDigest: Uint8Array },
  request: Uint8Array,
): Promise<void> {
  await transaction.query(
    `UPDATE helper_jobs SET step = $3, request_digest = $4, request = $5, response = NULL,
       failure_count = 0, available_at = 0 WHERE task = $1 AND id = $2`,
    [task, id, reached.step, reached.requestDigest, request],
  );
}

function requireOne(rows: readonly object[]): void {
  if (rows.length !== 1) throw new LeaseLostError();
}
