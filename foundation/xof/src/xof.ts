/** What every extendable output function offers [VDAF-20, "Extendable Output Functions (XOFs)"]. */
import type { Field } from "@sumus/field";

/** An output stream, bound to a seed, a domain separation tag and a binder string. */
export interface Xof {
  /** The next `length` bytes. */
  next(length: number): Uint8Array<ArrayBuffer>;
}

/** The tag's length is encoded in two bytes. */
export const DST_BYTES_MAX = 65_535;

/**
 * `next_vec`: the next `count` field elements as integers, by rejection sampling. For results and
 * tests; what is done once per report is done by `@sumus/kernels`.
 */
export function nextVector(xof: Xof, field: Field, count: number): bigint[] {
  const vector: bigint[] = [];
  while (vector.length < count) {
    const candidate = decodeInteger(xof.next(field.encodedSize));
    // Both moduli fill their encodings, so that no bit is masked off.
    if (candidate < field.modulus) vector.push(candidate);
  }
  return vector;
}

function decodeInteger(littleEndian: Uint8Array): bigint {
  return littleEndian.reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n);
}
