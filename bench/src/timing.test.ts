import { describe, expect, it } from "vitest";
import type { Subject, SubjectKind } from "./timing/subject.ts";
import { conclude, timingBench, timingRow } from "./timing.ts";

const VERDICT = { t: 1.234, samples: 512, nanoseconds: [40.4, 41.6], detectable: 0.123 } as const;

function subject(kind: SubjectKind): Subject {
  return { name: "thing", kind, classes: ["zeros", "ones"], prepare: () => () => 0 };
}

function rowOf(kind: SubjectKind, t: number, tAgain?: number): ReturnType<typeof timingRow> {
  const again = tAgain === undefined ? undefined : { ...VERDICT, t: tAgain };
  return timingRow(subject(kind), { ...VERDICT, t }, again);
}

describe("a row of the timing bench", () => {
  it("has its shape", () => {
    expect(timingRow(subject("path"), VERDICT)).toStrictEqual({
      bench: "timing",
      case: "thing",
      kind: "path",
      classes: ["zeros", "ones"],
      samples: 512,
      nanoseconds: [40, 42],
      detectable: 0.12,
      t: 1.23,
      threshold: 4.5,
      differs: false,
    });
  });

  it.each([
    [4.4, undefined, false],
    [4.6, 4.4, false],
    [4.6, -4.6, false],
    [4.6, 4.6, true],
    [-9, -5, true],
  ])("t = %d, then %s: differs is %s", (t, tAgain, differs) => {
    const row = rowOf("path", t, tAgain);
    expect(row.differs).toBe(differs);
    expect(row.tAgain).toBe(tAgain);
  });

  it("fills a line of the table", () => {
    const cells = timingBench.columns.map((column) => column.text(rowOf("path", 5, 6)));
    expect(cells).toEqual([
      "thing",
      "zeros | ones",
      "512",
      "40",
      "42",
      "0.12 ns",
      "5.00",
      "6.00",
      "DIFFERS",
    ]);
  });
});

describe("a run of the timing bench", () => {
  const good = [rowOf("positive control", 50, 50), rowOf("null control", 1), rowOf("path", 2)];

  it("is sound when controls and paths are as they must be, limits or not", () => {
    expect(conclude([...good, rowOf("limit", 90, 90)])).toEqual({ sound: true, notes: [] });
  });

  it.each([
    ["a leak undetected", rowOf("positive control", 1), "control failed"],
    ["a difference between equals", rowOf("null control", 9, 9), "control failed"],
    ["a path that leaks", rowOf("path", 9, 9), "time depends on the secret"],
  ])("is not sound after %s", (_, row, note) => {
    const { sound, notes } = conclude([...good, row]);
    expect(sound).toBe(false);
    expect(notes).toEqual([expect.stringContaining(note)]);
  });
});
