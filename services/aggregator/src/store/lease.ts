/**
 * Leases: a job belongs to whoever wrote the token in its row, until `available_at`. Every later
 * write names the token, so a worker that was away too long writes nothing.
 *
 * @module
 */

import { concat, encodeUtf8 } from "@sumus/bytes";
import { sha256 } from "@sumus/crypto";
import type { Transaction } from "@sumus/storage";
import type { RandomBytes } from "@sumus/time";

/** Longer than a step with all its tries takes, short enough to wait for after a replica died. */
export const LEASE_SECONDS = 300;

/** The first pause after a failure; it doubles up to the last. */
const PAUSE_SECONDS_FIRST = 1;
const PAUSE_SECONDS_LAST = 60;

const MARK_BYTES = 8;
const CHANCE_BYTES = 8;

/** What the tokens of one replica begin with; the same after it started again. */
function replicaMark(replica: string): Uint8Array {
  return sha256(encodeUtf8(replica)).slice(0, MARK_BYTES);
}

const LEASED = [
  "aggregation_jobs",
  "collection_jobs",
  "helper_jobs",
  "aggregate_shares",
  "housekeeping",
];

/** Makes tokens: each is used once, and says which replica made it. */
export function createLeaseTokens(replica: string, randomBytes: RandomBytes): () => Uint8Array {
  const mark = replicaMark(replica);
  return () => concat(mark, randomBytes(CHANCE_BYTES));
}

/**
 * Takes back the leases of processes that are dead: this replica's before it started again, or
 * everybody's where the store belongs to one process.
 */
export async function voidLeases(transaction: Transaction, replica?: string): Promise<void> {
  const mark = replica === undefined ? null : replicaMark(replica);
  for (const table of LEASED) {
    await transaction.query(
      `UPDATE ${table} SET lease_token = NULL, available_at = 0 WHERE lease_token IS NOT NULL
         AND ($1::bytea IS NULL OR substring(lease_token FROM 1 FOR ${MARK_BYTES}) = $1)`,
      [mark],
    );
  }
}

/** SQL: whether a job's `task` has a helper that is none of those in a parameter. */
export function isOfOtherHelper(parameter: string): string {
  return `task NOT IN (
    SELECT number FROM tasks WHERE coalesce(own_helper, '') = ANY(${parameter}::text[])
  )`;
}

/** Another worker took the job over, or it is finished. */
export class LeaseLostError extends Error {
  override readonly name = "LeaseLostError";
  readonly code = "leaseLost";

  constructor() {
    super("expected to hold the job's lease, but another worker took it over");
  }
}

/** How long to wait after `failureCount` failures in a row. */
export function pauseSeconds(failureCount: number): number {
  return Math.min(PAUSE_SECONDS_LAST, PAUSE_SECONDS_FIRST * 2 ** Math.min(failureCount - 1, 16));
}
