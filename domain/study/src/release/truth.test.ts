/**
 * Goal: with noise off, encoding rows, adding measurements and estimating gives exactly what anybody
 * would compute from the rows. Method: random rows, the same numbers computed the plain way.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  createTally,
  estimateStudy,
  lowerStudy,
  type MapRow,
  parseStudy,
  type ReleaseMeasure,
  type Study,
} from "../index.ts";

function study(result: string): Study {
  const reading = parseStudy(`title: T
purpose: P
needs: { t: [x] }
map: { language: sql, source: SELECT * FROM t }
result: ${result}
privacy: { epsilon: 1, delta: 1e-9, people_min: 2 }
`);
  if (!reading.ok) throw new Error(JSON.stringify(reading.problems));
  return reading.study;
}

function truth(result: string, rows: readonly (MapRow | null)[]): ReleaseMeasure[] {
  const plan = lowerStudy(study(result));
  const tally = createTally(plan);
  for (const row of rows) tally.add(plan.encode(row));
  return estimateStudy(plan, tally.aggregates(), { noised: false });
}

function estimates(
  measures: readonly ReleaseMeasure[],
  name: string,
): Record<string, number | null> {
  const chosen = measures.filter((measure) => measure.name === name);
  return Object.fromEntries(
    chosen.map(({ group, bin, estimate }) => {
      const labels = [...Object.values(group ?? {}), ...(bin === null ? [] : [bin])];
      return [labels.join("|"), estimate];
    }),
  );
}

/** Twelve people in the manner of a census: age, sex, hours a week. */
const CENSUS: readonly MapRow[] = [
  [38, "Male", 40],
  [53, "Male", 40],
  [28, "Female", 40],
  [37, "Female", 40],
  [49, "Female", 16],
  [52, "Male", 45],
  [31, "Female", 50],
  [42, "Male", 40],
  [30, "Male", 40],
  [23, "Female", 30],
  [32, "Male", 50],
  [90, "Male", 99],
].map(([age, sex, hours]) => ({ age: age ?? null, sex: sex ?? null, hours: hours ?? null }));

describe("aggregates of a small census", () => {
  test("mean hours by sex", () => {
    const measures = truth(
      "{ group: { sex: [Female, Male] }, measures: { n: count, m: { mean: hours, min: 1, max: 99 } } }",
      CENSUS,
    );
    expect(estimates(measures, "n")).toEqual({ Female: 5, Male: 7 });
    const male = (40 + 40 + 45 + 40 + 40 + 50 + 99) / 7;
    const means = estimates(measures, "m");
    expect(means["Female"]).toBeCloseTo((40 + 40 + 16 + 50 + 30) / 5, 12);
    expect(means["Male"]).toBeCloseTo(male, 12);
  });

  test("ages by tens", () => {
    const edges = [10, 20, 30, 40, 50, 60, 70, 80, 90, 100];
    const measures = truth(
      `{ measures: { h: { histogram: age, edges: [${edges.join(", ")}] } } }`,
      CENSUS,
    );
    expect(measures.map(({ bin, estimate }) => [bin, estimate])).toEqual([
      ["[10, 20)", 0],
      ["[20, 30)", 2],
      ["[30, 40)", 5],
      ["[40, 50)", 2],
      ["[50, 60)", 2],
      ["[60, 70)", 0],
      ["[70, 80)", 0],
      ["[80, 90)", 0],
      ["[90, 100]", 1],
    ]);
  });

  test("every number is its own interval, and none is suppressed", () => {
    const measures = truth(
      "{ group: { sex: [Female, Male, Other] }, measures: { n: count, s: { sum: hours, min: 0, max: 99 } } }",
      CENSUS,
    );
    for (const { estimate, low, high, suppressed } of measures) {
      expect([low, high, suppressed]).toEqual([estimate, estimate, false]);
    }
    expect(estimates(measures, "s")).toEqual({ Female: 176, Male: 354, Other: 0 });
  });

  test("the mean of nobody is no number", () => {
    const measures = truth("{ measures: { m: { mean: hours, min: 1, max: 99 } } }", []);
    expect(measures).toEqual([
      {
        name: "m",
        group: null,
        bin: null,
        estimate: null,
        low: null,
        high: null,
        sampling: null,
        total: null,
        suppressed: false,
      },
    ]);
  });
});

