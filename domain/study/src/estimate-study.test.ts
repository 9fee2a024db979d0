import { halfWidth95 } from "@sumus/dp";
import { createPrio3 } from "@sumus/vdaf";
import { describe, expect, test } from "vitest";
import { estimateStudy, lowerStudy, parseStudy } from "./index.ts";
import { ratioInterval } from "./ratio-interval.ts";
import type { StudyPlan } from "./study-plan.ts";

function planOf(result: string, privacy = "epsilon: 1, delta: 1e-9, people_min: 100"): StudyPlan {
  const reading = parseStudy(`title: T
purpose: P
needs: { t: [x] }
map: { language: sql, source: SELECT * FROM t }
result: ${result}
privacy: { ${privacy} }
`);
  if (!reading.ok) throw new Error(JSON.stringify(reading.problems));
  return lowerStudy(reading.study);
}

describe("a release", () => {
  const plan = planOf(
    "{ group: { g: [a, b, c] }, measures: { n: count, m: { mean: x, min: 10, max: 60, resolution: 0.5 } } }",
  );
  // Cells: with and without x in a, in b, in c, and the absent.
  const aggregates = [
    [400n, 100n, 90n, 5n, 99n, 1n, 7n],
    [12_000n, 4_000n, 4_000n],
  ];

  test("adds up the people of a cell, and divides a sum by those who have a value", () => {
    const release = estimateStudy(plan, aggregates, { noised: true });
    expect(release.map(({ name, group }) => [name, group?.["g"]])).toEqual([
      ["m", "a"],
      ["m", "b"],
      ["m", "c"],
      ["n", "a"],
      ["n", "b"],
      ["n", "c"],
    ]);
    expect(release[0]?.estimate).toBe(10 + 0.5 * 30);
    const half = halfWidth95(
      [1, 1].map((coefficient) => ({ coefficient, noise: noiseOf(plan, 0) })),
    );
    expect(release[3]).toEqual({
      name: "n",
      group: { g: "a" },
      bin: null,
      estimate: 500,
      low: 500 - Math.floor(half),
      high: 500 + Math.floor(half),
      suppressed: false,
    });
  });

  test("suppresses what stands on fewer people than the minimum, and only that", () => {
    const release = estimateStudy(plan, aggregates, { noised: true });
    expect(release.map(({ suppressed }) => suppressed)).toEqual([
      false,
      true,
      true,
      false,
      true,
      false,
    ]);
    for (const { suppressed, estimate, low, high } of release) {
      expect([estimate, low, high].every((value) => (value === null) === suppressed)).toBe(true);
    }
  });

  test("tells the same truth however few people there are, when there is no noise", () => {
    const release = estimateStudy(plan, aggregates, { noised: false });
    expect(release.map(({ estimate }) => estimate)).toEqual([
      25,
      10 + (0.5 * 4_000) / 90,
      10 + (0.5 * 4_000) / 99,
      500,
      95,
      100,
    ]);
    expect(release.some(({ suppressed }) => suppressed)).toBe(false);
  });

  test("reads the upper half of the field as negative numbers", () => {
    const { fieldModulus } = createPrio3({ kind: "histogram", length: 3 });
    const spread = planOf(
      "{ measures: { h: { histogram: x, edges: [0, 1, 2] } } }",
      "epsilon: 1, delta: 1e-9, people_min: 2",
    );
    const release = estimateStudy(spread, [[fieldModulus - 30n, 40n, 0n]], { noised: true });
    expect(release[0]).toMatchObject({ estimate: null, suppressed: true });
    expect(release[1]).toMatchObject({ estimate: 40, suppressed: false, bin: "[1, 2]" });
    const sums = planOf("{ measures: { s: { sum: x, min: 0, max: 9, resolution: 1 } } }");
    const { fieldModulus: small } = createPrio3({ kind: "count" });
    const [sum] = estimateStudy(sums, [[500n], [small - 12n]], { noised: true });
    expect(sum?.estimate).toBe(-12);
  });

  test("a count's interval does not reach below nobody", () => {
    const few = planOf("{ measures: { n: count } }", "epsilon: 0.2, delta: 1e-9, people_min: 2");
    const [count] = estimateStudy(few, [[20n]], { noised: true });
    expect(count).toMatchObject({ estimate: 20, low: 0 });
  });

  test("shapes that are not the plan's are refused", () => {
    expect(() => estimateStudy(plan, [[1n]], { noised: true })).toThrow(
      "expected 2 aggregates, got 1",
    );
    expect(() => estimateStudy(plan, [[1n], [2n]], { noised: true })).toThrow(
      "expected 7 numbers of task 0, got 1",
    );
  });
});

function noiseOf(plan: StudyPlan, index: number): StudyPlan["tasks"][number]["noise"] {
  const task = plan.tasks[index];
  if (task === undefined) throw new Error("no such task");
  return task.noise;
}

describe("the interval of a ratio", () => {
  const plan = planOf("{ group: { g: [a, b] }, measures: { m: { mean: x, min: 0, max: 50 } } }");
  const base = { sumNoise: noiseOf(plan, 1), countNoise: noiseOf(plan, 0), max: 50 };

  test("is that of the delta method when people are many", () => {
    const [sum, count] = [1_000_000, 40_000];
    const [low, high] = ratioInterval({ ...base, sum, count });
    const half = halfWidth95([
      { coefficient: 1, noise: base.sumNoise },
      { coefficient: 25, noise: base.countNoise },
    ]);
    expect(low / (25 - half / count)).toBeCloseTo(1, 4);
    expect(high / (25 + half / count)).toBeCloseTo(1, 4);
  });

  test("is everything that is possible when people are few", () => {
    expect(ratioInterval({ ...base, sum: 60, count: 3 })).toEqual([0, 50]);
    expect(ratioInterval({ ...base, sum: 60, count: 0 })).toEqual([0, 50]);
    expect(ratioInterval({ ...base, sum: 60, count: -8 })).toEqual([0, 50]);
  });

  test("stays within what is possible when noise goes beyond it", () => {
    expect(ratioInterval({ ...base, sum: -1e9, count: 1_000 })).toEqual([0, 0]);
    expect(ratioInterval({ ...base, sum: 1e9, count: 1_000 })).toEqual([50, 50]);
  });
});
