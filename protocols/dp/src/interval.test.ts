/**
 * Goal: 95 % intervals cover at least 95 % of releases however narrow the noise, and at most 96 %
 * once it is much wider than one. Method: no sampling; the exact distributions of both nodes' noise
 * are added up, so these tests cannot fail by chance.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { halfWidth95 } from "./interval.ts";
import { type Noise, standardDeviation } from "./noise.ts";
import { leastBound, noiseDistribution, sumDistribution } from "./noise-distribution.ts";
import { rationalFromNumber } from "./rational.ts";

const gaussian = (sigma: number): Noise => ({
  kind: "gaussian",
  sigmaSquared: rationalFromNumber(sigma * sigma),
});
const laplace = (scale: number): Noise => ({ kind: "laplace", scale: rationalFromNumber(scale) });

const KINDS = [
  ["gaussian", gaussian],
  ["laplace", (width: number): Noise => laplace(width / Math.SQRT2)],
] as const;

/** The distribution of the sum of both nodes' noises. */
function bothNodes(noise: Noise): Float64Array {
  const one = noiseDistribution(noise);
  return sumDistribution(one, one);
}

/** How often the noise lies within a half-width. */
function within(distribution: Float64Array, half: number): number {
  const centre = (distribution.length - 1) / 2;
  let covered = 0;
  for (const [index, p] of distribution.entries()) {
    if (Math.abs(index - centre) <= half + 1e-9) covered += p;
  }
  return covered;
}

/** How often one number and a multiple of another lie within their half-width. */
function coverageOfTwo(noise: Noise, coefficient: number): number {
  const both = bothNodes(noise);
  const reach = (both.length - 1) / 2;
  const half = halfWidth95(noise, [{ coefficient: 1 }, { coefficient }]) + 1e-9;
  const upTo = both.slice();
  for (let k = 1; k < upTo.length; k++) upTo[k] = (upTo[k] ?? 0) + (upTo[k - 1] ?? 0);
  const below = (x: number): number =>
    x < -reach ? 0 : (upTo[Math.min(Math.floor(x) + reach, 2 * reach)] ?? 0);
  let covered = 0;
  for (const [index, p] of both.entries()) {
    const shift = coefficient * (index - reach);
    covered += p * (below(half - shift) - below(-half - shift - 1e-7));
  }
  return covered;
}

describe("the exact distribution", () => {
  test("is that of the formula, symmetric, and adds up to one", () => {
    const one = noiseDistribution(laplace(2));
    const centre = (one.length - 1) / 2;
    expect(one.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 12);
    expect((one[centre + 3] ?? 0) / (one[centre] ?? 0)).toBeCloseTo(Math.exp(-1.5), 12);
    expect(one[centre - 3]).toBe(one[centre + 3]);
    const normal = noiseDistribution(gaussian(2));
    const middle = (normal.length - 1) / 2;
    expect((normal[middle - 3] ?? 0) / (normal[middle] ?? 0)).toBeCloseTo(Math.exp(-9 / 8), 12);
  });

  test("of a sum is that of all pairs", () => {
    expect([
      ...sumDistribution(Float64Array.of(0.25, 0.5, 0.25), Float64Array.of(0.1, 0.8, 0.1)),
    ]).toEqual([0.025, 0.25, 0.45, 0.25, 0.025].map((p) => expect.closeTo(p, 12)));
  });

  test("of two Laplace noises has a closed form", () => {
    const q = Math.exp(-1 / 3);
    const both = bothNodes(laplace(3));
    const centre = (both.length - 1) / 2;
    for (const k of [0, 1, 7, 20]) {
      const exact = ((1 - q) / (1 + q)) ** 2 * q ** k * (k + (1 + q * q) / (1 - q * q));
      expect(both[centre + k]).toBeCloseTo(exact, 10);
    }
  });

  test("tells the least bound that is exceeded no more often than allowed", () => {
    const distribution = Float64Array.of(0.02, 0.1, 0.76, 0.1, 0.02);
    expect([0.03, 0.04, 0.2, 0.25, 1].map((p) => leastBound(distribution, p))).toEqual([
      2, 1, 1, 0, 0,
    ]);
  });

  test("has the standard deviation that noise is said to have", () => {
    for (const noise of [laplace(0.4), laplace(3), laplace(25), gaussian(2), gaussian(10)]) {
      const one = noiseDistribution(noise);
      const centre = (one.length - 1) / 2;
      const variance = one.reduce((sum, p, index) => sum + p * (index - centre) ** 2, 0);
      expect(standardDeviation(noise)).toBeCloseTo(Math.sqrt(variance), 4);
    }
  });
});

