/** Both XOFs: streams do not depend on how they are taken, and begin as the official vectors say. */
import { concat, decodeHex, encodeHex, encodeUtf8 } from "@sumus/bytes";
import { FIELD64, FIELD128 } from "@sumus/field";
import { FIELD64_VECTORS, FIELD255_VECTORS } from "@sumus/kernels";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  createXofFixedKeyAes128,
  createXofTurboShake128,
  expandIntoFieldVectors,
  nextVector,
  type Xof,
} from "./index.ts";

type CreateXof = (seed: Uint8Array, dst: Uint8Array, binder: Uint8Array) => Xof;

const xofs: readonly [string, CreateXof, number, string][] = [
  [
    "XofTurboShake128",
    createXofTurboShake128,
    32,
    "b62ef0a2778190792d4d42d8c167ba20e0c37a3f319ba79645829c427d70eea5",
  ],
  ["XofFixedKeyAes128", createXofFixedKeyAes128, 16, "ca97b6736483188fbf6d52a9063ab3e2"],
];

describe.each(xofs)("%s", (_name, create, seedBytes, derivedSeed) => {
  const strings = fc.record({
    seed: fc.uint8Array({ minLength: seedBytes, maxLength: seedBytes }),
    dst: fc.uint8Array({ maxLength: 400 }),
    binder: fc.uint8Array({ maxLength: 400 }),
  });

  test("the first bytes of the official vector", () => {
    const seed = Uint8Array.from({ length: seedBytes }, (_, index) => index);
    const xof = create(seed, encodeUtf8("domain separation tag"), encodeUtf8("binder string"));
    expect(encodeHex(xof.next(seedBytes))).toBe(derivedSeed);
  });

  test("in pieces and at once", () => {
    fc.assert(
      fc.property(strings, fc.array(fc.nat(200), { maxLength: 8 }), (input, lengths) => {
        const pieces = create(input.seed, input.dst, input.binder);
        const whole = create(input.seed, input.dst, input.binder);
        const total = lengths.reduce((sum, length) => sum + length, 0);
        const taken = lengths.map((length) => pieces.next(length));
        expect(encodeHex(concat(...taken))).toBe(encodeHex(whole.next(total)));
      }),
    );
  });

  test("a stream keeps its seed, whatever becomes of the caller's", () => {
    const seed = new Uint8Array(seedBytes).fill(3);
    const expected = create(seed, seed, seed).next(600);
    const own = create(seed, seed, seed);
    seed.fill(4);
    expect(own.next(600)).toEqual(expected);
  });

  test("seed, tag and binder are told apart", () => {
    const [seed, a, ab, bc, c] = [
      new Uint8Array(seedBytes),
      ...["a", "ab", "bc", "c"].map(encodeUtf8),
    ] as [Uint8Array, Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    const first = create(seed, a, bc).next(16);
    const second = create(seed, ab, c).next(16);
    expect(encodeHex(first)).not.toBe(encodeHex(second));
  });

  test("elements are whole candidates below the modulus", () => {
    fc.assert(
      fc.property(strings, fc.nat(20), ({ seed, dst, binder }, count) => {
        for (const field of [FIELD64, FIELD128]) {
          const vector = nextVector(create(seed, dst, binder), field, count);
          const stream = create(seed, dst, binder);
          // No candidate is refused but once in 2^32.
          const expected = Array.from({ length: count }, () =>
            stream
              .next(field.encodedSize)
              .reduceRight((sum, byte) => sum * 256n + BigInt(byte), 0n),
          );
          expect(vector).toEqual(expected);
        }
      }),
    );
  });
});

test("several vectors come from one stream of XofTurboShake128", () => {
  const [seed, dst, binder] = [new Uint8Array(32), decodeHex("1200"), decodeHex("ff")];
  const [a, b, c] = expandIntoFieldVectors(seed, dst, binder, [
    [FIELD64_VECTORS, 3],
    [FIELD255_VECTORS, 2],
    [FIELD64_VECTORS, 1],
  ]);
  const stream = createXofTurboShake128(seed, dst, binder).next(24 + 64 + 8);
  for (const last of [24 + 31, 24 + 63]) stream[last] = (stream[last] ?? 0) & 0x7f;
  expect(encodeHex(concat(a, b, c))).toBe(encodeHex(stream));
});
