/** Aggregate results as integers, and back. What is public, not shares, or about to be noised. */

export const MODULUS_64: bigint = 2n ** 64n - 2n ** 32n + 1n;
export const MODULUS_255: bigint = 2n ** 255n - 19n;

/** Little-endian elements of `encodedSize` bytes; negative values wrap. */
export function encodeResidues(
  values: readonly bigint[],
  modulus: bigint,
  encodedSize: number,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(values.length * encodedSize);
  const view = new DataView(bytes.buffer);
  for (const [index, value] of values.entries()) {
    let rest = ((value % modulus) + modulus) % modulus;
    for (let at = 0; at < encodedSize; at += 8, rest >>= 64n) {
      view.setBigUint64(index * encodedSize + at, BigInt.asUintN(64, rest), true);
    }
  }
  return bytes;
}

export function decodeResidues(bytes: Uint8Array, encodedSize: number): bigint[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / encodedSize }, (_, index) => {
    let value = 0n;
    for (let at = encodedSize - 8; at >= 0; at -= 8) {
      value = (value << 64n) | view.getBigUint64(index * encodedSize + at, true);
    }
    return value;
  });
}
