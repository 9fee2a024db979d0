import { assert } from "@sumus/assert";

/** An exact fraction. The denominator is positive; it need not be in lowest terms. */
export interface Rational {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** Bits that a double holds: the quotient below keeps more, so that one rounding remains. */
const QUOTIENT_BITS = 64;

/** The fraction `numerator / denominator`; the denominator must be positive. */
export function rational(numerator: bigint, denominator = 1n): Rational {
  assert(denominator > 0n, "the denominator of a rational is positive");
  return { numerator, denominator };
}

/** Exactly the value of a finite double, which always is a fraction over a power of two. */
export function rationalFromNumber(value: number): Rational {
  assert(Number.isFinite(value), "a rational is made of a finite number");
  let scaled = value;
  let denominator = 1n;
  // Doubling a double is exact short of overflow, and no fraction has more than 1,074 binary places.
  while (!Number.isInteger(scaled)) {
    scaled *= 2;
    denominator *= 2n;
  }
  return { numerator: BigInt(scaled), denominator };
}

/** The product of two fractions. */
export function multiply(left: Rational, right: Rational): Rational {
  return {
    numerator: left.numerator * right.numerator,
    denominator: left.denominator * right.denominator,
  };
}

/** `left / right` for a positive `right`. */
export function divide(left: Rational, right: Rational): Rational {
  assert(right.numerator > 0n, "a divisor is positive");
  return {
    numerator: left.numerator * right.denominator,
    denominator: left.denominator * right.numerator,
  };
}

/** The nearest double, or one beside it; for values that lie well within a double's range. */
export function toNumber({ numerator, denominator }: Rational): number {
  if (numerator < 0n) return -toNumber({ numerator: -numerator, denominator });
  const shift = QUOTIENT_BITS + bitLength(denominator) - bitLength(numerator);
  const quotient =
    shift >= 0 ? (numerator << BigInt(shift)) / denominator : numerator / denominator;
  return shift >= 0 ? Number(quotient) * 2 ** -shift : Number(quotient);
}

/**
 * The smallest fraction that is at least `value` and has at most `bits` significant bits over a
 * power of two. It keeps the integers of an exact sampler short, and noise may only grow by it.
 */
export function roundUp(value: Rational, bits: number): Rational {
  assert(value.numerator > 0n, "only positive fractions are rounded up");
  const shift = bits + bitLength(value.denominator) - bitLength(value.numerator);
  if (shift <= 0) {
    const unit = 1n << BigInt(-shift);
    const scaled = value.denominator * unit;
    return rational(divideUp(value.numerator, scaled) * unit);
  }
  const denominator = 1n << BigInt(shift);
  return rational(divideUp(value.numerator * denominator, value.denominator), denominator);
}

/** The number of binary digits of a non-negative integer; 0 has none. */
function bitLength(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length;
}

function divideUp(numerator: bigint, denominator: bigint): bigint {
  return (numerator + denominator - 1n) / denominator;
}
