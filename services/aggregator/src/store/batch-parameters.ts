/**
 * The aggregation parameter of each batch, for tasks that have a choice [DAP-18, Section 4.3]. A
 * bucket gets its parameter once and for all: no report is ever verified under two.
 *
 * @module
 */
import { DapProblem } from "@sumus/dap";
import type { Interval } from "@sumus/dap/messages";
import type { Transaction } from "@sumus/storage";

/** A batch that a collector waits for. */
export interface OpenBatch {
  readonly task: number;
  readonly aggParam: Uint8Array;
  /** Times, or in leader-selected mode the one ordinal. */
  readonly buckets: Interval;
  /** In leader-selected mode: with as many accepted reports it is full. */
  readonly sizeMax: number | null;
}

/**
 * Gives buckets their parameter. Whoever claims whole intervals holds the task's collection lock;
 * claims of the same bucket at the same time become a serialization failure.
 *
 * @throws {DapProblem} invalidAggregationParameter when some bucket has another one
 */
export async function claimBuckets(
  transaction: Transaction,
  { task, aggParam, buckets, sizeMax }: OpenBatch,
): Promise<void> {
  if (await hasOtherParameter(transaction, task, buckets, aggParam)) {
    throw new DapProblem(
      "invalidAggregationParameter",
      "expected the aggregation parameter that was chosen for the batch first, got another",
    );
  }
  await transaction.query(
    `INSERT INTO batch_parameters (task, start, duration, agg_param, size_max)
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING`,
    [task, buckets.start, buckets.duration, aggParam, sizeMax],
  );
}

/** Whether some bucket has another parameter than this one. */
export async function hasOtherParameter(
  transaction: Transaction,
  task: number,
  buckets: Interval,
  aggParam: Uint8Array,
): Promise<boolean> {
  const others = await transaction.query(
    `SELECT 1 FROM batch_parameters WHERE task = $1 AND agg_param <> $4
       AND start < $2::bigint + $3::bigint AND start + duration > $2 LIMIT 1`,
    [task, buckets.start, buckets.duration, aggParam],
  );
  return others.length > 0;
}

/** The batch was collected: no job is made for it any more. Its parameter stays. */
export async function closeBuckets(
  transaction: Transaction,
  task: number,
  buckets: Interval,
): Promise<void> {
  await transaction.query(
    `UPDATE batch_parameters SET is_open = false WHERE task = $1
       AND start < $2::bigint + $3::bigint AND start + duration > $2`,
    [task, buckets.start, buckets.duration],
  );
}

/** A batch that has room, and for which a report is free, `except` of some tasks. */
export async function selectHungriestBatch(
  transaction: Transaction,
  except: readonly number[],
): Promise<OpenBatch | undefined> {
  const [row] = await transaction.query<
    Omit<OpenBatch, "buckets"> & { start: number; duration: number }
  >(
    `SELECT task, start, duration, agg_param AS "aggParam", size_max AS "sizeMax"
     FROM batch_parameters b WHERE is_open AND task <> ALL($1::integer[]) AND EXISTS (
       SELECT 1 FROM pending_reports p WHERE p.task = b.task AND p.job IS NULL
         AND (b.size_max IS NOT NULL OR (p.bucket >= b.start AND p.bucket < b.start + b.duration))
     ) AND (b.size_max IS NULL OR b.size_max > coalesce((
       SELECT sum(report_count) FROM accumulators a WHERE a.task = b.task AND a.bucket = b.start
     ), 0)) ORDER BY task, start LIMIT 1`,
    [except],
  );
  if (row === undefined) return undefined;
  const { start, duration, ...rest } = row;
  return { ...rest, buckets: { start, duration } };
}