describe("one noisy number", () => {
  const widths = Array.from({ length: 60 }, (_, index) => 0.1 * 1.12 ** index);

  test.each(KINDS)("%s noise of any width from 0.1 to 80 is covered at 95 %", (_, make) => {
    for (const width of widths) {
      const noise = make(width);
      const [both, half] = [bothNodes(noise), halfWidth95(noise)];
      const what = `width ${width}`;
      expect(Number.isInteger(half), what).toBe(true);
      expect(within(both, half), what).toBeGreaterThan(0.95);
      // No whole number less would do.
      if (width < 20) expect(half === 0 || within(both, half - 1) < 0.95, what).toBe(true);
      if (width > 20) expect(within(both, half), what).toBeLessThan(0.955);
    }
  });
});

describe("numbers of one factor", () => {
  test.each(KINDS)("added and subtracted, of %s noise, lie on its multiples", (_, make) => {
    for (const width of [0.3, 1.1, 4, 12]) {
      const noise = make(width);
      let sum = bothNodes(noise);
      for (const count of [2, 3, 4]) {
        sum = sumDistribution(sum, bothNodes(noise));
        const half = halfWidth95(noise, [
          { coefficient: 0.3, count: count - 1 },
          { coefficient: -0.3 },
          { coefficient: 0, count: 9 },
        ]);
        expect(half / 0.3).toBeCloseTo(Math.round(half / 0.3), 9);
        const what = `${count} of width ${width}`;
        expect(within(sum, half / 0.3), what).toBeGreaterThan(0.95);
        if (width > 10) expect(within(sum, half / 0.3), what).toBeLessThan(0.96);
      }
    }
  });
});

describe("a combination of two noisy numbers", () => {
  const widths = [0.2, 0.4, 0.7, 1, 1.7, 3, 5];
  const coefficients = [0.01, 0.1, 0.3, 0.5, 0.9, 1, 1.5, 2, 3.3, 7, 40];

  test.each(KINDS)("of %s noise is covered at 95 %, or a hair less", (_, make) => {
    for (const width of widths) {
      for (const coefficient of coefficients) {
        const coverage = coverageOfTwo(make(width), coefficient);
        const what = `width ${width}, coefficient ${coefficient}`;
        expect(coverage, what).toBeGreaterThan(0.947);
      }
    }
  });

  test.each(KINDS)("of wide %s noise is covered within a point of 95 %", (_, make) => {
    for (const width of [10, 20, 45]) {
      for (const coefficient of coefficients) {
        const coverage = coverageOfTwo(make(width), coefficient);
        const what = `width ${width}, coefficient ${coefficient}`;
        expect(coverage, what).toBeGreaterThan(0.949);
        expect(coverage, what).toBeLessThan(0.96);
        if (width > 40) expect(coverage, what).toBeLessThan(0.953);
      }
    }
  });
});

test("the order of terms, their signs and how they are gathered change nothing", () => {
  const term = fc.record({
    coefficient: fc.constantFrom(-2, -0.5, 0, 0.5, 1, 2),
    count: fc.nat({ max: 3 }),
  });
  const noises = fc.constantFrom(gaussian(0.7), gaussian(50), laplace(3), laplace(80));
  fc.assert(
    fc.property(noises, fc.array(term, { maxLength: 6 }), (noise, terms) => {
      const gathered = [0.5, 1, 2].map((coefficient) => ({
        coefficient,
        count: terms.reduce(
          (sum, each) => sum + (Math.abs(each.coefficient) === coefficient ? each.count : 0),
          0,
        ),
      }));
      const apart = terms.flatMap(({ coefficient, count }) =>
        Array.from({ length: count }, () => ({ coefficient })),
      );
      const half = halfWidth95(noise, gathered);
      expect(halfWidth95(noise, terms)).toBeCloseTo(half, 9);
      expect(halfWidth95(noise, apart.toReversed())).toBeCloseTo(half, 9);
      expect(half > 0).toBe(gathered.some(({ count }) => count > 0));
    }),
  );
});

test("no numbers, no width", () => {
  expect(halfWidth95(gaussian(1), [])).toBe(0);
  expect(halfWidth95(laplace(1), [{ coefficient: 0 }, { coefficient: 2, count: 0 }])).toBe(0);
});
