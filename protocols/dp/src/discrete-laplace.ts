import { assert } from "@sumus/assert";
import type { RandomBytes } from "@sumus/time";
import { bernoulliExp } from "./bernoulli.ts";
import { IntegerSource } from "./integer-source.ts";
import type { Rational } from "./rational.ts";

/**
 * An integer x with probability proportional to exp(-|x| / scale), exactly [Canonne, Kamath,
 * Steinke, Algorithm 2]. With scale = L1 sensitivity / epsilon it makes an integer sum
 * epsilon-differentially private.
 *
 * @param scale positive
 */
export function sampleDiscreteLaplace(scale: Rational, randomBytes: RandomBytes): bigint {
  return drawDiscreteLaplace(scale, new IntegerSource(randomBytes));
}

/** As {@link sampleDiscreteLaplace}, from a source that goes on to serve other draws. */
export function drawDiscreteLaplace(scale: Rational, source: IntegerSource): bigint {
  assert(scale.numerator > 0n, "the scale of a discrete Laplace is positive");
  const { numerator: t, denominator: s } = scale;
  for (;;) {
    // A geometric variable with ratio exp(-1/t), as digits: the last one below t, then the rest.
    const low = source.below(t);
    if (!bernoulliExp(source, low, t)) continue;
    let high = 0n;
    while (bernoulliExp(source, 1n, 1n)) high++;
    const magnitude = (low + t * high) / s;
    const negative = source.bit();
    // Zero has one sign only: else it would come up twice as often.
    if (negative && magnitude === 0n) continue;
    return negative ? -magnitude : magnitude;
  }
}
