/**
 * 95 % intervals of means and variances: all values that the noise does not rule out. For a value r
 * that a mean could have, sum - r count is zero but for noise [Fieller]; so it is with a variance,
 * whose mean is not known either. Unlike the delta method, that keeps its coverage when noise is not
 * small beside the people; the interval then grows to everything that is possible.
 *
 * All is in units of the range: means lie in [0, 1], variances in [0, 1/4].
 *
 * @module
 */

import { distanceFrom, halfOf, type MomentSums, peopleOf } from "../lower/moments.ts";
import { firstWithin } from "./first-within.ts";

/** No values between 0 and 1 vary by more: half of them at each end. */
export const VARIANCE_MAX = 0.25;

/** Steps of a search for a maximum; each keeps 0.618 of what was left. Near it, little depends on it. */
const NARROWINGS = 30;
const GOLDEN = (Math.sqrt(5) - 1) / 2;

export function meanInterval(moments: MomentSums): readonly [number, number] {
  if (peopleOf(moments) <= 0) return [0, 1];
  const degree = moments.sums.length - 1;
  const excess = (mean: number): number => product(distanceFrom(mean, degree), moments.sums);
  const half = (mean: number): number => halfOf(moments, distanceFrom(mean, degree));
  const low = firstWithin((mean) => half(mean) - excess(mean), 0, 1);
  const high = 1 - firstWithin((rest) => half(1 - rest) + excess(1 - rest), 0, 1);
  return [Math.min(low, high), Math.max(low, high)];
}

/** Of sums of degree 2. `estimate` is their variance, from which the interval is sought outwards. */
export function varianceInterval(moments: MomentSums, estimate: number): readonly [number, number] {
  if (peopleOf(moments) <= 0) return [0, VARIANCE_MAX];
  const slack = (variance: number): number => {
    const mean = likeliestMean(moments.sums, variance);
    const distance = squaredDistance(mean, variance);
    return halfOf(moments, distance) - Math.abs(product(distance, moments.sums));
  };
  const centre = Math.min(Math.max(estimate, 0), VARIANCE_MAX);
  return [
    firstWithin(slack, 0, centre),
    VARIANCE_MAX - firstWithin((rest) => slack(VARIANCE_MAX - rest), 0, VARIANCE_MAX - centre),
  ];
}

/** Coefficients of (x - mean)^2 - variance, whose sum over people is 0 if these are theirs. */
function squaredDistance(mean: number, variance: number): readonly [number, number, number] {
  const rest = 1 - mean;
  return [mean * mean - variance, -mean * rest - variance, rest * rest - variance];
}

/**
 * The mean that goes best with sums and a variance: people of that mean and variance, whatever their
 * number, have sums on a line from the origin, and the mean is sought whose line is nearest.
 */
function likeliestMean(sums: readonly number[], variance: number): number {
  const [first = 0, second = 0, third = 0] = sums;
  const nearness = (mean: number): number => {
    const rest = 1 - mean;
    // Not vectors: this runs thousands of times an interval.
    const [x, y, z] = [
      rest * rest + variance,
      2 * (mean * rest - variance),
      mean * mean + variance,
    ];
    const along = Math.max(0, x * first + y * second + z * third);
    return along ** 2 / (x * x + y * y + z * z);
  };
  let [low, left, right, high] = [0, 1 - GOLDEN, GOLDEN, 1];
  let [atLeft, atRight] = [nearness(left), nearness(right)];
  for (let narrowing = 0; narrowing < NARROWINGS; narrowing++) {
    if (atLeft < atRight) {
      [low, left, atLeft] = [left, right, atRight];
      right = low + GOLDEN * (high - low);
      atRight = nearness(right);
    } else {
      [high, right, atRight] = [right, left, atLeft];
      left = high - GOLDEN * (high - low);
      atLeft = nearness(left);
    }
  }
  return (low + high) / 2;
}

function product(left: readonly number[], right: readonly number[]): number {
  let sum = 0;
  for (let at = 0; at < left.length; at++) sum += (left[at] ?? 0) * (right[at] ?? 0);
  return sum;
}
