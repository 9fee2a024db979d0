import { defined } from "@sumus/assert";
import {
  type Aggregation,
  aggregateByTime,
  aggregateReports,
  type BatchAggregate,
  mergeBatches,
  type VerifiedReport,
} from "@sumus/dap";
import type { Interval } from "@sumus/dap/messages";
import type { Transaction } from "@sumus/storage";
import type { SelectedBatch } from "./selected-batches.ts";
import { chooseShard } from "./shards.ts";

/** The sum over reports of one bucket. Its share is worth nothing without the other node's. */
export interface BucketSum {
  /** A time, or in leader-selected mode the ordinal of a batch. */
  readonly bucket: number;
  readonly batch: BatchAggregate;
}

/** Sums over verified reports: one a time, or one alone when all go into the batch that is given. */
export function sumByBucket(
  adding: Pick<Aggregation, "vdaf">,
  reports: readonly VerifiedReport[],
  batch: Pick<SelectedBatch, "ordinal"> | undefined,
): BucketSum[] {
  if (batch === undefined) {
    return aggregateByTime(adding, reports).map(({ time, batch: sum }) => ({
      bucket: time,
      batch: sum,
    }));
  }
  if (reports.length === 0) return [];
  return [{ bucket: batch.ordinal, batch: aggregateReports(adding, reports) }];
}

interface SumRow {
  readonly bucket: number;
  readonly aggregateShare: Uint8Array;
  readonly reportCount: number;
  readonly checksum: Uint8Array;
  readonly firstTime: number;
  readonly lastTime: number;
}

const COLUMNS = `bucket, aggregate_share AS "aggregateShare", report_count AS "reportCount",
  checksum, first_time AS "firstTime", last_time AS "lastTime"`;

/** Adds sums, one a bucket, to a shard of a task's accumulators. */
export async function addSums(
  transaction: Transaction,
  adding: { readonly number: number; readonly vdaf: Aggregation["vdaf"] },
  sums: readonly BucketSum[],
): Promise<void> {
  if (sums.length === 0) return;
  const shard = chooseShard();
  const buckets = sums.map((sum) => sum.bucket);
  const rows = await transaction.query<SumRow>(
    `SELECT ${COLUMNS} FROM accumulators
     WHERE task = $1 AND shard = $2 AND bucket = ANY($3::bigint[]) ORDER BY bucket FOR UPDATE`,
    [adding.number, shard, buckets],
  );
  const before = new Map(rows.map((row) => [row.bucket, toBatch(row)]));
  const merged = sums.map(({ bucket, batch }) => {
    const other = before.get(bucket);
    return other === undefined ? batch : mergeBatches(adding, [other, batch]);
  });
  const intervals = merged.map(({ interval }) => defined(interval, "a sum is over some reports"));
  await transaction.query(
    `INSERT INTO accumulators
       (task, bucket, shard, aggregate_share, report_count, checksum, first_time, last_time)
     SELECT $1, bucket, $2, share, count, checksum, first, last
     FROM unnest($3::bigint[], $4::bytea[], $5::bigint[], $6::bytea[], $7::bigint[], $8::bigint[])
       AS t(bucket, share, count, checksum, first, last)
     ON CONFLICT (task, bucket, shard) DO UPDATE SET aggregate_share = excluded.aggregate_share,
       report_count = excluded.report_count, checksum = excluded.checksum,
       first_time = excluded.first_time, last_time = excluded.last_time`,
    [
      adding.number,
      shard,
      buckets,
      merged.map((batch) => batch.aggregateShare),
      merged.map((batch) => batch.reportCount),
      merged.map((batch) => batch.checksum),
      intervals.map(({ start }) => start),
      intervals.map(({ start, duration }) => start + duration - 1),
    ],
  );
}

/** The sums of all shards of these buckets. */
export async function selectBatches(
  transaction: Transaction,
  task: number,
  buckets: Interval,
): Promise<BatchAggregate[]> {
  const rows = await transaction.query<SumRow>(
    `SELECT ${COLUMNS} FROM accumulators
     WHERE task = $1 AND bucket >= $2 AND bucket < $2::bigint + $3::bigint
     ORDER BY bucket, shard`,
    [task, buckets.start, buckets.duration],
  );
  return rows.map(toBatch);
}

/** Verified reports in these buckets that are not collected yet. */
export async function countAccumulated(
  transaction: Transaction,
  task: number,
  buckets: Interval,
): Promise<number> {
  const [row] = await transaction.query<{ count: number | null }>(
    `SELECT sum(report_count)::bigint AS count FROM accumulators
     WHERE task = $1 AND bucket >= $2 AND bucket < $2::bigint + $3::bigint`,
    [task, buckets.start, buckets.duration],
  );
  return row?.count ?? 0;
}

/** Forgets the exact sums of a batch whose noised share is stored. */
export async function deleteSums(
  transaction: Transaction,
  task: number,
  buckets: Interval,
): Promise<void> {
  await transaction.query(
    `DELETE FROM accumulators
     WHERE task = $1 AND bucket >= $2 AND bucket < $2::bigint + $3::bigint`,
    [task, buckets.start, buckets.duration],
  );
}

function toBatch(row: SumRow): BatchAggregate {
  const { aggregateShare, reportCount, checksum, firstTime, lastTime } = row;
  const interval = { start: firstTime, duration: lastTime - firstTime + 1 };
  return { aggregateShare, reportCount, checksum, interval };
}
