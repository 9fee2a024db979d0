/**
 * The arithmetic sketch of Poplar1 [VDAF-20, "Verification"; BBCGGI21, Appendix C.4]: two rounds
 * that show that an output is all zero but for at most one 1.
 */
import { concat } from "@sumus/bytes";
import type { FieldVectors } from "@sumus/kernels";

/** Elements of a verifier share in either round. */
export const ROUND_ONE_LENGTH = 3;
export const ROUND_TWO_LENGTH = 1;

/**
 * The share of the sketch: of a + <data, r>, b + <data, r^2> and c + <authenticators, r>.
 *
 * @param triple the aggregator's share of (a, b, c)
 */
export function sketchShare(
  field: FieldVectors,
  triple: Uint8Array,
  data: Uint8Array,
  authenticators: Uint8Array,
  r: Uint8Array,
): Uint8Array {
  const { add, dot, mul } = field;
  return add(triple, concat(dot(data, r), dot(data, mul(r, r)), dot(authenticators, r)));
}

/**
 * The share of what is zero when the output is as it must be, from the sketch (x, y, z): A x + B,
 * and x^2 - y - z for aggregator 1.
 *
 * @param pair the aggregator's share of (A, B)
 */
export function decisionShare(
  field: FieldVectors,
  aggregatorId: number,
  pair: Uint8Array,
  sketch: Uint8Array,
): Uint8Array {
  const { add, sub, mul, encodedSize } = field;
  const elementOf = (vector: Uint8Array, index: number): Uint8Array =>
    vector.subarray(index * encodedSize, (index + 1) * encodedSize);
  const x = elementOf(sketch, 0);
  const own = add(mul(elementOf(pair, 0), x), elementOf(pair, 1));
  if (aggregatorId === 0) return own;
  return add(own, sub(sub(mul(x, x), elementOf(sketch, 1)), elementOf(sketch, 2)));
}
