/**
 * Answers of the helper by the id of what was asked. The id is derived from the request, so the
 * same request finds the answer it got before. A request that is answered later stands in its row
 * until then, and whoever works on it holds a lease.
 *
 * @module
 */
import { assert } from "@sumus/assert";
import type { Transaction } from "@sumus/storage";
import { LEASE_SECONDS, LeaseLostError, pauseSeconds } from "./lease.ts";

/** The two kinds, by the table that keeps them. */
export type AnswerKind = "helper_jobs" | "aggregate_shares";

/** Neither a response nor a problem: it is being worked on. */
export interface StoredAnswer {
  readonly response: Uint8Array | null;
  /** A problem document. */
  readonly problem: string | null;
}

interface AnswerKey {
  readonly task: number;
  readonly id: Uint8Array;
}

/** A request that this worker holds a lease on. */
export interface DeferredRequest extends AnswerKey {
  readonly request: Uint8Array;
  /** The time by which its reports are judged. */
  readonly receivedAtSeconds: number;
  readonly failureCount: number;
  readonly leaseToken: Uint8Array;
}

export async function selectAnswer(
  transaction: Transaction,
  kind: AnswerKind,
  { task, id }: AnswerKey,
): Promise<StoredAnswer | undefined> {
  const [row] = await transaction.query<StoredAnswer>(
    `SELECT response, problem FROM ${kind} WHERE task = $1 AND id = $2`,
    [task, id],
  );
  return row;
}

/**
 * Stores an answer: of a request that has none yet as this transaction sees it, or of one under a
 * lease.
 *
 * @throws {LeaseLostError}
 */
export async function storeAnswer(
  transaction: Transaction,
  kind: AnswerKind,
  answer: AnswerKey & { readonly response: Uint8Array },
  leaseToken: Uint8Array | undefined,
): Promise<void> {
  const { task, id, response } = answer;
  if (leaseToken !== undefined) {
    requireOne(
      await transaction.query(
        `UPDATE ${kind} SET response = $4, request = NULL, problem = NULL, lease_token = NULL
         WHERE task = $1 AND id = $2 AND lease_token = $3 RETURNING task`,
        [task, id, leaseToken, response],
      ),
    );
    return;
  }
  // When another replica answers the same question at the same time this becomes a serialization
  // failure, and the next try finds that answer.
  const rows = await transaction.query(
    `INSERT INTO ${kind} AS a (task, id, response) VALUES ($1, $2, $3)
     ON CONFLICT (task, id) DO UPDATE SET response = excluded.response, problem = NULL
     WHERE a.response IS NULL AND a.request IS NULL RETURNING task`,
    [task, id, response],
  );
  assert(rows.length === 1, "an answer is stored once");
}

/** Puts a request aside that is new, or that failed before. */
export async function deferRequest(
  transaction: Transaction,
  kind: AnswerKind,
  { task, id }: AnswerKey,
  request: Uint8Array,
  nowSeconds: number,
): Promise<void> {
  await transaction.query(
    `INSERT INTO ${kind} AS a (task, id, request, received_at) VALUES ($1, $2, $3, $4)
     ON CONFLICT (task, id) DO UPDATE SET request = excluded.request, problem = NULL,
       received_at = excluded.received_at, failure_count = 0, available_at = 0
     WHERE a.problem IS NOT NULL`,
    [task, id, request, nowSeconds],
  );
}

/** Requests that wait for their answers. */
export async function countDeferred(transaction: Transaction, kind: AnswerKind): Promise<number> {
  const [row] = await transaction.query<{ count: number }>(
    `SELECT count(*) AS count FROM ${kind} WHERE request IS NOT NULL`,
  );
  return row?.count ?? 0;
}

/** Leases the request that has waited longest of those that are due. */
export async function leaseRequest(
  transaction: Transaction,
  kind: AnswerKind,
  lease: { readonly token: Uint8Array; readonly nowSeconds: number },
): Promise<DeferredRequest | undefined> {
  const [row] = await transaction.query<DeferredRequest>(
    `UPDATE ${kind} SET lease_token = $1, available_at = $2 WHERE (task, id) = (
       SELECT task, id FROM ${kind} WHERE request IS NOT NULL AND available_at <= $3
       ORDER BY available_at, received_at, task, id LIMIT 1 FOR UPDATE SKIP LOCKED
     ) RETURNING task, id, request, received_at AS "receivedAtSeconds",
       failure_count AS "failureCount", lease_token AS "leaseToken"`,
    [lease.token, lease.nowSeconds + LEASE_SECONDS, lease.nowSeconds],
  );
  return row;
}

/** Gives the lease back until it is worth another try. @throws {LeaseLostError} */
export async function postponeRequest(
  transaction: Transaction,
  kind: AnswerKind,
  { task, id, leaseToken, failureCount }: DeferredRequest,
  nowSeconds: number,
): Promise<void> {
  requireOne(
    await transaction.query(
      `UPDATE ${kind} SET lease_token = NULL, failure_count = $4, available_at = $5
       WHERE task = $1 AND id = $2 AND lease_token = $3 RETURNING task`,
      [task, id, leaseToken, failureCount + 1, nowSeconds + pauseSeconds(failureCount + 1)],
    ),
  );
}

/** Ends a request with a problem document. @throws {LeaseLostError} */
export async function failRequest(
  transaction: Transaction,
  kind: AnswerKind,
  { task, id, leaseToken }: DeferredRequest,
  problem: string,
): Promise<void> {
  requireOne(
    await transaction.query(
      `UPDATE ${kind} SET problem = $4, request = NULL, lease_token = NULL
       WHERE task = $1 AND id = $2 AND lease_token = $3 RETURNING task`,
      [task, id, leaseToken, problem],
    ),
  );
}

/** Returns whether there was one. */
export async function deleteAnswer(
  transaction: Transaction,
  kind: AnswerKind,
  { task, id }: AnswerKey,
): Promise<boolean> {
  const rows = await transaction.query(
    `DELETE FROM ${kind} WHERE task = $1 AND id = $2 RETURNING task`,
    [task, id],
  );
  return rows.length > 0;
}

function requireOne(rows: readonly object[]): void {
  if (rows.length !== 1) throw new LeaseLostError();
}
