import { assert } from "@sumus/assert";
import { type Noise, standardDeviation } from "./noise.ts";

/** Nodes that add noise: each adds all of it, so that one honest node suffices. */
export const NOISE_NODES = 2;

/**
 * Where 95 % of the noise of both nodes lies, in its standard deviations: 1.96 for Gaussian noise.
 * The sum of two Laplace noises of scale b exceeds h with probability (1 + h/2b) exp(-h/b), which
 * is 5 % at h = 4.113 b, or 2.057 standard deviations; sums of several are closer to Gaussian.
 */
const DEVIATIONS = { gaussian: 1.96, laplace: 2.057 } as const;

/** Noisy numbers and the factor with which they enter an estimate. */
export interface NoiseTerm {
  readonly coefficient: number;
  readonly noise: Noise;
  /** How many numbers enter with it; one when left out. */
  readonly count?: number;
}

/**
 * Half the width of a 95 % interval around a linear combination of noisy numbers, from the noise of
 * both nodes on each. All terms carry noise of one kind.
 *
 * Noise lies on whole numbers, so the interval grows by half a step of each lattice that enters it
 * (terms with one coefficient share theirs). However narrow the noise, one number is then covered at
 * 95 % at least and a combination at 94.7 %; once the noise is wide, within a point of 95 %. The
 * tests compute both from the exact distributions.
 */
export function halfWidth95(terms: readonly NoiseTerm[]): number {
  const [first] = terms;
  if (first === undefined) return 0;
  const { kind } = first.noise;
  let variance = 0;
  const steps = new Set<number>();
  for (const { coefficient, noise, count = 1 } of terms) {
    assert(noise.kind === kind, "all terms of an interval carry the same kind of noise");
    variance += NOISE_NODES * count * (coefficient * standardDeviation(noise)) ** 2;
    steps.add(Math.abs(coefficient));
  }
  const lattice = [...steps].reduce((sum, step) => sum + step / 2, 0);
  return DEVIATIONS[kind] * Math.sqrt(variance) + lattice;
}
