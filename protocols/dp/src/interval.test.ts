/**
 * Goal: 95 % intervals cover at least 95 % of releases however narrow the noise, and at most 96 %
 * once it is much wider than one. Method: no sampling; the exact distributions of both nodes' noise
 * are added up, so these tests cannot fail by chance.
 */
import { describe, expect, test } from "vitest";
import { halfWidth95 } from "./interval.ts";
import { type Noise, standardDeviation } from "./noise.ts";
import { rationalFromNumber, toNumber } from "./rational.ts";

const gaussian = (sigma: number): Noise => ({
  kind: "gaussian",
  sigmaSquared: rationalFromNumber(sigma * sigma),
});
const laplace = (scale: number): Noise => ({ kind: "laplace", scale: rationalFromNumber(scale) });

/** The distribution of one node's noise over -reach..reach. */
function distribution(noise: Noise): number[] {
  const weight =
    noise.kind === "gaussian"
      ? (x: number): number => Math.exp(-(x * x) / (2 * toNumber(noise.sigmaSquared)))
      : (x: number): number => Math.exp(-Math.abs(x) / toNumber(noise.scale));
  let reach = 1;
  while (weight(reach) > 1e-9) reach++;
  const weights = Array.from({ length: 2 * reach + 1 }, (_, index) => weight(index - reach));
  const total = weights.reduce((sum, value) => sum + value, 0);
  return weights.map((value) => value / total);
}

/** The distribution of the sum of both nodes' noises. */
function bothNodes(noise: Noise): number[] {
  const one = distribution(noise);
  const sum = Array<number>(2 * one.length - 1).fill(0);
  for (const [left, p] of one.entries()) {
    for (const [right, q] of one.entries()) sum[left + right] = (sum[left + right] ?? 0) + p * q;
  }
  return sum;
}

function coverageOfOne(noise: Noise): number {
  const both = bothNodes(noise);
  const centre = (both.length - 1) / 2;
  const half = halfWidth95([{ coefficient: 1, noise }]);
  return both.reduce((sum, p, index) => sum + (Math.abs(index - centre) <= half ? p : 0), 0);
}

function coverageOfTwo(a: number, x: Noise, b: number, y: Noise): number {
  const [left, right] = [bothNodes(x), bothNodes(y)];
  const half = halfWidth95([
    { coefficient: a, noise: x },
    { coefficient: b, noise: y },
  ]);
  let covered = 0;
  for (const [i, p] of left.entries()) {
    for (const [j, q] of right.entries()) {
      const value = a * (i - (left.length - 1) / 2) + b * (j - (right.length - 1) / 2);
      if (Math.abs(value) <= half + 1e-9) covered += p * q;
    }
  }
  return covered;
}

describe("one noisy number", () => {
  const widths = Array.from({ length: 60 }, (_, index) => 0.1 * 1.12 ** index);

  test.each([
    ["gaussian", gaussian],
    ["laplace", laplace],
  ])("%s noise of any width from 0.1 to 80 is covered at 95 %", (_, make) => {
    for (const width of widths) {
      const coverage = coverageOfOne(make(width));
      expect(coverage, `width ${width}`).toBeGreaterThan(0.95);
      if (width > 20) expect(coverage, `width ${width}`).toBeLessThan(0.96);
    }
  });
});

describe("a combination of two noisy numbers", () => {
  const widths = [0.2, 0.4, 0.7, 1, 1.7, 3, 5];
  const coefficients = [0.01, 0.1, 0.3, 0.5, 0.9, 1, 1.5, 2, 3.3, 7, 40];

  test.each([
    ["gaussian", gaussian, 0.949],
    ["laplace", (width: number): Noise => laplace(width / 2), 0.947],
  ])("%s noises with any coefficients are covered at 95 %%, or a hair less", (_, make, least) => {
    for (const x of widths) {
      for (const y of widths) {
        for (const b of coefficients) {
          const coverage = coverageOfTwo(1, make(x), b, make(y));
          expect(coverage, `widths ${x}, ${y}, coefficient ${b}`).toBeGreaterThan(least);
        }
      }
    }
  });

  test("two numbers of equal noise, added, are covered at 95 %", () => {
    for (const width of [0.15, 0.3, 0.45, 0.8, 1.3, 2.2, 4, 7]) {
      expect(coverageOfTwo(1, gaussian(width), 1, gaussian(width))).toBeGreaterThan(0.95);
    }
    expect(coverageOfTwo(1, gaussian(12), 1, gaussian(12))).toBeLessThan(0.96);
  });

  test("wide noises are covered within a point of 95 %", () => {
    for (const [y, b] of [
      [20, 0.3],
      [9, 1],
      [15, 2],
    ] as const) {
      expect(coverageOfTwo(1, gaussian(20), b, gaussian(y))).toBeLessThan(0.96);
      expect(coverageOfTwo(1, laplace(14), b, laplace(y / 1.4))).toBeLessThan(0.96);
    }
  });
});

test("the standard deviation is that of the distribution", () => {
  for (const noise of [laplace(0.4), laplace(3), laplace(25), gaussian(2), gaussian(10)]) {
    const one = distribution(noise);
    const centre = (one.length - 1) / 2;
    const variance = one.reduce((sum, p, index) => sum + p * (index - centre) ** 2, 0);
    expect(standardDeviation(noise)).toBeCloseTo(Math.sqrt(variance), 4);
  }
});

test("no noise, no width; two kinds of noise, no interval", () => {
  expect(halfWidth95([])).toBe(0);
  const terms = [gaussian(1), laplace(1)].map((noise) => ({ coefficient: 1, noise }));
  expect(() => halfWidth95(terms)).toThrow("same kind of noise");
});
