import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createDapTask, type TaskVdaf, type VdafConfig } from "@sumus/dap";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readMeasurement } from "./measurement.ts";
import { type Row, readRows } from "./rows.ts";
import { UploadJournal } from "./upload-journal.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sumus-rows-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function vdafOf(config: VdafConfig): TaskVdaf {
  const parameters = {
    taskInfo: new Uint8Array([1]),
    leaderAggregatorEndpoint: "https://l.example",
    helperAggregatorEndpoint: "https://h.example",
    timePrecision: 1,
    minBatchSize: 1,
  };
  return createDapTask(parameters, config).vdaf;
}

const SUM = vdafOf({ kind: "sum", maxMeasurement: 9 });

async function rowsOf(name: string, text: string, vdaf: TaskVdaf): Promise<Row[]> {
  const file = join(folder, name);
  await writeFile(file, text);
  const rows: Row[] = [];
  for await (const row of readRows(file, vdaf)) rows.push(row);
  return rows;
}

describe("a measurement", () => {
  test.each<[VdafConfig, unknown[], unknown[]]>([
    [{ kind: "count" }, [0, 1, "1"], [2, -1, "x", [1, 1], null, "1.5", ""]],
    [{ kind: "sum", maxMeasurement: 9 }, [9, "7"], [10, 0.5, Number.NaN]],
    [{ kind: "histogram", length: 3 }, [2, "0"], [3]],
    [{ kind: "sumVec", length: 2, maxMeasurement: 3 }, [[3, 0], "1, 2"], [[4, 0], [1], 1]],
    [{ kind: "multihotCountVec", length: 3, maxWeight: 2 }, ["1,1,0"], ["1,1,1", "2,0,0"]],
    [{ kind: "l1BoundSum", length: 2, maxValue: 5 }, ["2,3"], ["3,3"]],
    [{ kind: "poplar1", bits: 3 }, ["011"], ["01", "012", 11, [0, 1, 1]]],
  ])("of %j is what it takes", (config, good, bad) => {
    const vdaf = vdafOf(config);
    for (const value of good) expect(readMeasurement(vdaf, value)).toMatchObject({ ok: true });
    for (const value of bad) expect(readMeasurement(vdaf, value)).toMatchObject({ ok: false });
  });
});

describe("rows", () => {
  test("come from CSV with and without a header, and from JSON lines", async () => {
    expect(await rowsOf("plain.csv", "1\r\n2\n\n3", SUM)).toEqual(
      [1, 2, 3].map((measurement) => ({ measurement, timeSeconds: undefined })),
    );
    const header = "time,steps\n2026-10-01T00:00:00Z,7\n1790812800,8\n";
    expect(await rowsOf("header.csv", header, SUM)).toEqual([
      { measurement: 7, timeSeconds: 1_790_812_800 },
      { measurement: 8, timeSeconds: 1_790_812_800 },
    ]);
    expect(await rowsOf("some.jsonl", '4\n{"measurement":5,"time":12}\n', SUM)).toEqual([
      { measurement: 4, timeSeconds: undefined },
      { measurement: 5, timeSeconds: 12 },
    ]);
  });

  test.each([
    ["bad.csv", "1\n22\n", /bad\.csv:2: expected a whole number from 0 to 9/],
    ["bad.jsonl", "1\n{\n", /bad\.jsonl:2: expected a whole number/],
    ["late.jsonl", '{"measurement":1,"time":"soon"}\n', /late\.jsonl:1: expected a time/],
    ["rows.txt", "1\n", /ends in \.csv or \.jsonl|Cannot tell/],
  ])("of %s are refused by their line, without what stands there", async (name, text, expected) => {
    await expect(rowsOf(name, text, SUM)).rejects.toThrow(expected);
  });
});

test("a journal makes the same report of a row again, and is of one file and one task", async () => {
  const file = join(folder, "journal.csv");
  await writeFile(file, "1\n2\n");
  const first = await UploadJournal.open(file, "task", 7);
  await first.advance(1, ["report_dropped"]);
  const again = await UploadJournal.open(file, "task", 8);
  expect([first.isResumed, again.isResumed]).toEqual([false, true]);
  expect(again.state).toMatchObject({ done: 1, startedSeconds: 7, refused: { report_dropped: 1 } });
  expect(again.randomOf(2)(48)).toEqual(first.randomOf(2)(48));
  expect(again.randomOf(1)(48)).not.toEqual(first.randomOf(2)(48));
  await expect(UploadJournal.open(file, "another", 8)).rejects.toThrow(/not finished/);
  await writeFile(file, "1\n3\n");
  await expect(UploadJournal.open(file, "task", 8)).rejects.toThrow(/not finished/);
  await again.end();
  expect((await UploadJournal.open(file, "task", 9)).state.done).toBe(0);
});
