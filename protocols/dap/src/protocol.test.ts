import { encodeHex } from "@sumus/bytes";
import type { Measurement, Prio3Config } from "@sumus/vdaf";
import { describe, expect, test } from "vitest";
import { aggregateByTime, aggregateReports, mergeBatches } from "./batch.ts";
import { createParties, NOW_SECONDS, runAll, runCollection, runJob } from "./testing.ts";

interface Case {
  readonly vdaf: Prio3Config;
  readonly measurements: readonly Measurement[];
  readonly aggregate: readonly bigint[];
}

const cases: readonly Case[] = [
  { vdaf: { kind: "count" }, measurements: [1, 0, 1, 1], aggregate: [3n] },
  { vdaf: { kind: "sum", maxMeasurement: 1000 }, measurements: [0, 7, 1000], aggregate: [1007n] },
  { vdaf: { kind: "sum", maxMeasurement: 1 }, measurements: [1, 1, 0], aggregate: [2n] },
  {
    vdaf: { kind: "sumVec", length: 3, maxMeasurement: 15 },
    measurements: [
      [0, 15, 3],
      [1, 15, 4],
    ],
    aggregate: [1n, 30n, 7n],
  },
  {
    vdaf: { kind: "histogram", length: 11 },
    measurements: [0, 3, 10, 3],
    aggregate: [1n, 0n, 0n, 2n, 0n, 0n, 0n, 0n, 0n, 0n, 1n],
  },
  {
    vdaf: { kind: "multihotCountVec", length: 5, maxWeight: 2 },
    measurements: [
      [0, 1, 0, 1, 0],
      [0, 0, 0, 1, 0],
      [0, 0, 0, 0, 0],
    ],
    aggregate: [0n, 1n, 0n, 2n, 0n],
  },
  {
    vdaf: { kind: "l1BoundSum", length: 4, maxValue: 10 },
    measurements: [
      [0, 0, 10, 0],
      [1, 2, 3, 4],
      [0, 0, 0, 0],
    ],
    aggregate: [1n, 2n, 13n, 4n],
  },
];

describe.each(cases)("client, leader, helper and collector with $vdaf.kind", (entry) => {
  test("sum exactly what was measured", () => {
    const parties = createParties(entry.vdaf);
    const reports = entry.measurements.map((measurement) => parties.report(measurement));
    const collection = runAll(parties, reports);
    expect(collection.reportCount).toBe(reports.length);
    expect(collection.aggregate).toEqual(entry.aggregate);
    const time = Math.floor(NOW_SECONDS / 3600);
    expect(collection.interval).toEqual({ start: time, duration: 1 });
  });

  test("sum the same in dap-19, where reports of dap-18 do not open", () => {
    const parties = createParties(entry.vdaf, {}, "dap-19");
    const older = createParties(entry.vdaf);
    const reports = entry.measurements.map((measurement) => parties.report(measurement));
    expect(runAll(parties, reports).aggregate).toEqual(entry.aggregate);
    const foreign = entry.measurements.map((measurement) => older.report(measurement));
    const { refusedByLeader, leaderCommitted } = runJob(parties, foreign);
    expect(leaderCommitted).toHaveLength(0);
    expect(new Set(refusedByLeader.map(({ error }) => error))).toEqual(
      new Set(["hpke_decrypt_error"]),
    );
  });
});

test("jobs and buckets merge in any order into the batch that the collector asks for", () => {
  const parties = createParties({ kind: "histogram", length: 6 });
  const { task } = parties;
  const hour = (index: number) => ({ timeSeconds: NOW_SECONDS - 3600 * index });
  const jobs = [0, 1, 2].map((job) =>
    runJob(
      parties,
      [0, 1, 2].map((index) => parties.report(2 * (job % 3) + (index % 2), hour(index))),
    ),
  );
  const buckets = (side: "leaderCommitted" | "helperCommitted") =>
    jobs.flatMap((job) => aggregateByTime(task, job[side]));
  const last = Math.floor(NOW_SECONDS / 3600);
  expect(new Set(buckets("leaderCommitted").map(({ time }) => time))).toEqual(
    new Set([last - 2, last - 1, last]),
  );

  // The collector asks for the two later hours; the first stays for another time.
  const interval = { start: last - 1, duration: 2 };
  const batch = (side: "leaderCommitted" | "helperCommitted") =>
    mergeBatches(
      task,
      buckets(side)
        .filter(({ time }) => time >= interval.start)
        .map((bucket) => bucket.batch)
        .reverse(),
    );
  const leaderBatch = batch("leaderCommitted");
  const direct = aggregateReports(
    task,
    jobs.flatMap((job) => job.leaderCommitted).filter(({ time }) => time >= interval.start),
  );
  expect(leaderBatch).toEqual(direct);

  const collection = runCollection(parties, interval, leaderBatch, batch("helperCommitted"));
  expect(collection.reportCount).toBe(6);
  expect(collection.aggregate).toEqual([1n, 1n, 1n, 1n, 1n, 1n]);
  expect(collection.interval).toEqual(interval);
});

test("seeded parties make the same reports again", () => {
  const make = () => encodeHex(createParties({ kind: "sum", maxMeasurement: 5 }).report(3));
  expect(make()).toBe(make());
});
