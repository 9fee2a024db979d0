import { halfWidth95 } from "@sumus/dp";
import { createPrio3 } from "@sumus/vdaf";
import { describe, expect, test } from "vitest";
import { estimateStudy, type ReleaseMeasure } from "../index.ts";
import { momentsOf, varianceOf } from "../lower/moments.ts";
import type { StudyPlan } from "../lower/study-plan.ts";
import { planOf } from "../testing.ts";
import { meanInterval, varianceInterval } from "./moment-intervals.ts";
import { quantileInterval, quantileOf } from "./quantile.ts";

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

describe("shares and weights", () => {
  const by = "weight: w, weight_max: 4, weight_resolution: 1";
  const plan = planOf(
    `{ group: { g: [a, b] }, measures: { level: { mean: x, min: 10, max: 20, resolution: 1, ${by} }, told: { share: y } } }`,
  );
  const release = (told: readonly number[], level: readonly number[]): ReleaseMeasure[] =>
    estimateStudy(plan, [told, level], { noised: true });

  test("are read from the two sides, and by what people weigh", () => {
    // In a: 10,000 people who weigh 2 of 4 each, 3 of 10 steps above min.
    const level = [10_000 * 2 * 7, 10_000 * 2 * 3, 10_000 * 2 * 10, 0, 0, 0];
    const [first, empty, told, none] = release([7_500, 2_500, 0, 0, 9], level);
    expect(told).toMatchObject({ estimate: 0.25, sampling: { basis: "share" } });
    expect(first).toMatchObject({ estimate: 13, sampling: { basis: "bounds" } });
    expect([empty?.estimate, none?.estimate]).toEqual([null, null]);
    for (const { estimate, low, high, sampling, total } of [first, told].flatMap(
      (each) => each ?? [],
    )) {
      const [at, ends] = [Number(estimate), [low, high].map(Number)];
      expect(ends[0]).toBeLessThan(at);
      expect(ends[1]).toBeGreaterThan(at);
      // Both together are wider than each alone, and narrower than their sum.
      for (const [noise, drawn, both] of [
        [at - Number(ends[0]), at - (sampling?.low ?? 0), at - (total?.low ?? 0)],
        [Number(ends[1]) - at, (sampling?.high ?? 0) - at, (total?.high ?? 0) - at],
      ] as const) {
        expect(both).toBeGreaterThan(Math.max(noise, drawn));
        expect(both).toBeLessThan(noise + drawn);
      }
    }
  });

  test("are suppressed by people, not by their weight", () => {
    const told = [0, 0, 0, 0, 9];
    // 90 people of the largest weight; 2,000 who weigh nothing beside one who does.
    const heavy = release(told, [90 * 28, 90 * 12, 0, 0, 0, 0]);
    expect(heavy[0]).toMatchObject({
      suppressed: true,
      estimate: null,
      sampling: null,
      total: null,
    });
    const light = release(told, [28, 12, 2_000 * 40, 0, 0, 0]);
    expect(light[0]).toMatchObject({ suppressed: false, low: 10, high: 20 });
  });

  test("lie between nobody and everybody, whatever the noise", () => {
    const [, , none, all] = release([5_000, -900, -20, 400, 0], [0, 0, 0, 0, 0, 0]);
    expect(none).toMatchObject({ estimate: 0, low: 0, total: { low: 0 } });
    expect(all).toMatchObject({ estimate: 1, high: 1, total: { high: 1 } });
  });
});

describe("sampling error", () => {
  const column = "x, min: 0, max: 10, resolution: 1";

  test("of a mean is closer by a variance that the study asks of the same column", () => {
    const [alone, beside] = [
      `{ measures: { m: { mean: ${column} } } }`,
      `{ measures: { m: { mean: ${column} }, v: { deviation: ${column} } } }`,
    ].map((result) => planOf(result, "epsilon: 8, delta: 1e-9, people_min: 100"));
    // 5,000 people, half at 5 and half at 6.
    const sums = (degree: 1 | 2): readonly number[] =>
      [5, 6]
        .map((x) => momentsOf(x, 10, degree))
        .reduce(
          (all, each) => all.map((sum, at) => sum + 2_500 * (each[at] ?? 0)),
          Array<number>(degree + 1).fill(0),
        );
    const [bounds] = alone === undefined ? [] : estimateStudy(alone, [sums(1)], { noised: true });
    const [known, spread] =
      beside === undefined ? [] : estimateStudy(beside, [sums(2)], { noised: true });
    const width = ({ sampling }: ReleaseMeasure): number =>
      (sampling?.high ?? 0) - (sampling?.low ?? 0);
    expect(bounds?.sampling?.basis).toBe("bounds");
    expect(known?.sampling?.basis).toBe("variance");
    expect(spread?.sampling?.basis).toBe("bounds");
    if (bounds === undefined || known === undefined) throw new Error("two releases");
    expect(width(bounds)).toBeCloseTo((2 * 1.96 * 10 * 0.4975) / Math.sqrt(5_000), 2);
    expect(width(known)).toBeLessThan(width(bounds) / 2);
    expect(width(known)).toBeGreaterThan((2 * 1.96 * 0.5) / Math.sqrt(5_000));
  });

  test("is nothing that counts and sums have", () => {
    const plan = planOf(
      "{ measures: { n: count, s: { sum: x, min: 0, max: 9, resolution: 1 }, h: { histogram: x, edges: [0, 5, 9] } } }",
    );
    const release = estimateStudy(plan, [[900n], [4_000n, 4_100n], [400n, 500n, 0n]], {
      noised: true,
    });
    expect(release.map(({ sampling, total }) => [sampling, total])).toEqual(
      Array.from({ length: 4 }, () => [null, null]),
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
