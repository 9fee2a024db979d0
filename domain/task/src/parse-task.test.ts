import { decodeBase64url, encodeBase64url } from "@sumus/bytes";
import { formatProblem } from "@sumus/document";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  canonicalTask,
  completeTask,
  dapTaskOf,
  decodeTask,
  halfWidthOf,
  noiseOf,
  parseTask,
  type TaskDocument,
  TaskError,
} from "./index.ts";

const KEY = encodeBase64url(new Uint8Array(32).fill(9));

/** A good task with some fields changed; null leaves one out. */
function taskWith(changes: Readonly<Record<string, string | null>> = {}): string {
  const fields: Record<string, string | null> = {
    title: "Steps a day",
    vdaf: "{ type: Prio3Histogram, length: 12 }",
    batch_mode: "time_interval",
    time_precision: "1h",
    min_batch_size: "100",
    leader: "https://leader.example/",
    helper: "https://helper.example",
    noise: "{ epsilon: 1, delta: 1e-9 }",
    collector: KEY,
    ...changes,
  };
  return Object.entries(fields)
    .flatMap(([key, value]) => (value === null ? [] : [`${key}: ${value}\n`]))
    .join("");
}

function documentOf(text: string): TaskDocument {
  const reading = parseTask(text);
  if (!reading.ok) throw new TaskError(reading.problems);
  return completeTask(reading.draft);
}

function problemsOf(text: string): string {
  const reading = parseTask(text);
  return reading.ok ? "" : reading.problems.map(formatProblem).join("\n");
}

