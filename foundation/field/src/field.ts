/**
 * The fields of Prio3 as BigInt arithmetic [VDAF-20, Section 6.1]: for constants, aggregate results
 * and tests. Whatever is done once per report or element is done by `@sumus/kernels`.
 *
 * Nothing here runs in constant time: no secret share belongs here.
 */
import { assert } from "@sumus/assert";

export interface Field {
  readonly name: "Field64" | "Field128";
  /** The prime p. */
  readonly modulus: bigint;
  /** Bytes of an encoded element, little-endian. */
  readonly encodedSize: 8 | 16;
  /** An element of order 2^`generatorOrderLog2`. */
  readonly generator: bigint;
  readonly generatorOrderLog2: number;
}

const MODULUS_64 = 2n ** 32n * 4294967295n + 1n;
const MODULUS_128 = 2n ** 66n * 4611686018427387897n + 1n;

export const FIELD64: Field = /* @__PURE__ */ Object.freeze({
  name: "Field64",
  modulus: MODULUS_64,
  encodedSize: 8,
  generator: /* @__PURE__ */ powerModulo(7n, 4294967295n, MODULUS_64),
  generatorOrderLog2: 32,
});

export const FIELD128: Field = /* @__PURE__ */ Object.freeze({
  name: "Field128",
  modulus: MODULUS_128,
  encodedSize: 16,
  generator: /* @__PURE__ */ powerModulo(7n, 4611686018427387897n, MODULUS_128),
  generatorOrderLog2: 66,
});

/** The representative of `value` in [0, p); negative values wrap. */
export function reduce(field: Field, value: bigint): bigint {
  const residue = value % field.modulus;
  return residue < 0n ? residue + field.modulus : residue;
}

/** `base` to a non-negative `exponent`. */
export function power(field: Field, base: bigint, exponent: bigint): bigint {
  assert(exponent >= 0n, "an exponent is not negative");
  return powerModulo(reduce(field, base), exponent, field.modulus);
}

export function inverse(field: Field, value: bigint): bigint {
  const residue = reduce(field, value);
  assert(residue !== 0n, "zero has no inverse");
  return powerModulo(residue, field.modulus - 2n, field.modulus);
}

/** The principal n-th root of unity for a power of two `n`. */
export function rootOfUnity(field: Field, n: number): bigint {
  const log2 = Math.log2(n);
  assert(Number.isInteger(log2) && log2 <= field.generatorOrderLog2, `no ${n}-th root of unity`);
  return power(field, field.generator, 1n << BigInt(field.generatorOrderLog2 - log2));
}

/** Residues of `values` as consecutive little-endian elements. */
export function encodeVector(field: Field, values: readonly bigint[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(values.length * field.encodedSize);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) {
    const residue = reduce(field, value);
    const at = index * field.encodedSize;
    view.setBigUint64(at, BigInt.asUintN(64, residue), true);
    if (field.encodedSize === 16) view.setBigUint64(at + 8, residue >> 64n, true);
  }
  return bytes;
}

/** The integers in consecutive little-endian elements; whether they are below p is not checked. */
export function decodeVector(field: Field, bytes: Uint8Array): bigint[] {
  const count = bytes.length / field.encodedSize;
  assert(Number.isInteger(count), "a vector consists of whole elements");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: count }, (_, index) => {
    const at = index * field.encodedSize;
    const low = view.getBigUint64(at, true);
    return field.encodedSize === 16 ? low | (view.getBigUint64(at + 8, true) << 64n) : low;
  });
}

function powerModulo(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n;
  let square = base;
  for (let bits = exponent; bits > 0n; bits >>= 1n) {
    if (bits & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}
