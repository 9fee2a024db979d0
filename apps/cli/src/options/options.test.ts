import { expect, test } from "vitest";
import { parsePeople } from "./count-option.ts";
import { parseSample } from "./sample-option.ts";
import { parseShare } from "./share-option.ts";
import { parseTable } from "./table-option.ts";

test("shares are percentages or fractions", () => {
  expect(["1%", "0.01", "2.5 %", "100%", "0", ".5"].map(parseShare)).toEqual([
    0.01, 0.01, 0.025, 1, 0, 0.5,
  ]);
  for (const wrong of ["", "%", "-1%", "101%", "2", "1e-2", "five"]) {
    expect(() => parseShare(wrong)).toThrow(/Expected a share/);
  }
});

test("people are counted in whole numbers", () => {
  expect(parsePeople("10_000")).toBe(10_000);
  for (const wrong of ["", "0", "-5", "1.5", "1e3", "2000000", "_"]) {
    expect(() => parsePeople(wrong)).toThrow(/Expected a whole number/);
  }
});

test("tables have a name, a file and a person column", () => {
  const first = parseTable("a=/x/b:c.csv.gz:id");
  expect(first).toEqual([{ name: "a", file: "/x/b:c.csv.gz", personColumn: "id" }]);
  expect(parseTable("b=b.csv:id", first)).toHaveLength(2);
  expect(() => parseTable("a=b.csv:id", first)).toThrow(/once/);
  for (const wrong of ["a", "a=b.csv", "=b.csv:id", "a=b.csv:"]) {
    expect(() => parseTable(wrong)).toThrow(/NAME=FILE/);
  }
});

test("a sample names its table and file, and whose its rows are where that is said", () => {
  const columnOf = (text: string): unknown => parseSample(text)[0]?.personColumn;
  expect(parseSample("visits=a.csv")).toEqual([
    { name: "visits", file: "a.csv", personColumn: null },
  ]);
  expect(columnOf("visits=./some:where/a.csv.gz:patient id")).toBe("patient id");
  expect(columnOf("visits=./some:where/a.csv")).toBe(null);
  expect(() => parseSample("a.csv")).toThrow("NAME=FILE.csv");
  expect(() => parseSample("visits=b.csv", parseSample("visits=a.csv"))).toThrow("twice");
});
