/**
 * Bit strings as IDPF indices [VDAF-20, "Encoding Inputs as Indices"]: packed into bytes from the
 * most significant bit on, unused bits zero, so that byte order is lexicographic order.
 */
import { assert } from "@sumus/assert";

/** Bytes of a packed string of `bits` bits. */
export function packedBytes(bits: number): number {
  return Math.ceil(bits / 8);
}

/** @example packBits([true, false, true]) is the byte a0 */
export function packBits(bits: readonly boolean[]): Uint8Array<ArrayBuffer> {
  const packed = new Uint8Array(packedBytes(bits.length));
  for (const [index, bit] of bits.entries()) {
    packed[index >> 3] = (packed[index >> 3] ?? 0) | (Number(bit) << (7 - (index & 7)));
  }
  return packed;
}

/** The first `length` bits of a packed string. */
export function unpackBits(packed: Uint8Array, length: number): boolean[] {
  assert(length <= 8 * packed.length, "a string has as many bits as are taken");
  return Array.from({ length }, (_, index) => bitAt(packed, 0, index) === 1);
}

/** Bit `index`, 0 or 1, of the string that begins at byte `start`. */
export function bitAt(packed: Uint8Array, start: number, index: number): number {
  return ((packed[start + (index >> 3)] ?? 0) >> (7 - (index & 7))) & 1;
}

/** Whether the bits of the last byte that a string of `bits` bits does not use are zero. */
export function hasCleanPadding(packed: Uint8Array, bits: number): boolean {
  const unused = 8 * packed.length - bits;
  return ((packed.at(-1) ?? 0) & ((1 << unused) - 1)) === 0;
}
