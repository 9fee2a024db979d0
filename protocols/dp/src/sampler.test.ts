/**
 * Goal: the samplers draw exactly the distributions they name. Method: 30,000 draws of fresh
 * randomness against the exact probabilities with Pearson's chi-square; a correct sampler fails a
 * test once in a million runs (false-alarm rate 1e-6 each, 13 tests). The last tests show the power:
 * the same test rejects samplers that are wrong in the ways samplers are wrong in practice.
 */
import { describe, expect, test } from "vitest";
import { sampleDiscreteGaussian } from "./discrete-gaussian.ts";
import { sampleDiscreteLaplace } from "./discrete-laplace.ts";
import { sampleNoise } from "./noise.ts";
import { type Rational, rational, rationalFromNumber } from "./rational.ts";

declare const crypto: { getRandomValues(bytes: Uint8Array): Uint8Array };
declare const performance: { now(): number };

const FALSE_ALARM_RATE = 1e-6;
const DRAWS = 30_000;

const randomBytes = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));

function gaussianWeight(sigmaSquared: number): (x: number) => number {
  return (x) => Math.exp(-(x * x) / (2 * sigmaSquared));
}

function laplaceWeight(scale: number): (x: number) => number {
  return (x) => Math.exp(-Math.abs(x) / scale);
}

/** The probability that a chi-square statistic this large or larger arises by chance. */
function chanceOf(statistic: number, degrees: number): number {
  return upperGamma(degrees / 2, statistic / 2);
}

/** Regularised upper incomplete gamma, by its series or its continued fraction (Lentz). */
function upperGamma(a: number, x: number): number {
  const factor = Math.exp(-x + a * Math.log(x) - logGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; term > sum * 1e-16; n++) {
      term *= x / (a + n);
      sum += term;
    }
    return 1 - factor * sum;
  }
  let b = x + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let h = d;
  for (let i = 1; i < 10_000; i++) {
    const an = -i * (i - a);
    b += 2;
    d = 1 / (an * d + b);
    c = b + an / c;
    h *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return factor * h;
}

/** ln Gamma by Stirling's series, shifted to where it converges fast. */
function logGamma(a: number): number {
  let shift = 0;
  let x = a;
  for (; x < 10; x++) shift -= Math.log(x);
  const series = 1 / (12 * x) - 1 / (360 * x ** 3) + 1 / (1260 * x ** 5);
  return shift + (x - 0.5) * Math.log(x) - x + Math.log(2 * Math.PI) / 2 + series;
}

/** Pearson's test of the draws against weights over the integers; rare values share a cell. */
function chanceOfDraws(draws: readonly bigint[], weight: (x: number) => number): number {
  let reach = 1;
  while (weight(reach) > 1e-18) reach++;
  let total = 0;
  for (let x = -reach; x <= reach; x++) total += weight(x);
  const expected = new Map<number, number>();
  let rest = draws.length;
  for (let x = -reach; x <= reach; x++) {
    const count = (draws.length * weight(x)) / total;
    if (count < 20) continue;
    expected.set(x, count);
    rest -= count;
  }
  const observed = new Map<number, number>();
  let observedRest = 0;
  for (const draw of draws) {
    const x = Number(draw);
    if (expected.has(x)) observed.set(x, (observed.get(x) ?? 0) + 1);
    else observedRest++;
  }
  let statistic = rest > 1 ? (observedRest - rest) ** 2 / rest : 0;
  for (const [x, count] of expected) statistic += ((observed.get(x) ?? 0) - count) ** 2 / count;
  return chanceOf(statistic, expected.size - (rest > 1 ? 0 : 1));
}

function draw(count: number, one: () => bigint): bigint[] {
  return Array.from({ length: count }, one);
}

describe("the chi-square test itself", () => {
  test.each([
    [3.841, 1, 0.05],
    [18.307, 10, 0.05],
    [124.342, 100, 0.05],
    [59.7, 30, 0.001],
  ])("a statistic of %d with %d degrees has chance %d", (statistic, degrees, chance) => {
    expect(chanceOf(statistic, degrees)).toBeCloseTo(chance, 4);
  });
});

