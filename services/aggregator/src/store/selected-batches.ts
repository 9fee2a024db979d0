/**
 * Batches of leader-selected tasks. Both nodes number a task's batches, each for itself: the ordinal
 * of a batch is its bucket. A batch whose row is written excludes every other transaction that
 * would write it, so replicas that gather into the same batch at once never overfill it.
 *
 * @module
 */
import { defined } from "@sumus/assert";
import type { Interval } from "@sumus/dap/messages";
import type { Transaction } from "@sumus/storage";

/** A batch by this node's number and by the id that both nodes know it by. */
export interface SelectedBatch {
  readonly ordinal: number;
  readonly id: Uint8Array;
}

/** The one bucket of a batch. */
export function bucketsOf({ ordinal }: Pick<SelectedBatch, "ordinal">): Interval {
  return { start: ordinal, duration: 1 };
}

/**
 * Leader: the first batch with room, or a new one of `newId`. Its size is how many of its reports
 * are accepted or in a job; refused ones make room again.
 */
export async function findRoom(
  transaction: Transaction,
  task: number,
  options: { readonly sizeMax: number; readonly newId: Uint8Array },
): Promise<SelectedBatch & { readonly room: number }> {
  const [row] = await transaction.query<SelectedBatch & { size: number }>(
    `SELECT ordinal, id, size FROM selected_batches
     WHERE task = $1 AND NOT is_collected AND size < $2 ORDER BY ordinal LIMIT 1 FOR UPDATE`,
    [task, options.sizeMax],
  );
  if (row !== undefined) return { ...row, room: options.sizeMax - row.size };
  return { ...(await insertBatch(transaction, task, options.newId)), room: options.sizeMax };
}

/** Leader: counts reports in that joined a job of the batch, or out that were refused. */
export async function resizeBatch(
  transaction: Transaction,
  task: number,
  change: { readonly ordinal: number; readonly count: number },
): Promise<void> {
  if (change.count === 0) return;
  await transaction.query(
    "UPDATE selected_batches SET size = size + $3 WHERE task = $1 AND ordinal = $2",
    [task, change.ordinal, change.count],
  );
}

/** Leader: the oldest batch that no collection had and that has enough accepted reports. */
export async function selectNextBatch(
  transaction: Transaction,
  task: number,
  sizeMin: number,
): Promise<SelectedBatch | undefined> {
  const [row] = await transaction.query<SelectedBatch>(
    `SELECT ordinal, id FROM selected_batches b
     WHERE task = $1 AND NOT is_collected AND size >= $2 AND $2 <= (
       SELECT sum(report_count) FROM accumulators a WHERE a.task = b.task AND a.bucket = b.ordinal
     ) ORDER BY ordinal LIMIT 1`,
    [task, sizeMin],
  );
  return row;
}

/** Leader: how many reports the batch has that is filled first; 0 when there is none. */
export async function selectFillingSize(transaction: Transaction, task: number): Promise<number> {
  const [row] = await transaction.query<{ size: number }>(
    `SELECT size FROM selected_batches WHERE task = $1 AND NOT is_collected
     ORDER BY ordinal LIMIT 1`,
    [task],
  );
  return row?.size ?? 0;
}

/** Helper: the batch of this id, if any report of it was accepted. */
export async function selectBatch(
  transaction: Transaction,
  task: number,
  id: Uint8Array,
): Promise<(SelectedBatch & { readonly isCollected: boolean }) | undefined> {
  const [row] = await transaction.query<SelectedBatch & { isCollected: boolean }>(
    `SELECT ordinal, id, is_collected AS "isCollected" FROM selected_batches
     WHERE task = $1 AND id = $2`,
    [task, id],
  );
  return row;
}

/** A new batch behind all others of the task. */
export async function insertBatch(
  transaction: Transaction,
  task: number,
  id: Uint8Array,
): Promise<SelectedBatch> {
  // Why DO NOTHING: when another replica takes the ordinal or the id at the same time this becomes
  // a serialization failure, and the next try finds that batch.
  const [row] = await transaction.query<SelectedBatch>(
    `INSERT INTO selected_batches (task, ordinal, id)
     SELECT $1, coalesce(max(ordinal) + 1, 0), $2 FROM selected_batches WHERE task = $1
     ON CONFLICT DO NOTHING RETURNING ordinal, id`,
    [task, id],
  );
  return defined(row, "a batch is inserted once");
}

/** From now on the batch takes no reports, and no other collection has it. */
export async function markBatchCollected(
  transaction: Transaction,
  task: number,
  ordinal: number,
): Promise<void> {
  await transaction.query(
    "UPDATE selected_batches SET is_collected = true WHERE task = $1 AND ordinal = $2",
    [task, ordinal],
  );
}
