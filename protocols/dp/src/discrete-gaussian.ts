import { assert } from "@sumus/assert";
import type { RandomBytes } from "@sumus/time";
import { bernoulliExp } from "./bernoulli.ts";
import { drawDiscreteLaplace } from "./discrete-laplace.ts";
import { IntegerSource } from "./integer-source.ts";
import { type Rational, rational } from "./rational.ts";

/**
 * An integer x with probability proportional to exp(-x^2 / (2 sigma^2)), exactly [Canonne, Kamath,
 * Steinke, Algorithm 3]. With sigma^2 = (L2 sensitivity)^2 / (2 rho) it makes an integer sum
 * rho-concentrated differentially private. Its variance is at most sigma^2.
 *
 * @param sigmaSquared positive
 */
export function sampleDiscreteGaussian(sigmaSquared: Rational, randomBytes: RandomBytes): bigint {
  return drawDiscreteGaussian(sigmaSquared, new IntegerSource(randomBytes));
}

/** As {@link sampleDiscreteGaussian}, from a source that goes on to serve other draws. */
export function drawDiscreteGaussian(sigmaSquared: Rational, source: IntegerSource): bigint {
  const { numerator, denominator } = sigmaSquared;
  assert(numerator > 0n, "the variance of a discrete Gaussian is positive");
  // A Laplace of scale t = floor(sigma) + 1 lies everywhere above the Gaussian, up to a factor.
  const t = squareRoot(numerator / denominator) + 1n;
  const scale = rational(t);
  const divisor = 2n * numerator * denominator * t * t;
  for (;;) {
    const candidate = drawDiscreteLaplace(scale, source);
    const magnitude = candidate < 0n ? -candidate : candidate;
    // (|y| - sigma^2/t)^2 / (2 sigma^2), brought over one denominator.
    const distance = magnitude * t * denominator - numerator;
    if (bernoulliExp(source, distance * distance, divisor)) return candidate;
  }
}

/** The integer square root, rounded down (Newton's method from above). */
function squareRoot(value: bigint): bigint {
  assert(value >= 0n, "a square root is taken of a non-negative integer");
  if (value < 2n) return value;
  let root = 1n << BigInt((value.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (root + value / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
