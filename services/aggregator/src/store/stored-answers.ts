/**
 * Answers of the helper by the id of what was asked. The id is derived from the request, so the
 * same request finds the answer it got before.
 *
 * @module
 */
import { assert } from "@sumus/assert";
import type { Transaction } from "@sumus/storage";

/** The two kinds, by the table that keeps them. */
export type AnswerKind = "helper_jobs" | "aggregate_shares";

export async function selectAnswer(
  transaction: Transaction,
  kind: AnswerKind,
  task: number,
  id: Uint8Array,
): Promise<Uint8Array | undefined> {
  const [row] = await transaction.query<{ response: Uint8Array }>(
    `SELECT response FROM ${kind} WHERE task = $1 AND id = $2`,
    [task, id],
  );
  return row?.response;
}

/** The id has no answer yet, as this transaction sees it. */
export async function insertAnswer(
  transaction: Transaction,
  kind: AnswerKind,
  answer: { readonly task: number; readonly id: Uint8Array; readonly response: Uint8Array },
): Promise<void> {
  // Why DO NOTHING: when another replica answers the same question at the same time this becomes a
  // serialization failure, and the next try finds that answer.
  const rows = await transaction.query(
    `INSERT INTO ${kind} (task, id, response) VALUES ($1, $2, $3)
     ON CONFLICT DO NOTHING RETURNING task`,
    [answer.task, answer.id, answer.response],
  );
  assert(rows.length === 1, "an answer is stored once");
}

/** Returns whether there was one. */
export async function deleteAnswer(
  transaction: Transaction,
  kind: AnswerKind,
  task: number,
  id: Uint8Array,
): Promise<boolean> {
  const rows = await transaction.query(
    `DELETE FROM ${kind} WHERE task = $1 AND id = $2 RETURNING task`,
    [task, id],
  );
  return rows.length > 0;
}
