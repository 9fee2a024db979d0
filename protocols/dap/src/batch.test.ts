import { sha256 } from "@sumus/crypto";
import { array, assert, integer, nat, property, record } from "fast-check";
import { describe, expect, test } from "vitest";
import {
  aggregateByTime,
  aggregateReports,
  doOverlap,
  emptyBatch,
  isInside,
  isWithin,
  joinIntervals,
  mergeBatches,
  timeOf,
} from "./batch.ts";
import { createParties } from "./testing.ts";

const { task } = createParties({ kind: "sum", maxMeasurement: 255 });
const interval = record({ start: nat(12), duration: integer({ min: 1, max: 6 }) });
const times = Array.from({ length: 30 }, (_, time) => time);

describe("intervals", () => {
  test("agree with the sets of times that they stand for", () => {
    assert(
      property(interval, interval, (left, right) => {
        const both = times.filter((time) => isInside(time, left) && isInside(time, right));
        expect(doOverlap(left, right)).toBe(both.length > 0);
        const within = times.every((time) => !isInside(time, left) || isInside(time, right));
        expect(isWithin(left, right)).toBe(within);
        const joined = joinIntervals(left, right);
        expect(joined && isWithin(left, joined) && isWithin(right, joined)).toBe(true);
        expect(joined?.start).toBe(Math.min(left.start, right.start));
      }),
    );
  });

  test("are half-open", () => {
    expect(isInside(5, { start: 5, duration: 1 })).toBe(true);
    expect(isInside(6, { start: 5, duration: 1 })).toBe(false);
    expect(isInside(4, { start: 5, duration: 1 })).toBe(false);
    expect(doOverlap({ start: 1, duration: 2 }, { start: 3, duration: 1 })).toBe(false);
    expect(joinIntervals(undefined, undefined)).toBeUndefined();
  });

  test("count in the task's time precision, as in the draft's example", () => {
    const example = createParties({ kind: "count" }, { timePrecision: 1000 }).task;
    expect(timeOf(example, 1729629081)).toBe(1729629);
  });
});

describe("batches", () => {
  const reports = array(record({ value: nat(255), time: nat(5), shard: nat(3) }), {
    maxLength: 12,
  }).map((list) =>
    list.map(({ value, time, shard }, index) => ({
      ok: true as const,
      reportId: Uint8Array.from({ length: 16 }, (_, at) => (at === 0 ? index : value)),
      time,
      shard,
      value,
      outShare: task.vdaf.encodeAggregate([BigInt(value)]),
    })),
  );

  test("are the same however reports are spread over shards and buckets", () => {
    assert(
      property(reports, (list) => {
        const whole = aggregateReports(task, list);
        const shards = [3, 1, 0, 2].map((shard) =>
          aggregateReports(
            task,
            list.filter((report) => report.shard === shard),
          ),
        );
        expect(mergeBatches(task, shards)).toEqual(whole);
        const buckets = aggregateByTime(task, list);
        expect(
          mergeBatches(
            task,
            buckets.map(({ batch }) => batch),
          ),
        ).toEqual(whole);
        expect(buckets.map(({ time }) => time)).toEqual(
          [...new Set(list.map(({ time }) => time))].sort((left, right) => left - right),
        );
      }),
    );
  });

  test("sum shares, count reports, and know the smallest interval", () => {
    assert(
      property(reports, (list) => {
        const { aggregateShare, reportCount, interval } = aggregateReports(task, list);
        const sum = list.reduce((total, { value }) => total + BigInt(value), 0n);
        expect(task.vdaf.decodeAggregate(aggregateShare)).toEqual([sum]);
        expect(reportCount).toBe(list.length);
        const occurring = list.map(({ time }) => time);
        const expected = interval && {
          start: Math.min(...occurring),
          duration: Math.max(...occurring) - Math.min(...occurring) + 1,
        };
        expect(interval).toEqual(expected);
        expect(interval === undefined).toBe(list.length === 0);
      }),
    );
  });

  test("have the XOR of the hashes of their report ids as checksum", () => {
    const ids = [new Uint8Array(16), new Uint8Array(16).fill(9)];
    const [left, right] = ids.map((id) => sha256(id));
    const outShare = task.vdaf.aggregateInit();
    const batch = aggregateReports(
      task,
      ids.map((reportId) => ({ ok: true, reportId, time: 0, outShare })),
    );
    expect(batch.checksum).toEqual(
      Uint8Array.from({ length: 32 }, (_, at) => (left?.[at] ?? 0) ^ (right?.[at] ?? 0)),
    );
    expect(emptyBatch(task).checksum).toEqual(new Uint8Array(32));
    expect(mergeBatches(task, [])).toEqual(emptyBatch(task));
  });
});
