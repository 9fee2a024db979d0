import { expect, test } from "vitest";
import { parsePeople } from "./count-option.ts";
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
