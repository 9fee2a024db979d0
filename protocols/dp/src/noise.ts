import { assert, unreachable } from "@sumus/assert";
import type { RandomBytes } from "@sumus/time";
import { drawDiscreteGaussian } from "./discrete-gaussian.ts";
import { drawDiscreteLaplace } from "./discrete-laplace.ts";
import { IntegerSource } from "./integer-source.ts";
import type { PrivacyLoss } from "./privacy-loss.ts";
import { divide, multiply, type Rational, rational, roundUp, toNumber } from "./rational.ts";

/** The noise that one node adds to each number of an aggregate, independently. */
export type Noise =
  | { readonly kind: "gaussian"; readonly sigmaSquared: Rational }
  | { readonly kind: "laplace"; readonly scale: Rational };

/** How far one person can move an integer vector: in sum, and in squared Euclidean length. */
export interface Sensitivity {
  readonly l1: bigint;
  readonly l2Squared: bigint;
}

/** Parameters are rounded up to this many bits, which adds less than one part in 2^31 of noise. */
const PARAMETER_BITS = 32;

/**
 * The noise that keeps a vector of this sensitivity within the loss: a discrete Gaussian with
 * sigma^2 = l2^2 / (2 rho), or a discrete Laplace of scale l1 / epsilon. Never less than that.
 */
export function noiseFor(loss: PrivacyLoss, sensitivity: Sensitivity): Noise {
  assert(sensitivity.l1 > 0n, "a sensitivity is positive");
  assert(sensitivity.l2Squared > 0n, "a sensitivity is positive");
  if (loss.kind === "pure") {
    const scale = divide(rational(sensitivity.l1), loss.epsilon);
    return { kind: "laplace", scale: roundUp(scale, PARAMETER_BITS) };
  }
  const twice = multiply(rational(2n), loss.rho);
  const sigmaSquared = divide(rational(sensitivity.l2Squared), twice);
  return { kind: "gaussian", sigmaSquared: roundUp(sigmaSquared, PARAMETER_BITS) };
}

/**
 * `count` independent noises. They may be negative: a field adds them as residues.
 * Draw them once per release and store them before use: fresh noise on a retry averages away.
 */
export function sampleNoise(noise: Noise, count: number, randomBytes: RandomBytes): bigint[] {
  const source = new IntegerSource(randomBytes);
  return Array.from({ length: count }, () => drawNoise(noise, source));
}

function drawNoise(noise: Noise, source: IntegerSource): bigint {
  switch (noise.kind) {
    case "gaussian":
      return drawDiscreteGaussian(noise.sigmaSquared, source);
    case "laplace":
      return drawDiscreteLaplace(noise.scale, source);
    default:
      return unreachable(noise);
  }
}

/** Deviations computed before: intervals ask for them often, and dividing big integers is slow. */
const deviations = new WeakMap<Noise, number>();

/** The standard deviation of one node's noise; for a narrow Gaussian slightly above the truth. */
export function standardDeviation(noise: Noise): number {
  const known = deviations.get(noise);
  if (known !== undefined) return known;
  const deviation = computeDeviation(noise);
  deviations.set(noise, deviation);
  return deviation;
}

function computeDeviation(noise: Noise): number {
  switch (noise.kind) {
    case "gaussian":
      return Math.sqrt(toNumber(noise.sigmaSquared));
    case "laplace": {
      // Two geometric variables of ratio exp(-1/scale), subtracted.
      const rate = 1 / toNumber(noise.scale);
      return Math.sqrt(2 * Math.exp(-rate)) / -Math.expm1(-rate);
    }
    default:
      return unreachable(noise);
  }
}
