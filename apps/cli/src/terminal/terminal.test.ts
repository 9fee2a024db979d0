import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import type { Output } from "./output.ts";
import { createProgressBar, formatStep } from "./progress-bar.ts";
import { formatLocated } from "./source-line.ts";
import { formatTable } from "./table.ts";

test("tables align and colours take no room", () => {
  const columns = [
    { title: "who", align: "left" },
    { title: "people", align: "right" },
  ] as const;
  const table = formatTable(columns, [
    ["\u001b[1mall\u001b[22m", "12"],
    ["some more", "3"],
    ["none"],
  ]);
  expect(stripVTControlCharacters(table).split("\n")).toEqual([
    "who        people",
    "all            12",
    "some more       3",
    "none",
  ]);
});

test("a step shows its count, rate and the time left", () => {
  const state = { name: "people asked", unit: "people", done: 250, total: 1000, elapsedMs: 2000 };
  expect(formatStep(state, false)).toBe("people asked: 250 of 1,000, 125 people/s, 6 s left");
  expect(formatStep(state, true)).toContain("██████░░░░");
  expect(formatStep({ ...state, done: 0 }, false)).toBe("people asked: 0 of 1,000");
  expect(formatStep({ ...state, done: 0, total: 100_000, elapsedMs: 0 }, false)).toContain(
    "0 of 100,000",
  );
  const longer = { ...state, done: 750_000, total: 1_000_000 };
  expect(formatStep({ ...longer, elapsedMs: 240_385 }, false)).toBe(
    "people asked: 750,000 of 1,000,000, 3,120 people/s, 81 s left",
  );
  expect(formatStep({ ...longer, elapsedMs: 720_000 }, false)).toMatch(/ people\/s, 4 min left$/);
  expect(formatStep({ ...longer, elapsedMs: 14_400_000 }, false)).toMatch(/, 1 h 20 min left$/);
});

test("without a terminal a step says a line now and then and one at the end", () => {
  const lines: string[] = [];
  let now = 0;
  const output: Output = {
    print: () => {},
    say: (text) => lines.push(text),
    live: false,
    columns: () => 80,
  };
  const progress = createProgressBar(output, () => now);
  const step = progress.begin("people asked", 100, "people");
  for (let second = 1; second <= 12; second++) {
    now = second * 1000;
    step.advance(5);
  }
  step.end();
  step.end();
  const short = progress.begin("short", 1, "people");
  short.advance(1);
  short.end();
  expect(lines).toEqual([
    "people asked: 50 of 100, 5 people/s, 10 s left",
    "people asked: 60 in 12.0 s",
  ]);
});

test("a problem is shown with its line and a caret", () => {
  const text = formatLocated("s.yaml", "title: x\nprivacy: { epsilon: 0 }\n", {
    line: 2,
    column: 21,
    message: "expected epsilon above 0, got 0",
    remedy: "choose 1, for instance",
  });
  expect(stripVTControlCharacters(text).split("\n")).toEqual([
    "s.yaml:2:21: expected epsilon above 0, got 0",
    "2 | privacy: { epsilon: 0 }",
    "                        ^",
    "  choose 1, for instance",
  ]);
});
