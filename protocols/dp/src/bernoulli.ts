import type { IntegerSource } from "./integer-source.ts";

/** A coin that is true with probability `numerator / denominator`, both non-negative, at most 1. */
function bernoulli(source: IntegerSource, numerator: bigint, denominator: bigint): boolean {
  return source.below(denominator) < numerator;
}

/**
 * A coin that is true with probability exactly exp(-numerator / denominator), for a fraction that
 * is not negative [Canonne, Kamath, Steinke: The Discrete Gaussian for Differential Privacy,
 * Algorithm 1]. No logarithm and no floating point: the Taylor series of exp is played with coins.
 */
export function bernoulliExp(
  source: IntegerSource,
  numerator: bigint,
  denominator: bigint,
): boolean {
  let whole = numerator / denominator;
  // exp(-x) is exp(-1) that many times over and one fractional rest.
  for (; whole > 0n; whole--) {
    if (!bernoulliExpFraction(source, 1n, 1n)) return false;
  }
  return bernoulliExpFraction(source, numerator % denominator, denominator);
}

/** The same for a fraction of at most 1: the first k whose coin of x/k fails is odd. */
function bernoulliExpFraction(
  source: IntegerSource,
  numerator: bigint,
  denominator: bigint,
): boolean {
  let k = 1n;
  while (bernoulli(source, numerator, denominator * k)) k++;
  return k % 2n === 1n;
}
