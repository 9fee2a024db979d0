/** Vectors over Field64 and Field255 against BigInt, with the values where carries happen. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FIELD64_VECTORS, FIELD255_VECTORS, type FieldVectors } from "./field-vectors.ts";
import { squeezeFieldVectors, turboShake128 } from "./index.ts";

const fields: readonly [string, FieldVectors, bigint][] = [
  ["Field64", FIELD64_VECTORS, 2n ** 64n - 2n ** 32n + 1n],
  ["Field255", FIELD255_VECTORS, 2n ** 255n - 19n],
];

describe.each(fields)("%s", (_name, field, modulus) => {
  const encode = (values: readonly bigint[]): Uint8Array => {
    const bytes = new Uint8Array(values.length * field.encodedSize);
    for (const [index, value] of values.entries()) {
      let rest = value;
      for (let i = 0; i < field.encodedSize; i++, rest >>= 8n) {
        bytes[index * field.encodedSize + i] = Number(rest & 0xffn);
      }
    }
    return bytes;
  };
  const decode = (bytes: Uint8Array): bigint[] =>
    Array.from({ length: bytes.length / field.encodedSize }, (_, index) =>
      bytes
        .subarray(index * field.encodedSize, (index + 1) * field.encodedSize)
        .reduceRight((value, byte) => (value << 8n) | BigInt(byte), 0n),
    );
  const near = (centre: bigint): fc.Arbitrary<bigint> =>
    fc.bigInt(-40n, 40n).map((offset) => (((centre + offset) % modulus) + modulus) % modulus);
  const element = fc.oneof(
    fc.bigInt(0n, modulus - 1n),
    near(0n),
    fc.nat(field.encodedSize * 8 - 1).chain((bit) => near(1n << BigInt(bit))),
  );
  const vectors = fc
    .array(fc.tuple(element, element), { maxLength: 20 })
    .map((pairs) => [pairs.map(([a]) => a), pairs.map(([, b]) => b)] as const);

  test("add, sub, mul and dot", () => {
    fc.assert(
      fc.property(vectors, ([a, b]) => {
        const map = (combine: (x: bigint, y: bigint) => bigint): bigint[] =>
          a.map((x, i) => combine(x, b[i] ?? 0n) % modulus);
        const products = map((x, y) => x * y);
        expect(decode(field.add(encode(a), encode(b)))).toEqual(map((x, y) => x + y));
        expect(decode(field.sub(encode(a), encode(b)))).toEqual(map((x, y) => x - y + modulus));
        expect(decode(field.mul(encode(a), encode(b)))).toEqual(products);
        const sum = products.reduce((total, product) => total + product, 0n) % modulus;
        expect(decode(field.dot(encode(a), encode(b)))).toEqual([sum]);
      }),
    );
  });

  test("canonical is what is below the modulus", () => {
    const max = (1n << BigInt(8 * field.encodedSize)) - 1n;
    const any = fc.oneof(element, near(modulus), fc.bigInt(modulus, max), fc.constant(max));
    fc.assert(
      fc.property(fc.array(any, { maxLength: 5 }), (values) => {
        expect(field.areCanonical(encode(values))).toBe(values.every((value) => value < modulus));
      }),
    );
    expect(field.areCanonical(encode([modulus - 1n]))).toBe(true);
    expect(field.areCanonical(encode([0n, modulus]))).toBe(false);
  });

  test("a stream's vectors are its bytes, less the bits above the modulus", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), fc.nat(30), fc.nat(30), (message, m, n) => {
        const mask = field === FIELD64_VECTORS ? (1n << 64n) - 1n : (1n << 255n) - 1n;
        const [first, second] = squeezeFieldVectors(message, [
          [field, m],
          [field, n],
        ]);
        const stream = decode(turboShake128(message, 1, (m + n) * field.encodedSize));
        // A candidate is refused once in 2^32 at most; then this test would say so.
        expect([...decode(first ?? message), ...decode(second ?? message)]).toEqual(
          stream.map((candidate) => candidate & mask),
        );
      }),
    );
  });
});
