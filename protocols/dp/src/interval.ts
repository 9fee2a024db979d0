import { defined } from "@sumus/assert";
import { type Noise, standardDeviation } from "./noise.ts";
import { leastBound, noiseDistribution, sumDistribution } from "./noise-distribution.ts";

/** Nodes that add noise: each adds all of it, so that one honest node suffices. */
export const NOISE_NODES = 2;

/** How often noise may lie beyond its interval. */
const EXCEEDING = 0.05;

/** Sums of noise up to this standard deviation are taken as the whole numbers that they are. */
const EXACT_DEVIATION_MAX = 30;

/** Where 95 % of a Gaussian lie, in its standard deviations. */
const GAUSSIAN_DEVIATIONS = 1.96;

/** How much heavier the tails of one node's noise are than a Gaussian's. */
const EXCESS_KURTOSIS = { gaussian: 0, laplace: 3 } as const;

/**
 * Where 95 % of a sum of Laplace noises lie, by its excess kurtosis k: 2.057 deviations for those of
 * two nodes on one number (k = 1.5), the Gaussian's for many. The linear term is nearly that of the
 * Cornish-Fisher expansion; with the square, no mixture is off by more than 0.006 deviations.
 */
const PER_KURTOSIS = 0.072;
const PER_KURTOSIS_SQUARED = -0.005;

/** Noisy numbers of one aggregate, and the factor with which they enter an estimate. */
export interface NoiseTerm {
  readonly coefficient: number;
  /** How many numbers enter with it; one when left out. */
  readonly count?: number;
}

const ALONE: readonly NoiseTerm[] = [{ coefficient: 1 }];

/**
 * Half the width of a 95 % interval around a linear combination of numbers that carry this noise of
 * both nodes each; around one number when no terms are given.
 *
 * Numbers that enter with one factor add up to whole multiples of it: then the half-width is the
 * least multiple that exact convolution allows. Numbers of several factors do not lie on a lattice;
 * their interval grows by half a step of each of its lattices, since narrow noise is all steps. So a
 * single factor is covered at 95 % at least, a combination at 94.7 %, and both within a point of 95 %
 * once the noise is much wider than one. The tests compute that from the exact distributions.
 */
export function halfWidth95(noise: Noise, terms: readonly NoiseTerm[] = ALONE): number {
  let [squares, fourths, steps, factors, count] = [0, 0, 0, 0, 0];
  for (let index = 0; index < terms.length; index++) {
    const { coefficient, count: each = 1 } = defined(terms[index], "an index below the length");
    const square = coefficient * coefficient;
    if (square === 0 || each === 0) continue;
    squares += each * square;
    fourths += each * square * square;
    count += each;
    if (isFirstOf(terms, index)) {
      factors++;
      steps += Math.abs(coefficient);
    }
  }
  if (factors === 0) return 0;
  const deviation = Math.sqrt(NOISE_NODES) * standardDeviation(noise);
  if (factors === 1 && deviation * Math.sqrt(count) <= EXACT_DEVIATION_MAX) {
    return steps * wholeHalfWidth(noise, count);
  }
  const kurtosis = (EXCESS_KURTOSIS[noise.kind] * fourths) / (NOISE_NODES * squares * squares);
  const half = deviationsOf(kurtosis) * deviation * Math.sqrt(squares) + steps / 2;
  return factors === 1 ? steps * Math.floor(half / steps) : half;
}

/** Whether no number of a term before enters with the same factor, but for its sign. */
function isFirstOf(terms: readonly NoiseTerm[], index: number): boolean {
  const size = Math.abs(terms[index]?.coefficient ?? 0);
  for (let before = 0; before < index; before++) {
    const { coefficient, count = 1 } = defined(terms[before], "an index below the length");
    if (count > 0 && Math.abs(coefficient) === size) return false;
  }
  return true;
}

function deviationsOf(kurtosis: number): number {
  return GAUSSIAN_DEVIATIONS + (PER_KURTOSIS + PER_KURTOSIS_SQUARED * kurtosis) * kurtosis;
}

/** Computed before, by how many numbers are added: releases ask for the same ones cell by cell. */
const wholeHalfWidths = new WeakMap<Noise, Map<number, number>>();

/** The least whole number that the noise of both nodes on `count` numbers together exceeds in 5 %. */
function wholeHalfWidth(noise: Noise, count: number): number {
  const known = wholeHalfWidths.get(noise) ?? new Map<number, number>();
  wholeHalfWidths.set(noise, known);
  const found = known.get(count);
  if (found !== undefined) return found;
  const one = noiseDistribution(noise);
  let sum = one;
  for (let added = 1; added < NOISE_NODES * count; added++) sum = sumDistribution(sum, one);
  const half = leastBound(sum, EXCEEDING);
  known.set(count, half);
  return half;
}
