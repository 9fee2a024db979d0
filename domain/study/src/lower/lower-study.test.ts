import { rhoFromEpsilonDelta, toNumber } from "@sumus/dp";
import { describe, expect, test } from "vitest";
import { createTally, lowerStudy, type MapRow, MapTypeError, parseStudy } from "../index.ts";
import { CHOLESTEROL_MANIFEST, PLACES_MANIFEST, planOf } from "../testing.ts";
import { aggregateVdaf } from "./aggregate-vdaf.ts";
import type { StudyPlan } from "./study-plan.ts";

const plan = (result: string, privacy = "epsilon: 1, delta: 1e-9"): StudyPlan =>
  planOf(result, `${privacy}, people_min: 50`);

function example(manifest: string): StudyPlan {
  const reading = parseStudy(manifest);
  if (!reading.ok) throw new Error(JSON.stringify(reading.problems));
  return lowerStudy(reading.study);
}

describe("which tasks a study compiles to", () => {
  const mean = "m: { mean: x, min: 10, max: 40, resolution: 1 }";
  const sum = "s: { sum: x, min: 10, max: 40, resolution: 1 }";

  test.each<[string, string, object[]]>([
    ["a count", "{ measures: { n: count } }", [{ kind: "count" }]],
    ["two counts", "{ measures: { n: count, m: count } }", [{ kind: "count" }]],
    [
      "a count in groups",
      "{ group: { g: [a, b] }, measures: { n: count } }",
      [{ kind: "histogram", length: 3 }],
    ],
    ["a mean", `{ measures: { ${mean} } }`, [{ kind: "l1BoundSum", length: 2, maxValue: 30 }]],
    [
      "a mean and a sum of one column",
      `{ measures: { ${mean}, ${sum} } }`,
      [{ kind: "l1BoundSum", length: 2, maxValue: 30 }],
    ],
    [
      "a mean and a count",
      `{ measures: { n: count, ${mean} } }`,
      [{ kind: "count" }, { kind: "l1BoundSum", length: 2, maxValue: 30 }],
    ],
    [
      "a mean and a count in groups",
      `{ group: { g: [a, b] }, measures: { n: count, ${mean} } }`,
      [
        { kind: "histogram", length: 3 },
        { kind: "l1BoundSum", length: 4, maxValue: 30 },
      ],
    ],
    [
      "other bounds, another total",
      "{ measures: { a: { mean: x, min: 0, max: 9, resolution: 1 }, b: { sum: x, min: 0, max: 8, resolution: 1 } } }",
      [
        { kind: "l1BoundSum", length: 2, maxValue: 9 },
        { kind: "l1BoundSum", length: 2, maxValue: 8 },
      ],
    ],
    [
      "two columns",
      "{ measures: { n: count, a: { mean: x, min: 0, max: 9, resolution: 1 }, b: { mean: y, min: 0, max: 9, resolution: 1 } } }",
      [
        { kind: "count" },
        { kind: "l1BoundSum", length: 2, maxValue: 9 },
        { kind: "l1BoundSum", length: 2, maxValue: 9 },
      ],
    ],
    [
      "a variance and a mean in groups",
      `{ group: { g: [a, b] }, measures: { ${mean}, v: { variance: x, min: 10, max: 40, resolution: 1 } } }`,
      [{ kind: "l1BoundSum", length: 6, maxValue: 900 }],
    ],
    [
      "a histogram and quantiles of it",
      "{ measures: { h: { histogram: x, edges: [0, 1, 2] }, q: { quantiles: x, of: [0.5], edges: [0, 1, 2] } } }",
      [{ kind: "histogram", length: 3 }],
    ],
    [
      "a group with one value",
      "{ group: { g: [a] }, measures: { n: count } }",
      [{ kind: "count" }],
    ],
    [
      "a histogram",
      "{ measures: { h: { histogram: x, edges: [0, 1, 2] } } }",
      [{ kind: "histogram", length: 3 }],
    ],
    [
      "a histogram in groups",
      "{ group: { g: [a, b, c] }, measures: { h: { histogram: x, edges: [0, 1, 2] } } }",
      [{ kind: "histogram", length: 7 }],
    ],
    [
      "several values a person",
      "{ group: { g: { values: [a, b, c], at_most: 2 } }, measures: { n: count } }",
      [{ kind: "multihotCountVec", length: 3, maxWeight: 2 }],
    ],
    [
      "a share",
      "{ measures: { s: { share: x, of: [1, 2] } } }",
      [{ kind: "histogram", length: 3 }],
    ],
    [
      "shares of one column in groups, of the same values, of others and of some of both",
      "{ group: { g: [a, b] }, measures: { s: { share: x }, t: { share: x, of: [1] }, u: { share: x, of: [2] }, v: { share: x, of: [2, 1, 3] } } }",
      // Neither, 1, 2, 3: all that tells the shares apart.
      [{ kind: "histogram", length: 2 * 4 + 1 }],
    ],
    [
      "shares of texts and of numbers, of two columns",
      "{ measures: { s: { share: x }, t: { share: x, of: [a] }, u: { share: y } } }",
      [
        { kind: "histogram", length: 3 },
        { kind: "histogram", length: 3 },
        { kind: "histogram", length: 3 },
      ],
    ],
    [
      "a mean, a weighted mean and a weighted share",
      `{ group: { g: [a, b] }, measures: { ${mean}, w: { mean: x, min: 10, max: 40, resolution: 1, weight: y, weight_max: 5, weight_resolution: 0.1 },
        v: { share: x, of: [1], weight: y, weight_max: 5, weight_resolution: 0.1 } } }`,
      [
        { kind: "l1BoundSum", length: 4, maxValue: 30 },
        { kind: "l1BoundSum", length: 6, maxValue: 50 },
        { kind: "l1BoundSum", length: 6, maxValue: 1500 },
      ],
    ],
    [
      "a list of at most one",
      "{ group: { g: { values: [a, b, c], at_most: 1 } }, measures: { n: count } }",
      [{ kind: "histogram", length: 4 }],
    ],
  ])("%s", (_, result, expected) => {
    const { tasks } = plan(result);
    expect(tasks.map(({ vdaf }) => vdaf)).toEqual(expected);
    expect(tasks.map(({ index }) => index)).toEqual(expected.map((_each, index) => index));
    for (const task of tasks) {
      expect(aggregateVdaf(task).outputLength).toBeGreaterThan(0);
    }
  });

  test("blocks with groups of their own have tasks of their own, in one order", () => {
    const [left, right] = [
      "{ group: { g: [a, b] }, measures: { n: count, m: { mean: x, min: 0, max: 9, resolution: 1 } } }",
      "{ group: { h: { values: [c, d, e], at_most: 2 } }, measures: { k: count } }",
    ];
    const one = plan(`[${left}, ${right}, { measures: { all: count } }]`);
    const other = plan(`[${right}, { measures: { all: count } }, ${left}]`);
    expect(one.tasks.map(({ purpose }) => purpose)).toEqual([
      "people",
      "people by h",
      "people by g",
      "people and sum of x by g",
    ]);
    expect(other.tasks.map(({ vdaf }) => vdaf)).toEqual(one.tasks.map(({ vdaf }) => vdaf));
    expect(one.measures.map(({ measure, task }) => [measure.name, task])).toEqual([
      ["all", 0],
      ["k", 1],
      ["m", 3],
      ["n", 2],
    ]);
    expect(one.encode({ g: "b", h: '["e","c"]', x: 4 })).toEqual([1, [1, 0, 1], 1, [0, 0, 5, 4]]);
    expect(one.encode({ g: "z", h: null, x: 4 })).toEqual([1, [0, 0, 0], 2, [0, 0, 0, 0]]);
    expect(one.encode(null)).toEqual([0, [0, 0, 0], 2, [0, 0, 0, 0]]);
  });

  test("the budget is split equally, and noise follows sensitivity", () => {
    const { tasks, rho } = example(CHOLESTEROL_MANIFEST);
    expect(rho).toBe(rhoFromEpsilonDelta(1, 1e-9));
    const squares = [2, 2 * 220 * 220, 2];
    for (const [index, { noise, sensitivity }] of tasks.entries()) {
      expect(Number(sensitivity.l2Squared)).toBe(squares[index]);
      const sigmaSquared = noise.kind === "gaussian" ? toNumber(noise.sigmaSquared) : 0;
      expect(sigmaSquared / ((squares[index] ?? 0) / (2 * (rho / 3)))).toBeCloseTo(1, 8);
    }
  });

  test("weights share the budget among measures, and their tasks add up to all of it", () => {
    const weighted = CHOLESTEROL_MANIFEST.replace(
      "people_min: 100 }",
      "people_min: 100, weights: { level: 4 } }",
    );
    const { tasks, measures, rho } = example(weighted);
    expect(tasks.map(({ share }) => share)).toEqual([1 / 6, 4 / 6, 1 / 6]);
    expect(measures.map(({ measure, task }) => [measure.name, tasks[task]?.share])).toEqual([
      ["level", 4 / 6],
      ["people", 1 / 6],
      ["spread", 1 / 6],
    ]);
    const spent = tasks.map(({ noise, sensitivity }) =>
      noise.kind === "gaussian"
        ? Number(sensitivity.l2Squared) / (2 * toNumber(noise.sigmaSquared))
        : Number.NaN,
    );
    const all = spent.reduce((sum, each) => sum + each, 0);
    expect(all / rho).toBeCloseTo(1, 8);
    expect(all).toBeLessThanOrEqual(rho);
  });

  test("measures that share a task add their weights", () => {
    const { tasks } = plan(
      "{ measures: { n: count, m: { mean: x, min: 0, max: 9 }, v: { variance: x, min: 0, max: 9 } } }",
      "epsilon: 1, delta: 0, weights: { m: 2, v: 3 }",
    );
    expect(tasks.map(({ share }) => share)).toEqual([1 / 6, 5 / 6]);
  });

  test("without a delta the noise is Laplace", () => {
    const { tasks, rho } = plan(
      "{ group: { g: [a, b] }, measures: { n: count } }",
      "epsilon: 0.5, delta: 0",
    );
    expect(rho).toBe(0.125);
    const [task] = tasks;
    expect(task?.noise.kind === "laplace" && toNumber(task.noise.scale)).toBe(4);
  });

  test.each<[string, string, bigint, bigint]>([
    ["count", "{ measures: { n: count } }", 1n, 1n],
    ["one of few", "{ group: { g: [a, b] }, measures: { n: count } }", 2n, 2n],
    [
      "two of six",
      "{ group: { g: { values: [a, b, c, d, e, f], at_most: 2 } }, measures: { n: count } }",
      4n,
      4n,
    ],
    [
      "two of three",
      "{ group: { g: { values: [a, b, c], at_most: 2 } }, measures: { n: count } }",
      3n,
      3n,
    ],
  ])("sensitivity of %s", (_, result, l1, l2Squared) => {
    expect(plan(result).tasks[0]?.sensitivity).toEqual({ l1, l2Squared });
  });

  test("no two people move an aggregate further apart than its sensitivity", () => {
    const words = Array.from({ length: 40 }, (_, index) => `w${index + 10}`);
    const lowered = plan(
      `{ group: { g: [a, b], h: { edges: [0, 1, 2] } }, measures: { n: count, m: { mean: x, min: -3, max: 3, resolution: 1 }, d: { histogram: x, edges: [-3, 0, 3] }, v: { variance: x, min: -4, max: 4, resolution: 1 }, s: { share: x, of: [3] }, u: { mean: x, min: -3, max: 3, resolution: 1, weight: y, weight_max: 2, weight_resolution: 1 }, p: { prefixes: w, candidates: [${words}] } } }`,
    );
    const { tasks } = lowered;
    expect(tasks.map(({ vdaf }) => vdaf.kind)).toContain("poplar1");
    const rows: (MapRow | null)[] = [null];
    for (const g of ["a", "b", "z", null]) {
      for (const h of [0, 1.5, 9, null]) {
        for (const x of [-9, -3, 0, 3, 9, null]) {
          for (const y of [-1, 1, 5]) rows.push({ g, h, x, y, w: `w${20 + (x ?? 1)}` });
        }
      }
    }
    const vectors = rows.map((row) => {
      const tally = createTally(lowered);
      tally.add(lowered.encode(row));
      return tally.aggregates();
    });
    const furthest = tasks.map(() => [0, 0] as [number, number]);
    for (const left of vectors) {
      for (const right of vectors) {
        for (const [index, most] of furthest.entries()) {
          const differences = (left[index] ?? []).map(
            (value, at) => value - (right[index]?.[at] ?? 0),
          );
          most[0] = Math.max(
            most[0],
            differences.reduce((sum, d) => sum + Math.abs(d), 0),
          );
          most[1] = Math.max(
            most[1],
            differences.reduce((sum, d) => sum + d * d, 0),
          );
        }
      }
    }
    expect(furthest).toEqual(
      tasks.map(({ sensitivity }) => [Number(sensitivity.l1), Number(sensitivity.l2Squared)]),
    );
  });
});