describe("any rows", () => {
  const value = fc.option(fc.integer({ min: -150, max: 150 }), { nil: null });
  const row = fc.option(
    fc.record({
      colour: fc.constantFrom("red", "blue", "green", null),
      age: fc.option(fc.double({ min: -5, max: 130, noNaN: true }), { nil: null }),
      x: value,
      y: value,
    }),
    { nil: null },
  );
  type Row = MapRow & {
    colour: string | null;
    age: number | null;
    x: number | null;
    y: number | null;
  };
  const bands = [
    ["0 to under 18", 0, 18],
    ["18 to under 65", 18, 65],
    ["65 to 120", 65, 120],
  ] as const;
  const clip = (x: number, min: number, max: number): number => Math.min(Math.max(x, min), max);

  test("counts, sums, means and histograms in groups are those of the rows", () => {
    const result = `{ group: { colour: [red, blue], age: { edges: [0, 18, 65, 120] } }, measures: {
      people: count,
      total: { sum: x, min: -20, max: 100, resolution: 0.5 },
      apart: { variance: x, min: -20, max: 100, resolution: 0.5 },
      deviation: { deviation: x, min: -20, max: 100, resolution: 0.5 },
      typical: { quantiles: y, of: [0.5], edges: [-50, -10, 0, 25, 50] },
      level: { mean: x, min: -20, max: 100, resolution: 0.5 },
      other: { mean: y, min: -7, max: 3 },
      spread: { histogram: y, edges: [-50, -10, 0, 25, 50] } } }`;
    fc.assert(
      fc.property(fc.array(row, { maxLength: 60 }), (generated) => {
        const rows = generated as (Row | null)[];
        const measures = truth(result, rows);
        for (const colour of ["red", "blue"]) {
          for (const [label, low, high] of bands) {
            const last = high === 120;
            const inside = rows.filter(
              (person): person is Row =>
                person !== null &&
                person.colour === colour &&
                person.age !== null &&
                person.age >= low &&
                (person.age < high || (last && person.age === high)),
            );
            const at = `${label}|${colour}`;
            const xs = inside.flatMap(({ x }) => (x === null ? [] : [clip(x, -20, 100)]));
            const ys = inside.flatMap(({ y }) => (y === null ? [] : [y]));
            const sum = xs.reduce((total, x) => total + x, 0);
            const mean = sum / xs.length;
            const variance =
              xs.reduce((total, x) => total + (x - mean) ** 2, 0) / Math.max(1, xs.length);
            const [apart, deviation] = [
              estimates(measures, "apart"),
              estimates(measures, "deviation"),
            ];
            if (xs.length === 0) expect([apart[at], deviation[at]]).toEqual([null, null]);
            else {
              expect(apart[at]).toBeCloseTo(variance, 6);
              expect((deviation[at] ?? 0) ** 2).toBeCloseTo(variance, 6);
            }
            const median = estimates(measures, "typical")[`${at}|0.5`] ?? null;
            if (ys.length === 0) expect(median).toBeNull();
            else {
              const [bins, sorted] = [[-50, -10, 0, 25, 50], ys.toSorted((a, b) => a - b)];
              const middle = [sorted[Math.ceil(ys.length / 2) - 1], sorted[ys.length >> 1]];
              const [first = 0, second = 0] = middle.map((y) => clip(y ?? 0, -50, 49.9));
              expect(median).toBeGreaterThanOrEqual(bins.findLast((edge) => edge <= first) ?? 0);
              expect(median).toBeLessThanOrEqual(bins.find((edge) => edge > second) ?? 0);
            }
            expect(estimates(measures, "people")[at]).toBe(inside.length);
            expect(estimates(measures, "total")[at]).toBeCloseTo(sum, 9);
            if (xs.length === 0) expect(estimates(measures, "level")[at]).toBeNull();
            else expect(estimates(measures, "level")[at]).toBeCloseTo(sum / xs.length, 9);
            const clipped = ys.map((y) => clip(y, -7, 3));
            if (ys.length === 0) expect(estimates(measures, "other")[at]).toBeNull();
            else {
              const mean = clipped.reduce((total, y) => total + y, 0) / ys.length;
              expect(estimates(measures, "other")[at]).toBeCloseTo(mean, 9);
            }
            const spread = estimates(measures, "spread");
            expect(spread[`${at}|[-50, -10)`]).toBe(ys.filter((y) => y < -10).length);
            expect(spread[`${at}|[-10, 0)`]).toBe(ys.filter((y) => y >= -10 && y < 0).length);
            expect(spread[`${at}|[25, 50]`]).toBe(ys.filter((y) => y >= 25).length);
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  test("shares and weighted means are those of the rows, by weights within their bounds", () => {
    const by = "weight: age, weight_max: 60, weight_resolution: 0.5";
    const result = `{ group: { colour: [red, blue] }, measures: {
      large: { share: x, of: [2, 3, 5] },
      other: { share: x, of: [6, 3] },
      level: { mean: y, min: -7, max: 3, resolution: 1, ${by} },
      heavy: { share: x, of: [2, 3, 5], ${by} } } }`;
    const small = fc.option(fc.integer({ min: -1, max: 6 }), { nil: null });
    const rows = fc.array(
      fc.record({
        colour: fc.constantFrom("red", "blue", null),
        age: fc
          .option(fc.integer({ min: -10, max: 150 }), { nil: null })
          .map((half) => half && half / 2),
        x: small,
        y: small,
      }),
      { maxLength: 40 },
    );
    const ratio = (parts: readonly (readonly [number, number])[]): number | null => {
      const weights = parts.reduce((sum, [weight]) => sum + weight, 0);
      return weights === 0
        ? null
        : parts.reduce((sum, [weight, x]) => sum + weight * x, 0) / weights;
    };
    fc.assert(
      fc.property(rows, (people) => {
        const measures = truth(result, people);
        for (const colour of ["red", "blue"]) {
          const inside = people.filter((person) => person.colour === colour);
          const close = (name: string, expected: number | null): void => {
            const got = estimates(measures, name)[colour] ?? null;
            if (expected === null) expect(got).toBeNull();
            else expect(got).toBeCloseTo(expected, 9);
          };
          const isLarge = (x: number): number => ([2, 3, 5].includes(x) ? 1 : 0);
          const known = inside.flatMap(({ x }) => (x === null ? [] : [[1, isLarge(x)] as const]));
          close("large", ratio(known));
          const others = inside.flatMap(({ x }) =>
            x === null ? [] : [[1, x === 3 || x === 6 ? 1 : 0] as const],
          );
          close("other", ratio(others));
          const weighted = (
            of: (person: (typeof people)[number]) => number | null,
          ): (readonly [number, number])[] =>
            inside.flatMap((person) => {
              const value = of(person);
              return value === null || person.age === null
                ? []
                : [[clip(person.age, 0, 60), value] as const];
            });
          close("level", ratio(weighted(({ y }) => (y === null ? null : clip(y, -7, 3)))));
          close("heavy", ratio(weighted(({ x }) => (x === null ? null : isLarge(x)))));
        }
      }),
      { numRuns: 100 },
    );
  });

  test("several groupings are answered as if each were asked alone", () => {
    const blocks = [
      "{ group: { colour: [red, blue] }, measures: { a: count, b: { mean: x, min: -20, max: 100 } } }",
      "{ group: { age: { edges: [0, 18, 65, 120] } }, measures: { c: { histogram: y, edges: [-50, 0, 50] } } }",
      "{ measures: { d: { deviation: x, min: -20, max: 100 } } }",
    ];
    fc.assert(
      fc.property(fc.array(row, { maxLength: 40 }), (generated) => {
        const rows = generated as (Row | null)[];
        const alone = blocks.flatMap((block) => truth(block, rows));
        expect(truth(`[${blocks.toReversed().join(", ")}]`, rows)).toEqual(alone);
      }),
      { numRuns: 30 },
    );
  });

  test("people in several cells count once in each, in no more than at_most", () => {
    const result = `{ group: { tag: { values: [a, b, c, d], at_most: 2 }, colour: [red, blue] },
      measures: { people: count } }`;
    const tags = fc.array(fc.constantFrom("a", "b", "c", "d", "e", null), { maxLength: 6 });
    const person = fc.record({ colour: fc.constantFrom("red", "blue"), tags });
    fc.assert(
      fc.property(fc.array(person, { maxLength: 40 }), (people) => {
        const rows = people.map(({ colour, tags: list }) => ({
          colour,
          tag: JSON.stringify(list),
        }));
        const counted = estimates(truth(result, rows), "people");
        for (const tag of ["a", "b", "c", "d"] as const) {
          for (const colour of ["red", "blue"]) {
            const expected = people.filter((one) => {
              const distinct = [...new Set(one.tags)].filter((t) => t !== null && t !== "e");
              return one.colour === colour && distinct.slice(0, 2).some((t) => t === tag);
            });
            expect(counted[`${colour}|${tag}`]).toBe(expected.length);
          }
        }
      }),
    );
  });
});
