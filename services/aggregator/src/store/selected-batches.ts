/**
 * Batches of leader-selected tasks. Both nodes number a task's batches, each for itself: the ordinal
 * of a batch is its bucket.
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

const ACCEPTED = `coalesce((
    SELECT sum(report_count) FROM accumulators a WHERE a.task = b.task AND a.bucket = b.ordinal
  ), 0)::bigint`;

/**
 * Leader: the batch that new jobs go to, and how many of its reports are accepted. Only the newest
 * one can be it: another is begun when it is full.
 *
 * @param promised the ordinal of a batch that a collector waits for, which alone is meant then
 */
export async function selectFillingBatch(
  transaction: Transaction,
  task: number,
  sizeMin: number,
  promised: number | null,
): Promise<(SelectedBatch & { readonly accepted: number }) | undefined> {
  const [row] = await transaction.query<SelectedBatch & { isCollected: boolean; accepted: number }>(
    `SELECT ordinal, id, is_collected AS "isCollected", ${ACCEPTED} AS accepted
     FROM selected_batches b WHERE task = $1 AND ordinal = coalesce($2, ordinal)
     ORDER BY ordinal DESC LIMIT 1`,
    [task, promised],
  );
  return row === undefined || row.isCollected || row.accepted >= sizeMin ? undefined : row;
}

/**
 * Leader: the oldest batch that is not collected, has enough accepted reports, and none in a job.
 *
 * @param promised the ordinal of the batch that this collector waits for; null when any will do
 */
export async function selectCompleteBatch(
  transaction: Transaction,
  task: number,
  sizeMin: number,
  promised: number | null,
): Promise<SelectedBatch | undefined> {
  const [row] = await transaction.query<SelectedBatch>(
    `SELECT ordinal, id FROM selected_batches b
     WHERE task = $1 AND ordinal = coalesce($3, ordinal) AND NOT is_collected
       AND ${ACCEPTED} >= $2 AND NOT EXISTS (
       SELECT FROM aggregation_jobs j
       WHERE j.task = b.task AND j.batch = b.ordinal AND j.state <> 'abandoned'
     ) ORDER BY ordinal LIMIT 1`,
    [task, sizeMin, promised],
  );
  return row;
}

/**
 * Leader: a batch with this parameter that no collection job waits for any more, because its
 * collector deleted the job.
 */
export async function selectForsakenBatch(
  transaction: Transaction,
  task: number,
  aggParam: Uint8Array,
): Promise<SelectedBatch | undefined> {
  const [row] = await transaction.query<SelectedBatch>(
    `SELECT s.ordinal, s.id FROM selected_batches s
     JOIN batch_parameters b ON b.task = s.task AND b.start = s.ordinal
     WHERE s.task = $1 AND NOT s.is_collected AND b.agg_param = $2 AND NOT EXISTS (
       SELECT 1 FROM collection_jobs c
       WHERE c.task = s.task AND c.batch = s.ordinal AND c.state <> 'deleted'
     ) ORDER BY s.ordinal LIMIT 1`,
    [task, aggParam],
  );
  return row;
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

export async function countCollectedBatches(
  transaction: Transaction,
  task: number,
): Promise<number> {
  const [row] = await transaction.query<{ count: number }>(
    "SELECT count(*) AS count FROM selected_batches WHERE task = $1 AND is_collected",
    [task],
  );
  return row?.count ?? 0;
}

/** Batches that are full and not collected, and the accepted reports of those that are not full. */
export async function countWaitingBatches(
  transaction: Transaction,
  task: number,
  sizeMin: number,
): Promise<{ readonly full: number; readonly filling: number }> {
  const [row] = await transaction.query<{ full: number; filling: number }>(
    `SELECT count(*) FILTER (WHERE accepted >= $2) AS full,
       coalesce(sum(accepted) FILTER (WHERE accepted < $2), 0)::bigint AS filling
     FROM (
       SELECT ${ACCEPTED} AS accepted FROM selected_batches b WHERE task = $1 AND NOT is_collected
     ) AS batches`,
    [task, sizeMin],
  );
  return row ?? { full: 0, filling: 0 };
}
