/**
 * Sampling error: how far a number about the people who took part may lie from that about the
 * population they stand for, if they were drawn from it one by one, at random. It needs no data but the
 * released numbers themselves, and so no budget.
 *
 * - A share of n people varies by p (1 - p) / n.
 * - A mean of values within bounds varies no more than if all of them lay at the two ends: in units of
 *   the range its values have a variance of at most m (1 - m) [Bhatia and Davis 2000], as a share's.
 *   A released variance of the same column tells more.
 * - A weighted mean of weights up to w varies no more than one of as many people as all weights make
 *   at w each, since the sum of w_i^2 (x_i - m)^2 is at most w times that of w_i (x_i - m)^2.
 *
 * All but those by a released variance are score intervals [Wilson 1927]: every m that the bound at
 * that m does not rule out, so that they stay within what is possible.
 *
 * @module
 */

/** An interval of 95 %. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * What the sampling error is reckoned from: the share itself, a variance released beside the mean, or
 * the declared bounds, of which it is the most that they allow.
 */
export type SamplingBasis = "share" | "variance" | "bounds";

/** The interval that sampling alone makes. */
export interface Sampling extends Interval {
  readonly basis: SamplingBasis;
}

/** Where 95 % of a Gaussian lie, in its standard deviations. */
const DEVIATIONS = 1.96;

/** The shares, or means between 0 and 1, from which `people` show this one in 95 % of samples. */
export function scoreInterval(share: number, people: number): Interval {
  const square = DEVIATIONS ** 2 / people;
  const centre = (share + square / 2) / (1 + square);
  const half = Math.sqrt(square * (share * (1 - share) + square / 4)) / (1 + square);
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/**
 * The interval of a mean between 0 and 1 of people whose values vary by so much: Student's t, by its
 * expansion in 1 / n.
 */
export function meanSampling(mean: number, variance: number, people: number): Interval {
  const degrees = people - 1;
  if (degrees < 1) return { low: 0, high: 1 };
  const z = DEVIATIONS;
  const first = (z ** 3 + z) / (4 * degrees);
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * degrees ** 2);
  const half = (z + first + second) * Math.sqrt(variance / degrees);
  return { low: Math.max(0, mean - half), high: Math.min(1, mean + half) };
}

/** An interval of shares in units of a column. */
export function scaled({ low, high }: Interval, min: number, max: number): Interval {
  return { low: min + low * (max - min), high: min + high * (max - min) };
}

/**
 * Noise and sampling together: independent errors add up by their squares, on each side by itself
 * [Newcombe 1998; Zou and Donner 2008], within what is possible.
 */
export function totalInterval(
  estimate: number,
  noise: Interval,
  sampling: Interval,
  possible: Interval,
): Interval {
  const low = estimate - Math.hypot(estimate - noise.low, estimate - sampling.low);
  const high = estimate + Math.hypot(noise.high - estimate, sampling.high - estimate);
  return { low: Math.max(possible.low, low), high: Math.min(possible.high, high) };
}
