import { expect, test } from "vitest";
import { becomes, comparisonsOf, placeOf } from "./code-hints.ts";

test.each([
  ["a border", "WHERE d.age < 40 OR 60 <= d.age", { equals: [], borders: [40, 60] }],
  ["a range", "WHERE age BETWEEN -5 AND 5.5", { equals: [], borders: [-5, 5.5] }],
  ["cases", "CASE d.age WHEN 1 THEN 'x' WHEN 2 THEN 'y' END", { equals: [1, 2], borders: [] }],
  [
    "cases in words",
    "CASE age WHEN 1 THEN 'a 7' WHEN 2 THEN 8 ELSE 9 END",
    { equals: [1, 2], borders: [] },
  ],
  ["a list", "age IN ('it''s', 'b')", { equals: ["it's", "b"], borders: [] }],
  ["JavaScript", "({ d }) => d[0]?.age === 3 && row.age > 7", { equals: [3], borders: [7] }],
  ["several columns at once", "WHERE max(d.other, d.age) <= 3", { equals: [], borders: [3] }],
  ["another column", "WHERE d.page < 40 AND other = 3", { equals: [], borders: [] }],
])("of %s it is seen what a column is compared with", (_, code, expected) => {
  expect(comparisonsOf(code, "age")).toEqual(expected);
});

test("places are known by what makes cells of them", () => {
  const code = "SELECT json_group_array(h3(t.lat, t.lon, 7)) AS cell FROM trace t";
  expect(placeOf(code, "lat")).toBe("latitude");
  expect(placeOf(code, "lon")).toBe("longitude");
  expect(placeOf(code, "cell")).toBe(null);
});

test.each([
  ["under another name", "SELECT sex, l.LBXTC AS level FROM l", 1],
  ["within a function", "SELECT sex, avg(LBXTC) AS level FROM l", 1],
  ["as one of three that are added", "SELECT LBXTC + b + c AS level FROM l", 3],
  ["in a list of columns of a function", "SELECT max(a, LBXTC) AS level FROM l", 1],
  ["in a query within", "SELECT (SELECT max(LBXTC) FROM l) AS level", 1],
  ["counted", "SELECT count(LBXTC) AS level FROM l", null],
  ["joined with another text", "SELECT LBXTC || b AS level FROM l", null],
  ["in a case", "SELECT CASE WHEN LBXTC > 3 THEN 'x' END AS level FROM l", null],
])("a column that becomes one of the result %s", (_, code, summands) => {
  const expected = summands === null ? [] : [{ result: "level", summands }];
  expect(becomes(code, "LBXTC", ["level"])).toEqual(expected);
});