test("values are said in the words of a task, of many the first", () => {
  const purposes = (result: string): string[] => plan(result).tasks.map(({ purpose }) => purpose);
  expect(
    purposes("{ measures: { s: { share: x, of: [never] }, t: { share: x, of: [often, daily] } } }"),
  ).toEqual(["people by whether x is never; daily or often"]);
  expect(
    purposes(
      `{ measures: { s: { share: x, of: [${Array.from({ length: 30 }, (_, at) => at)}] } } }`,
    ),
  ).toEqual(["people by whether x is one of 30 values such as 0, 1, 2"]);
});

describe("shares and weights", () => {
  const by = "weight: w, weight_max: 2, weight_resolution: 0.5";
  const { encode } = plan(
    `{ group: { g: [a, b] }, measures: { told: { share: x, of: [7, 1] }, named: { share: name, of: [Ada] },
      level: { mean: y, min: 0, max: 3, resolution: 1, ${by} }, part: { share: x, of: [1, 7], ${by} } } }`,
  );
  const at = (cell: number, ...numbers: number[]): number[] =>
    [0, 0, 0, 0, 0, 0].map((_, index) => numbers[index - 3 * cell] ?? 0);
  const row = { g: "b", x: 7, name: "Ada", y: 1, w: 1.5 };

  test.each<[string, MapRow | null, unknown[]]>([
    // Names and the column of numbers, the others first; then level and part by weight.
    ["one of those", row, [3, 3, at(1, 6, 3, 3), at(1, 0, 3, 1)]],
    ["another", { ...row, g: "a", x: 2, name: "Bo" }, [0, 0, at(0, 6, 3, 3), at(0, 3, 0, 1)]],
    ["a weight beyond its bound", { ...row, w: 99 }, [3, 3, at(1, 8, 4, 0), at(1, 0, 4, 0)]],
    ["a weight below nothing", { ...row, w: -1 }, [3, 3, at(1, 0, 0, 12), at(1, 0, 0, 4)]],
    ["no weight", { ...row, w: null }, [3, 3, at(0), at(0)]],
    ["no value", { ...row, x: null, y: null }, [3, 4, at(0), at(0)]],
    ["no group", { ...row, g: null }, [4, 4, at(0), at(0)]],
    ["no row", null, [4, 4, at(0), at(0)]],
  ])("%s", (_, given, measurements) => {
    expect(encode(given)).toEqual(measurements);
  });

  test.each<[string, MapRow, string]>([
    ["text for a number", { ...row, x: "7" }, "x"],
    ["a number for text", { ...row, name: 7 }, "name"],
    ["text for a weight", { ...row, w: "1" }, "w"],
    ["text for a weight of no value", { ...row, x: null, y: null, w: "1" }, "w"],
  ])("%s is refused", (_, given, column) => {
    expect(() => encode(given)).toThrow(MapTypeError);
    expect(() => encode(given)).toThrow(column);
  });
});

