/** Welch's t-test: do two samples of unequal variance have the same mean? */

/** Count, mean and sum of squared deviations, kept up value by value (Welford). */
export interface Moments {
  count: number;
  mean: number;
  squares: number;
}

export function createMoments(): Moments {
  return { count: 0, mean: 0, squares: 0 };
}

export function addValue(moments: Moments, value: number): void {
  moments.count++;
  const deviation = value - moments.mean;
  moments.mean += deviation / moments.count;
  moments.squares += deviation * (value - moments.mean);
}

/**
 * The statistic t, positive when `left` has the greater mean. It is 0 when there is too little to
 * say anything, and infinite when two different means have no variance at all.
 */
export function welchT(left: Moments, right: Moments): number {
  if (left.count < 2 || right.count < 2) return 0;
  const difference = left.mean - right.mean;
  if (difference === 0) return 0;
  return difference / standardError(left, right);
}

/** The standard deviation of the difference between both means. */
export function standardError(left: Moments, right: Moments): number {
  return Math.sqrt(squaredError(left) + squaredError(right));
}

/** The variance of the mean. */
function squaredError({ count, squares }: Moments): number {
  return squares / (count - 1) / count;
}
