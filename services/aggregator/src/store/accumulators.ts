import { type BatchAggregate, type DapTask, mergeBatches } from "@sumus/dap";
import type { Interval } from "@sumus/dap/messages";
import type { Transaction } from "@sumus/storage";
import { chooseShard } from "./shards.ts";

/** The sum over reports of one bucket. Its share is worth nothing without the other node's. */
export interface BucketSum {
  readonly time: number;
  readonly batch: BatchAggregate;
}

interface SumRow {
  readonly bucket: number;
  readonly aggregateShare: Uint8Array;
  readonly reportCount: number;
  readonly checksum: Uint8Array;
}

const COLUMNS = `bucket, aggregate_share AS "aggregateShare", report_count AS "reportCount",
  checksum`;

/** Adds sums, one a bucket, to a shard of a task's accumulators. */
export async function addSums(
  transaction: Transaction,
  served: { readonly number: number; readonly task: DapTask },
  sums: readonly BucketSum[],
): Promise<void> {
  if (sums.length === 0) return;
  const shard = chooseShard();
  const buckets = sums.map((sum) => sum.time);
  const rows = await transaction.query<SumRow>(
    `SELECT ${COLUMNS} FROM accumulators
     WHERE task = $1 AND shard = $2 AND bucket = ANY($3::bigint[]) ORDER BY bucket FOR UPDATE`,
    [served.number, shard, buckets],
  );
  const before = new Map(rows.map((row) => [row.bucket, toBatch(row)]));
  const merged = sums.map(({ time, batch }) => {
    const other = before.get(time);
    return other === undefined ? batch : mergeBatches(served.task, [other, batch]);
  });
  await transaction.query(
    `INSERT INTO accumulators (task, bucket, shard, aggregate_share, report_count, checksum)
     SELECT $1, bucket, $2, share, count, checksum
     FROM unnest($3::bigint[], $4::bytea[], $5::bigint[], $6::bytea[])
       AS t(bucket, share, count, checksum)
     ON CONFLICT (task, bucket, shard) DO UPDATE SET aggregate_share = excluded.aggregate_share,
       report_count = excluded.report_count, checksum = excluded.checksum`,
    [
      served.number,
      shard,
      buckets,
      merged.map((batch) => batch.aggregateShare),
      merged.map((batch) => batch.reportCount),
      merged.map((batch) => batch.checksum),
    ],
  );
}

/** The sums of all shards of the interval's buckets. */
export async function selectBatches(
  transaction: Transaction,
  task: number,
  interval: Interval,
): Promise<BatchAggregate[]> {
  const rows = await transaction.query<SumRow>(
    `SELECT ${COLUMNS} FROM accumulators
     WHERE task = $1 AND bucket >= $2 AND bucket < $2::bigint + $3::bigint
     ORDER BY bucket, shard`,
    [task, interval.start, interval.duration],
  );
  return rows.map(toBatch);
}

/** Verified reports of the interval that are not collected yet. */
export async function countAccumulated(
  transaction: Transaction,
  task: number,
  interval: Interval,
): Promise<number> {
  const [row] = await transaction.query<{ count: number | null }>(
    `SELECT sum(report_count)::bigint AS count FROM accumulators
     WHERE task = $1 AND bucket >= $2 AND bucket < $2::bigint + $3::bigint`,
    [task, interval.start, interval.duration],
  );
  return row?.count ?? 0;
}

/** Forgets the exact sums of a batch whose noised share is stored. */
export async function deleteSums(
  transaction: Transaction,
  task: number,
  interval: Interval,
): Promise<void> {
  await transaction.query(
    `DELETE FROM accumulators
     WHERE task = $1 AND bucket >= $2 AND bucket < $2::bigint + $3::bigint`,
    [task, interval.start, interval.duration],
  );
}

function toBatch(row: SumRow): BatchAggregate {
  const { aggregateShare, reportCount, checksum } = row;
  const interval = { start: row.bucket, duration: 1 };
  return { aggregateShare, reportCount, checksum, interval };
}
