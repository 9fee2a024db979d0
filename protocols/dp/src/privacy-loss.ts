import { assert } from "@sumus/assert";
import {
  divide,
  multiply,
  type Rational,
  rational,
  rationalFromNumber,
  toNumber,
} from "./rational.ts";

/**
 * What a release may reveal about one person, in the currency of its noise: pure epsilon for
 * Laplace, rho of zero-concentrated differential privacy for Gaussian. Both add up over releases.
 */
export type PrivacyLoss =
  | { readonly kind: "pure"; readonly epsilon: Rational }
  | { readonly kind: "concentrated"; readonly rho: Rational };

/** Swallows the last-place errors of `Math.log` and `Math.sqrt`, which engines may round apart. */
const CAUTION = 1 - 2 ** -40;

/**
 * The loss that (epsilon, delta) allows: pure epsilon when delta is 0, else {@link
 * rhoFromEpsilonDelta}.
 */
export function privacyLoss(epsilon: number, delta: number): PrivacyLoss {
  return delta === 0
    ? { kind: "pure", epsilon: rationalFromNumber(epsilon) }
    : { kind: "concentrated", rho: rationalFromNumber(rhoFromEpsilonDelta(epsilon, delta)) };
}

/**
 * The largest rho with which rho-concentrated privacy implies (epsilon, delta), never above it:
 * rho = (sqrt(ln(1/delta) + epsilon) - sqrt(ln(1/delta)))^2 [Bun, Steinke, Proposition 1.3].
 * For delta = 0 it is epsilon^2 / 2, the rho that pure epsilon implies [Proposition 1.4].
 */
export function rhoFromEpsilonDelta(epsilon: number, delta: number): number {
  assert(Number.isFinite(epsilon) && epsilon > 0, "epsilon is positive and finite");
  assert(delta >= 0 && delta < 1, "delta lies in [0, 1)");
  if (delta === 0) return (epsilon * epsilon) / 2;
  // Not log(1 / delta): the smallest deltas have an infinite inverse.
  const logarithm = -Math.log(delta);
  // The difference of the roots as a quotient: a small epsilon would cancel all its digits.
  const root = epsilon / (Math.sqrt(logarithm + epsilon) + Math.sqrt(logarithm));
  return root * root * CAUTION;
}

/** So many of `parts` equal shares of a loss: one when not said otherwise. */
export function splitLoss(loss: PrivacyLoss, parts: number, taken = 1): PrivacyLoss {
  assert(Number.isSafeInteger(parts) && parts > 0, "a loss is split into a number of parts");
  assert(Number.isInteger(taken) && taken > 0 && taken <= parts, "some of the parts are taken");
  const share = divide(rational(BigInt(taken)), rational(BigInt(parts)));
  return loss.kind === "pure"
    ? { kind: "pure", epsilon: multiply(loss.epsilon, share) }
    : { kind: "concentrated", rho: multiply(loss.rho, share) };
}

/** The rho that a ledger charges for a loss: pure epsilon implies rho = epsilon^2 / 2. */
export function rhoOfLoss(loss: PrivacyLoss): number {
  if (loss.kind === "concentrated") return toNumber(loss.rho);
  const epsilon = toNumber(loss.epsilon);
  return (epsilon * epsilon) / 2;
}
