/**
 * Batches: intervals of time, and what aggregators accumulate for each [DAP-18, Sections 4.1.2,
 * 4.5.4 and 5]. A bucket of a time-interval task is one unit of its time precision and goes by that
 * time; buckets, and shards of buckets, merge in any order.
 *
 * @module
 */
import { sha256 } from "@sumus/crypto";
import { CHECKSUM_BYTES, type Interval } from "./messages/basic.ts";
import type { DapTask } from "./task.ts";
import type { AggregationVdaf } from "./task-vdaf.ts";
import type { VerifiedReport } from "./verify-outcome.ts";

/** The sum over some reports. The aggregate share is secret until noise is added. */
export interface BatchAggregate {
  readonly aggregateShare: Uint8Array;
  readonly reportCount: number;
  /** XOR of the SHA-256 of the reports' ids: 32 bytes. */
  readonly checksum: Uint8Array;
  /** The smallest interval with all reports in it; undefined when there are none. */
  readonly interval: Interval | undefined;
}

/** An `Aggregation`, or a task of Prio3. */
interface Adding {
  readonly vdaf: AggregationVdaf;
}

export function emptyBatch({ vdaf }: Adding): BatchAggregate {
  return {
    aggregateShare: vdaf.aggregateInit(),
    reportCount: 0,
    checksum: new Uint8Array(CHECKSUM_BYTES),
    interval: undefined,
  };
}

/** The sum over verified reports, whatever their times. */
export function aggregateReports(
  { vdaf }: Adding,
  reports: readonly Pick<VerifiedReport, "reportId" | "time" | "outShare">[],
): BatchAggregate {
  let aggregateShare = vdaf.aggregateInit();
  const checksum = new Uint8Array(CHECKSUM_BYTES);
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for (const { reportId, time, outShare } of reports) {
    aggregateShare = vdaf.aggregateUpdate(aggregateShare, outShare);
    xorInto(checksum, sha256(reportId));
    first = Math.min(first, time);
    last = Math.max(last, time);
  }
  const interval = reports.length > 0 ? { start: first, duration: last - first + 1 } : undefined;
  return { aggregateShare, reportCount: reports.length, checksum, interval };
}

/** The same by bucket: a sum for each time that occurs, in order of times. */
export function aggregateByTime(
  adding: Adding,
  reports: readonly VerifiedReport[],
): { readonly time: number; readonly batch: BatchAggregate }[] {
  const buckets = Map.groupBy(reports, ({ time }) => time);
  return [...buckets]
    .sort(([left], [right]) => left - right)
    .map(([time, members]) => ({ time, batch: aggregateReports(adding, members) }));
}

/** The sum of sums over disjoint sets of reports. */
export function mergeBatches(adding: Adding, batches: Iterable<BatchAggregate>): BatchAggregate {
  let { aggregateShare, reportCount, interval } = emptyBatch(adding);
  const checksum = new Uint8Array(CHECKSUM_BYTES);
  for (const batch of batches) {
    aggregateShare = adding.vdaf.merge(aggregateShare, batch.aggregateShare);
    reportCount += batch.reportCount;
    xorInto(checksum, batch.checksum);
    interval = joinIntervals(interval, batch.interval);
  }
  return { aggregateShare, reportCount, checksum, interval };
}

/** The time of a moment, in units of the task's time precision. */
export function timeOf(task: DapTask, seconds: number): number {
  return Math.floor(seconds / task.configuration.timePrecision);
}

export function isInside(time: number, { start, duration }: Interval): boolean {
  return time >= start && time < start + duration;
}

/** Whether every time of `inner` is inside `outer`. */
export function isWithin(inner: Interval, outer: Interval): boolean {
  return inner.start >= outer.start && inner.start + inner.duration <= outer.start + outer.duration;
}

/** Whether some time is inside both. */
export function doOverlap(left: Interval, right: Interval): boolean {
  return left.start < right.start + right.duration && right.start < left.start + left.duration;
}

/** The smallest interval around both. */
export function joinIntervals(
  left: Interval | undefined,
  right: Interval | undefined,
): Interval | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  const start = Math.min(left.start, right.start);
  const end = Math.max(left.start + left.duration, right.start + right.duration);
  return { start, duration: end - start };
}

function xorInto(target: Uint8Array, bytes: Uint8Array): void {
  for (let index = 0; index < target.length; index++) {
    target[index] = (target[index] ?? 0) ^ (bytes[index] ?? 0);
  }
}