describe("a task document", () => {
  test("fills in what follows, and is the same task on the wire", () => {
    const document = documentOf(taskWith());
    expect(document).toMatchObject({
      vdaf: { kind: "histogram", length: 12, chunkLength: 4 },
      timePrecision: 3600,
      version: "dap-18",
      interval: null,
    });
    const again = decodeTask(canonicalTask(document));
    expect(again).toEqual(document);
    expect(dapTaskOf(again).id).toEqual(dapTaskOf(document).id);
  });

  test("is another task when anything of it is other", () => {
    const ids = [
      taskWith(),
      taskWith({ title: "Steps a week" }),
      taskWith({ noise: "none" }),
      taskWith({ noise: "{ epsilon: 1, delta: 0 }" }),
      taskWith({ collector: encodeBase64url(new Uint8Array(32).fill(8)) }),
      taskWith({ time_precision: "2h" }),
      taskWith({ vdaf: "{ type: Prio3Histogram, length: 12, chunk_length: 3 }" }),
      taskWith({ version: "dap-19" }),
      taskWith({ interval: "{ starts: 2026-10-01, ends: 2026-10-02 }" }),
      taskWith({ task_info: "AQID" }),
      taskWith({ batch_mode: "leader_selected" }),
    ].map((text) => encodeBase64url(dapTaskOf(documentOf(text)).id));
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("takes its task_info from whoever named the task", () => {
    const { configuration } = dapTaskOf(documentOf(taskWith({ task_info: "AQID" })));
    expect(configuration.taskInfo).toEqual(decodeBase64url("AQID"));
  });

  test("keeps its interval in whole units of time", () => {
    const text = taskWith({ interval: "{ starts: 2026-10-01, ends: 2026-10-01T12:00:00Z }" });
    expect(dapTaskOf(documentOf(text)).interval).toEqual({ start: 497_448, duration: 12 });
  });

  test("has the noise that it says, and none only in so many words", () => {
    expect(noiseOf(documentOf(taskWith({ noise: "none" })))).toBeUndefined();
    expect(halfWidthOf(documentOf(taskWith({ noise: "none" })))).toBe(0);
    expect(noiseOf(documentOf(taskWith()))?.kind).toBe("gaussian");
    expect(halfWidthOf(documentOf(taskWith()))).toBeGreaterThan(10);
    expect(problemsOf(taskWith({ noise: null }))).toMatch(/expected noise, got nothing/);
    for (const noise of ["some", "{}", "0", "{ epsilon: 0, delta: 0 }", "[]"]) {
      expect(problemsOf(taskWith({ noise })), noise).toMatch(/^8:\d+ noise/);
    }
  });

  test.each([
    ["Prio3Count", "{ type: Prio3Count }", { kind: "count" }],
    ["Prio3Sum", "{ type: Prio3Sum, max_measurement: 9 }", { kind: "sum", maxMeasurement: 9 }],
    ["Prio3SumVec", "{ type: Prio3SumVec, length: 3, max_measurement: 1 }", { kind: "sumVec" }],
    ["Multihot", "{ type: Prio3MultihotCountVec, length: 3, max_weight: 1 }", { maxWeight: 1 }],
    ["L1BoundSum", "{ type: Prio3L1BoundSum, length: 3, max_value: 7 }", { maxValue: 7 }],
    ["Poplar1", "{ type: Poplar1, bits: 8 }", { kind: "poplar1", bits: 8 }],
  ])("takes %s", (_, vdaf, expected) => {
    const document = documentOf(taskWith({ vdaf }));
    expect(document.vdaf).toMatchObject(expected);
    expect(decodeTask(canonicalTask(document))).toEqual(document);
  });
});

test.each<[string, Readonly<Record<string, string | null>>, RegExp]>([
  ["an unknown field", { leadr: "x" }, /10:1 leadr: .*did you mean leader\?/],
  ["an unknown VDAF", { vdaf: "{ type: Prio3Histo }" }, /2:15 vdaf.type: expected the type/],
  ["a missing parameter", { vdaf: "{ type: Prio3Sum }" }, /vdaf.max_measurement: expected/],
  ["another's parameter", { vdaf: "{ type: Prio3Count, length: 3 }" }, /a field of Prio3Count/],
  ["a chunk too long", { vdaf: "{ type: Prio3Histogram, length: 3, chunk_length: 9 }" }, /2:7/],
  ["a batch mode", { batch_mode: "daily" }, /time_interval or leader_selected/],
  ["a duration", { time_precision: "soon" }, /30s, 15m, 1h, 1d or 1w/],
  ["no batch size", { min_batch_size: "0" }, /min_batch_size/],
  ["one address twice", { helper: "https://leader.example/" }, /got one address twice/],
  ["plain http", { leader: "http://leader.example" }, /expected an https address/],
  ["a short key", { collector: "AAAA" }, /expected a key of 32 bytes, got 3/],
  [
    "an interval between hours",
    { interval: "{ starts: 2026-10-01T00:30:00Z, ends: 2026-10-02 }" },
    /the nearest is 2026-10-01T0[01]:00:00Z/,
  ],
  ["an interval backwards", { interval: "{ starts: 2026-10-02, ends: 2026-10-01 }" }, /ends after/],
  ["no task_info", { task_info: "''" }, /1 to 255 bytes, got 0/],
  ["half a peer", { peer: "{ verify_key_file: a }" }, /peer.token_file: expected token_file/],
  [
    "a secret in the text",
    { peer: "{ verify_key: AAAA, token: abc }" },
    /expected a field of peer/,
  ],
])("says what is wrong with %s, and where", (_, changes, expected) => {
  expect(problemsOf(taskWith(changes))).toMatch(expected);
});

test("warns of exact sums and of batches of one", () => {
  const reading = parseTask(taskWith({ noise: "none", min_batch_size: "1" }));
  expect(reading.ok && reading.warnings.map(({ path }) => path)).toEqual([
    "noise",
    "min_batch_size",
  ]);
});

describe("on the wire", () => {
  test("there are no files, no gaps and one form", () => {
    const text = canonicalTask(documentOf(taskWith()));
    const withFiles = text.replace("{", '{"peer":{"token_file":"a","verify_key_file":"b"},');
    for (const bad of [` ${text}`, withFiles, text.slice(0, -1), "", "[]", "{}"]) {
      expect(() => decodeTask(bad)).toThrow(TaskError);
    }
    const { collector: _, ...rest } = JSON.parse(text) as Record<string, unknown>;
    expect(() => decodeTask(JSON.stringify(rest))).toThrow(/expected collector, got nothing/);
  });

  test("anything is a task or a TaskError", () => {
    const text = canonicalTask(documentOf(taskWith()));
    fc.assert(
      fc.property(fc.nat(text.length), fc.string({ maxLength: 8 }), fc.nat(8), (at, put, cut) => {
        try {
          decodeTask(text.slice(0, at) + put + text.slice(at + cut));
        } catch (error) {
          expect(error).toBeInstanceOf(TaskError);
        }
      }),
    );
    fc.assert(fc.property(fc.string(), (any) => void parseTask(any)));
  });
});
