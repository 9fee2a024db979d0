import { halfWidth95 } from "@sumus/dp";
import { createPrio3 } from "@sumus/vdaf";
import { describe, expect, test } from "vitest";
import { estimateStudy, lowerStudy, parseStudy } from "./index.ts";
import { meanInterval, varianceInterval } from "./moment-intervals.ts";
import { varianceOf } from "./moments.ts";
import { quantileInterval, quantileOf } from "./quantile.ts";
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
  // People in a, b, c and the absent; then what values lack to their max and what they have, in
  // steps, together 100 a person.
  const aggregates = [
    [500n, 95n, 100n, 7n],
    [28_000n, 12_000n, 5_000n, 4_000n, 5_900n, 4_000n],
  ];

  test("reads people from one task, and a mean with those who have a value from another", () => {
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
    const half = halfWidth95(noiseOf(plan, 0));
    expect(release[3]).toEqual({
      name: "n",
      group: { g: "a" },
      bin: null,
      estimate: 500,
      low: 500 - half,
      high: 500 + half,
      sampling: null,
      total: null,
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
    const { fieldModulus: small } = createPrio3({
      kind: "l1BoundSum",
      length: 2,
      maxValue: 9,
    });
    const [sum] = estimateStudy(sums, [[4_512n, small - 12n]], { noised: true });
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
      "expected 4 numbers of task 0, got 1",
    );
  });
});

function noiseOf(plan: StudyPlan, index: number): StudyPlan["tasks"][number]["noise"] {
  const task = plan.tasks[index];
  if (task === undefined) throw new Error("no such task");
  return task.noise;
}

describe("the interval of a mean", () => {
  const plan = planOf(
    "{ group: { g: [a, b] }, measures: { m: { mean: x, min: 0, max: 50, resolution: 1 } } }",
  );
  const noise = noiseOf(plan, 0);
  const interval = (sums: readonly number[], levels = 50): readonly [number, number] =>
    meanInterval({ sums, levels, noise });

  test("is that of the delta method when people are many", () => {
    const [low, high] = interval([1e7, 1e7]);
    const half = halfWidth95(noise, [{ coefficient: 0.5, count: 2 }]);
    expect(low / (0.5 - half / 2e7)).toBeCloseTo(1, 4);
    expect(high / (0.5 + half / 2e7)).toBeCloseTo(1, 4);
  });

  test("is everything that is possible when people are few", () => {
    for (const sums of [
      [90, 60],
      [-60, 60],
      [-900, 500],
    ]) {
      expect(interval(sums)).toEqual([0, 1]);
    }
  });

  test("stays within what is possible when noise goes beyond it", () => {
    expect(interval([1e10, -1e9])).toEqual([0, 0]);
    expect(interval([-1e9, 1e10])).toEqual([1, 1]);
  });
});

describe("the interval of a variance", () => {
  const plan = planOf(
    "{ group: { g: [a, b] }, measures: { v: { variance: x, min: 0, max: 50, resolution: 1 } } }",
  );
  const noise = noiseOf(plan, 0);
  const interval = (sums: readonly number[]): readonly [number, number] => {
    const moments = { sums, levels: 50, noise };
    return varianceInterval(moments, varianceOf(moments) / 2_500);
  };

  test("is that of the delta method when people are many", () => {
    // A quarter at each end, half of them in the middle: a variance of 1/8.
    const [low, high] = interval([3e9, 2e9, 3e9]);
    const half = halfWidth95(
      noise,
      [0.125, -0.375, 0.125].map((coefficient) => ({ coefficient })),
    );
    expect((0.125 - low) / (half / 8e9)).toBeCloseTo(1, 2);
    expect((high - 0.125) / (half / 8e9)).toBeCloseTo(1, 2);
  });

  test("is everything that is possible when people are few or none", () => {
    for (const sums of [
      [100, 200, 100],
      [-900, -900, 500],
      [0, 0, 0],
    ]) {
      expect(interval(sums)).toEqual([0, 0.25]);
    }
  });

  test("stays within what is possible when noise goes beyond it", () => {
    expect(interval([1e10, -9e9, 1e10])[1]).toBe(0.25);
    const [low, high] = interval([1e10, 3e10, 1e10]);
    expect(low).toBe(0);
    expect(high).toBeLessThan(1e-6);
  });
});

describe("quantiles", () => {
  const edges = [0, 10, 20, 30, 40];
  const exact = (counts: readonly number[], share: number): number | null =>
    quantileOf({ counts, edges, noise: null }, share);

  test.each<[string, readonly number[], number, number | null]>([
    ["in the middle of a bin", [10, 20, 10, 0], 0.5, 15],
    ["at an edge", [10, 10, 10, 10], 0.25, 10],
    ["over empty bins, the middle of them", [5, 0, 0, 5], 0.5, 20],
    ["of people in one bin", [0, 0, 8, 0], 0.75, 27.5],
    ["in the last bin", [0, 0, 0, 10], 0.9, 39],
    ["of nobody", [0, 0, 0, 0], 0.5, null],
  ])("%s", (_, counts, share, expected) => {
    const found = exact(counts, share);
    if (expected === null) expect(found).toBeNull();
    else expect(found).toBeCloseTo(expected, 6);
  });

  test("lie within their interval, which shrinks as people grow", () => {
    const plan = planOf(
      "{ measures: { q: { quantiles: x, of: [0.1, 0.5, 0.9], edges: [0, 10, 20, 30, 40] } } }",
    );
    const noise = noiseOf(plan, 0);
    for (const share of [0.1, 0.5, 0.9]) {
      let width = 41;
      for (const people of [1, 300, 3_000, 300_000]) {
        const spread = { counts: [people, 2 * people, people, people], edges, noise };
        const [low, high] = quantileInterval(spread, share);
        expect(low).toBeLessThanOrEqual(quantileOf(spread, share) ?? Number.NaN);
        expect(high).toBeGreaterThanOrEqual(quantileOf(spread, share) ?? Number.NaN);
        expect(high - low).toBeLessThan(width);
        width = high - low;
      }
      expect(width).toBeLessThan(0.1);
    }
  });
});
