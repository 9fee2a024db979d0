/**
 * The exact distribution of noise, and of sums of independent noises: what intervals are made from.
 *
 * @module
 */
import { type Noise, standardDeviation } from "./noise.ts";
import { toNumber } from "./rational.ts";

/** What is less likely than this is left out: it moves no interval. */
const NEGLIGIBLE = 1e-12;

/** The probabilities of the noise of one node: element k of 2 r + 1 is that of k - r. */
export function noiseDistribution(noise: Noise): Float64Array {
  const rate = noise.kind === "gaussian" ? 0.5 / toNumber(noise.sigmaSquared) : 0;
  const decay = noise.kind === "laplace" ? 1 / toNumber(noise.scale) : 0;
  const weight = (x: number): number => Math.exp(-rate * x * x - decay * x);
  let reach = Math.ceil(standardDeviation(noise));
  while (weight(reach) > NEGLIGIBLE) reach += 1 + (reach >> 3);
  const weights = Float64Array.from({ length: 2 * reach + 1 }, (_, k) =>
    weight(Math.abs(k - reach)),
  );
  const total = weights.reduce((sum, value) => sum + value, 0);
  return weights.map((value) => value / total);
}

/** The distribution of a sum of two independent noises, each given around its middle. */
export function sumDistribution(left: Float64Array, right: Float64Array): Float64Array {
  const sum = new Float64Array(left.length + right.length - 1);
  for (const [i, p] of left.entries()) {
    for (const [j, q] of right.entries()) sum[i + j] = (sum[i + j] ?? 0) + p * q;
  }
  return sum;
}

/** The least whole number that a noise lies beyond, on either side, with at most this probability. */
export function leastBound(distribution: Float64Array, exceeding: number): number {
  const reach = (distribution.length - 1) / 2;
  let beyond = 0;
  for (let bound = reach; bound > 0; bound--) {
    beyond += 2 * (distribution[reach - bound] ?? 0);
    if (beyond > exceeding) return bound;
  }
  return 0;
}
