/**
 * Answers of the helper by the id of what was asked. The id is derived from the request, so the
 * same request finds the answer it got before.
 *
 * @module
 */
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

/** Fails on an id that has an answer already. */
export async function insertAnswer(
  transaction: Transaction,
  kind: AnswerKind,
  answer: { readonly task: number; readonly id: Uint8Array; readonly response: Uint8Array },
): Promise<void> {
  await transaction.query(`INSERT INTO ${kind} (task, id, response) VALUES ($1, $2, $3)`, [
    answer.task,
    answer.id,
    answer.response,
  ]);
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