describe("rows to measurements", () => {
  const { encode } = example(CHOLESTEROL_MANIFEST);
  const nothing = Array<number>(12).fill(0);
  const absent = [6, nothing, 30];
  const only = (cell: number, level: number): number[] =>
    nothing.map((_, at) => (at === 2 * cell ? 220 - level : at === 2 * cell + 1 ? level : 0));

  test.each<[string, MapRow | null, unknown[]]>([
    ["a row", { band: "40-59", sex: "male", cholesterol: 201.4 }, [3, only(3, 101), 17]],
    ["the first cell", { band: "under 40", sex: "female", cholesterol: 100 }, [0, only(0, 0), 0]],
    ["a value below its min", { band: "60+", sex: "male", cholesterol: -7 }, [5, only(5, 0), 25]],
    [
      "a value above its max",
      { band: "60+", sex: "male", cholesterol: 1e9 },
      [5, only(5, 220), 29],
    ],
    ["no value", { band: "60+", sex: "male", cholesterol: null }, [5, nothing, 30]],
    ["no row", null, absent],
    ["a group outside the domain", { band: "60 +", sex: "male", cholesterol: 200 }, absent],
    ["no group", { band: null, sex: "male", cholesterol: 200 }, absent],
    [
      "columns that nobody asked for",
      { band: "40-59", sex: "male", cholesterol: 201, name: "Ada" },
      [3, only(3, 101), 17],
    ],
  ])("%s", (_, row, measurements) => {
    expect(encode(row)).toEqual(measurements);
  });

  test.each<[string, MapRow, string, RegExp]>([
    ["a missing column", { band: "60+", sex: "male" }, "cholesterol", /expected this column/],
    [
      "text for a number",
      { band: "60+", sex: "male", cholesterol: "200" },
      "cholesterol",
      /expected a number, got a string/,
    ],
    [
      "a number for text",
      { band: 60, sex: "male", cholesterol: 200 },
      "band",
      /expected text, got a number/,
    ],
    [
      "an infinite number",
      { band: "60+", sex: "male", cholesterol: Number.POSITIVE_INFINITY },
      "cholesterol",
      /finite/,
    ],
    [
      "a type error behind an absent group",
      { band: null, sex: "male", cholesterol: "x" },
      "cholesterol",
      /expected a number/,
    ],
  ])("%s is refused by the column's name, without the value", (_, row, column, message) => {
    let caught: unknown;
    try {
      encode(row);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(MapTypeError);
    expect(caught).toMatchObject({ code: "mapTypeMismatch", column });
    expect(String(caught)).toMatch(message);
    expect(String(caught)).toContain("map result does not match declared type");
    expect(String(caught)).not.toContain("200");
  });

  test("a column called like a method of objects is a column", () => {
    const { encode: count } = plan("{ group: { constructor: [a] }, measures: { n: count } }");
    expect(() => count({})).toThrow(MapTypeError);
    expect(count({ constructor: "a" })).toEqual([1]);
  });

  test("lists of several values: repeated, foreign, null and surplus ones", () => {
    const { encode: count } = plan(
      "{ group: { g: { values: [a, b, c], at_most: 2 } }, measures: { n: count } }",
    );
    expect(count({ g: '["c","z","c",null,"a","b"]' })).toEqual([[1, 0, 1]]);
    expect(count({ g: "[]" })).toEqual([[0, 0, 0]]);
    expect(count({ g: null })).toEqual([[0, 0, 0]]);
    for (const g of ["a", '{"a":1}', "[1]", "[[]]", "[true]", 3]) {
      expect(() => count({ g }), String(g)).toThrow(MapTypeError);
    }
  });

  test("cells of a map: shorter and foreign geohashes count nowhere, longer ones are cut", () => {
    const { encode: count, tasks } = example(PLACES_MANIFEST);
    expect(tasks[0]?.cells.count).toBe(20);
    const ones = (list: string): number => {
      const [vector] = count({ cell: list });
      return (vector as readonly number[]).reduce((sum, value) => sum + value, 0);
    };
    expect(ones('["9q8yy"]')).toBe(1);
    expect(ones('["9q8yyk8", "9q8yym"]')).toBe(1);
    expect(ones('["9q8y", "u05kn", "9q8y!", ""]')).toBe(0);
  });

  test("bands are half-open, but for the highest", () => {
    const { encode: count } = plan(
      "{ group: { age: { bands: { young: [0, 40], old: [60, 120] } } }, measures: { n: count } }",
    );
    const cells = [-1, 0, 39.99, 40, 60, 120, 121].map((age) => count({ age })[0]);
    expect(cells).toEqual([2, 0, 0, 2, 1, 1, 2]);
  });
});
