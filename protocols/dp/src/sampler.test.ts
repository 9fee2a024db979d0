/**
 * Goal: the samplers draw exactly the distributions they name. Method: 30,000 draws of fresh
 * randomness against the exact probabilities with Pearson's chi-square. False-alarm rate: a correct
 * sampler fails one of these 23 comparisons about once in 10^12 runs each, any of them in 4 * 10^10 runs. The
 * last tests show the power: the same test rejects samplers that are wrong in the ways samplers are wrong
 * in practice.
 */
import { describe, expect, test } from "vitest";
import { bernoulliExp } from "./bernoulli.ts";
import { sampleDiscreteGaussian } from "./discrete-gaussian.ts";
import { sampleDiscreteLaplace } from "./discrete-laplace.ts";
import { IntegerSource } from "./integer-source.ts";
import { type Noise, sampleNoise } from "./noise.ts";
import { type Rational, rational, rationalFromNumber } from "./rational.ts";

declare const crypto: { getRandomValues(bytes: Uint8Array): Uint8Array };

const FALSE_ALARM_RATE = 1e-12;
const DRAWS = 30_000;

/** Draws expected in a cell of its own: so many that chi-square holds far into its tail. */
const CELL_MIN = 100;

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
  while (weight(reach) > 1e-18 || weight(reach + 1) > 1e-18) reach++;
  let total = 0;
  for (let x = -reach; x <= reach; x++) total += weight(x);
  const expected = new Map<number, number>();
  let rest = draws.length;
  for (let x = -reach; x <= reach; x++) {
    const count = (draws.length * weight(x)) / total;
    if (count < CELL_MIN) continue;
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

function expectDrawn(draws: readonly bigint[], weight: (x: number) => number): void {
  expect(chanceOfDraws(draws, weight)).toBeGreaterThan(FALSE_ALARM_RATE);
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
    expectDrawn(draws, gaussianWeight(value));
  });

  test("a vector of noises follows it too, in each of its halves", () => {
    const noise = { kind: "gaussian", sigmaSquared: rational(25n) } as const;
    const draws = sampleNoise(noise, DRAWS, randomBytes);
    for (const half of [0, 1]) {
      const chosen = draws.filter((_, index) => index % 2 === half);
      expectDrawn(chosen, gaussianWeight(25));
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
    expectDrawn(cells, normal);
  });
});

describe("discrete Laplace", () => {
  test.each<Rational>([rational(1n, 3n), rational(1n), rational(7n, 2n), rational(50n)])(
    "follows exp(-|x| / scale) for scale $numerator/$denominator",
    (scale) => {
      const draws = draw(DRAWS, () => sampleDiscreteLaplace(scale, randomBytes));
      const value = Number(scale.numerator) / Number(scale.denominator);
      expectDrawn(draws, laplaceWeight(value));
    },
  );
});

describe("the coin of exp(-x)", () => {
  test.each([
    [0n, 1n],
    [1n, 3n],
    [1n, 1n],
    [7n, 2n],
    [2n ** 70n + 1n, 2n ** 71n],
  ])("is true as often for x = %d/%d", (numerator, denominator) => {
    const source = new IntegerSource(randomBytes);
    const draws = draw(DRAWS, () => (bernoulliExp(source, numerator, denominator) ? 1n : 0n));
    const chance = Math.exp(-Number(numerator) / Number(denominator));
    if (chance === 1) expect(draws.every((each) => each === 1n)).toBe(true);
    else expectDrawn(draws, (x) => (x === 1 ? chance : x === 0 ? 1 - chance : 0));
  });
});

describe("uniform integers", () => {
  test.each([2n, 5n, 97n, 2n ** 60n])("below %d are equally likely", (bound) => {
    const source = new IntegerSource(randomBytes);
    // Of large ones the sixteenth that they lie in.
    const cells = bound < 100n ? bound : 16n;
    const draws = draw(DRAWS, () => (source.below(bound) * cells) / bound);
    expectDrawn(draws, (x) => (x >= 0 && x < Number(cells) ? 1 : 0));
  });
});

/** Neighbours as one number of base 9: as likely as both together, where they are independent. */
function chanceOfNeighbours(draws: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const x of draws) counts.set(x, (counts.get(x) ?? 0) + 1);
  const share = (x: number): number => (counts.get(x) ?? 0) / draws.length;
  const pairs = draws.flatMap((x, at) =>
    at % 2 === 0 ? [BigInt((x + 4) * 9 + (draws[at + 1] ?? 0) + 4)] : [],
  );
  return chanceOfDraws(pairs, (pair) =>
    pair < 0 || pair > 80 ? 0 : share(Math.floor(pair / 9) - 4) * share((pair % 9) - 4),
  );
}

describe("noises of one vector", () => {
  test.each<Noise>([
    { kind: "gaussian", sigmaSquared: rational(4n) },
    { kind: "laplace", scale: rational(2n) },
  ])("of $kind noise are independent of those before them", (noise) => {
    const clip = (x: bigint): number => Math.max(-4, Math.min(4, Number(x)));
    const draws = sampleNoise(noise, 2 * DRAWS, randomBytes).map(clip);
    expect(chanceOfNeighbours(draws)).toBeGreaterThan(FALSE_ALARM_RATE);
    // A tenth of them repeated is found out.
    const repeating = draws.map((x, at) => (at % 20 === 1 ? (draws[at - 1] ?? 0) : x));
    expect(chanceOfNeighbours(repeating)).toBeLessThan(FALSE_ALARM_RATE);
  });
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
