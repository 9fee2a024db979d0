/**
 * The IDPF by its own promise: on the path of alpha both shares add up to beta, elsewhere to zero,
 * whatever beta is and however many nodes are asked for.
 */
import { FIELD64_VECTORS, FIELD255_VECTORS, type FieldVectors } from "@sumus/kernels";
import fc from "fast-check";
import { expect, test } from "vitest";
import { bitAt, packBits } from "./bit-string.ts";
import { idpfEval, idpfGen } from "./idpf.ts";
import { createPrefixSet, type PrefixSet } from "./prefix-set.ts";
import { decodePublicShare, encodePublicShare } from "./public-share.ts";

const bytes = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length });

/** Elements below 2^56, or 2^248, of either field. */
const vector = (field: FieldVectors, count: number): fc.Arbitrary<Uint8Array> =>
  bytes(count * field.encodedSize).map((elements) =>
    elements.map((byte, at) => ((at + 1) % field.encodedSize === 0 ? 0 : byte)),
  );

const programs = fc.integer({ min: 1, max: 11 }).chain((bits) =>
  fc.record({
    alpha: fc.array(fc.nat(1), { minLength: bits, maxLength: bits }).map((a) => Uint8Array.from(a)),
    betaInner: vector(FIELD64_VECTORS, 2 * (bits - 1)),
    betaLeaf: vector(FIELD255_VECTORS, 2),
  }),
);

function everyPrefix(level: number): PrefixSet {
  const count = 2 << level;
  const packed = Array.from({ length: count }, (_, number) =>
    packBits(Array.from({ length: level + 1 }, (_, i) => ((number >> (level - i)) & 1) === 1)),
  );
  const set = createPrefixSet(level, count, Uint8Array.from(packed.flatMap((one) => [...one])));
  if ("disorderAt" in set) throw new Error("numbers in order are prefixes in order");
  return set;
}

test("shares add up to beta on the path and to zero beside it", () => {
  fc.assert(
    fc.property(
      programs,
      bytes(32),
      bytes(16),
      fc.uint8Array({ maxLength: 300 }),
      fc.nat(10),
      (program, keys, nonce, ctx, depth) => {
        const bits = program.alpha.length;
        const level = Math.min(depth, bits - 1);
        const generated = idpfGen(program, ctx, nonce, keys);
        const corrections = decodePublicShare(encodePublicShare(generated), bits);
        expect(corrections).toEqual(generated);

        const prefixes = everyPrefix(level);
        const evaluate = (id: 0 | 1) => {
          const key = keys.subarray(16 * id, 16 * id + 16);
          return idpfEval(id, corrections, key, prefixes, ctx, nonce).values;
        };
        const [leader, helper] = [evaluate(0), evaluate(1)];
        const field = level === bits - 1 ? FIELD255_VECTORS : FIELD64_VECTORS;
        const size = field.encodedSize;
        const beta =
          level === bits - 1
            ? program.betaLeaf
            : program.betaInner.subarray(level * 2 * size, (level + 1) * 2 * size);
        const onPath = program.alpha
          .subarray(0, level + 1)
          .reduce((number, bit) => 2 * number + bit, 0);
        for (const index of [0, 1] as const) {
          const expected = new Uint8Array(prefixes.count * size);
          expected.set(beta.subarray(index * size, (index + 1) * size), onPath * size);
          expect(field.add(leader[index], helper[index])).toEqual(expected);
        }
      },
    ),
    { numRuns: 60 },
  );
});

test("few of many prefixes have the values that all of them have", () => {
  const bits = 10;
  const level = 8;
  const alpha = Uint8Array.from({ length: bits }, (_, index) => index & 1);
  const program = { alpha, betaInner: new Uint8Array(144).fill(1), betaLeaf: new Uint8Array(64) };
  const [ctx, nonce, keys] = [Uint8Array.of(1), new Uint8Array(16), new Uint8Array(32).fill(7)];
  const corrections = idpfGen(program, ctx, nonce, keys);
  const all = everyPrefix(level);
  const key = keys.subarray(0, 16);
  const [data] = idpfEval(0, corrections, key, all, ctx, nonce).values;
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(511), { minLength: 1, maxLength: 30 }), (chosen) => {
      const sorted = chosen.toSorted((a, b) => a - b);
      const packed = sorted.flatMap((number) => [
        ...all.packed.subarray(2 * number, 2 * number + 2),
      ]);
      const some = createPrefixSet(level, sorted.length, Uint8Array.from(packed));
      if ("disorderAt" in some) throw new Error("a part of what is in order is in order");
      const [partial] = idpfEval(0, corrections, key, some, ctx, nonce).values;
      const expected = sorted.flatMap((number) => [...data.subarray(8 * number, 8 * number + 8)]);
      expect([...partial]).toEqual(expected);
      expect(bitAt(some.packed, 0, 0)).toBe((sorted[0] ?? 0) >> level);
    }),
  );
});