describe("discrete Gaussian", () => {
  test.each<Rational>([
    rational(1n, 10n),
    rational(1n),
    rational(9n, 4n),
    rational(100n, 7n),
    rational(1000n),
    rationalFromNumber(123.456),
  ])("follows exp(-x^2 / 2 sigma^2) for sigma^2 = $numerator/$denominator", (sigmaSquared) => {
    const draws = draw(DRAWS, () => sampleDiscreteGaussian(sigmaSquared, randomBytes));
    const value = Number(sigmaSquared.numerator) / Number(sigmaSquared.denominator);
    expect(chanceOfDraws(draws, gaussianWeight(value))).toBeGreaterThan(FALSE_ALARM_RATE);
  });

  test("a vector of noises follows it too, in each of its halves", () => {
    const noise = { kind: "gaussian", sigmaSquared: rational(25n) } as const;
    const draws = sampleNoise(noise, DRAWS, randomBytes);
    for (const half of [0, 1]) {
      const chosen = draws.filter((_, index) => index % 2 === half);
      expect(chanceOfDraws(chosen, gaussianWeight(25))).toBeGreaterThan(FALSE_ALARM_RATE);
    }
  });

  test("a standard deviation of 10^12 is as exact as one of 1", () => {
    const sigmaSquared = rational(10n ** 24n);
    const draws = draw(5_000, () => sampleDiscreteGaussian(sigmaSquared, randomBytes));
    // In units of sigma/4 the distribution is Gaussian with sigma 4, up to the width of a cell.
    const cells = draws.map((x) => BigInt(Math.floor(Number(x) / 2.5e11 + 0.5)));
    const normal = (x: number): number => {
      let sum = 0;
      for (let step = 0; step < 64; step++) {
        sum += gaussianWeight(16)(x - 0.5 + (step + 0.5) / 64);
      }
      return sum / 64;
    };
    expect(chanceOfDraws(cells, normal)).toBeGreaterThan(FALSE_ALARM_RATE);
  });

  test("1,000 samples take well under 100 ms", () => {
    const sigmaSquared = rationalFromNumber(4321.987654321);
    sampleNoise({ kind: "gaussian", sigmaSquared }, 1_000, randomBytes);
    const timesMs: number[] = [];
    for (let round = 0; round < 5; round++) {
      const start = performance.now();
      sampleNoise({ kind: "gaussian", sigmaSquared }, 1_000, randomBytes);
      timesMs.push(performance.now() - start);
    }
    expect(Math.min(...timesMs)).toBeLessThan(100);
  });
});

describe("discrete Laplace", () => {
  test.each<Rational>([rational(1n, 3n), rational(1n), rational(7n, 2n), rational(50n)])(
    "follows exp(-|x| / scale) for scale $numerator/$denominator",
    (scale) => {
      const draws = draw(DRAWS, () => sampleDiscreteLaplace(scale, randomBytes));
      const value = Number(scale.numerator) / Number(scale.denominator);
      expect(chanceOfDraws(draws, laplaceWeight(value))).toBeGreaterThan(FALSE_ALARM_RATE);
    },
  );
});

describe("power: the test rejects", () => {
  const sigmaSquared = rational(36n);
  const weight = gaussianWeight(36);

  test.each([
    ["10 % too wide", rational(4356n, 100n)],
    ["10 % too narrow", rational(2916n, 100n)],
  ])("a Gaussian whose sigma is %s", (_, wrong) => {
    const draws = draw(DRAWS, () => sampleDiscreteGaussian(wrong, randomBytes));
    expect(chanceOfDraws(draws, weight)).toBeLessThan(FALSE_ALARM_RATE);
  });

  test("a zero that has two signs", () => {
    const draws = draw(DRAWS, () => sampleDiscreteGaussian(sigmaSquared, randomBytes)).concat(
      // What forgetting to reject minus zero does: as many zeros again.
      Array<bigint>(Math.round((DRAWS * 0.3989) / 6)).fill(0n),
    );
    expect(chanceOfDraws(draws, weight)).toBeLessThan(FALSE_ALARM_RATE);
  });

  test("a rounded continuous Gaussian of small sigma", () => {
    const uniform = (): number => {
      const [a = 0, b = 0, c = 0, d = 0] = randomBytes(4);
      return (((a * 256 + b) * 256 + c) * 256 + d + 0.5) / 2 ** 32;
    };
    const rounded = (): bigint =>
      BigInt(
        Math.round(0.7 * Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())),
      );
    expect(chanceOfDraws(draw(DRAWS, rounded), gaussianWeight(0.49))).toBeLessThan(
      FALSE_ALARM_RATE,
    );
  });

  test("a Laplace in the place of a Gaussian of equal variance", () => {
    const draws = draw(DRAWS, () => sampleDiscreteLaplace(rational(424n, 100n), randomBytes));
    expect(chanceOfDraws(draws, weight)).toBeLessThan(FALSE_ALARM_RATE);
  });
});
