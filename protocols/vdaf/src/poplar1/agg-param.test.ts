/** Aggregation parameters: their bytes, their order, and which may follow which. */
import { concat, decodeHex, encodeHex } from "@sumus/bytes";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createPoplar1, type Poplar1AggParam, packBits, VdafError } from "../index.ts";

const poplar1 = createPoplar1(12);

const aggParams = fc.integer({ min: 0, max: 11 }).chain((level) =>
  fc
    .uniqueArray(fc.nat((2 << level) - 1), { minLength: 1, maxLength: 40 })
    .map((numbers): Poplar1AggParam => {
      const sorted = numbers.toSorted((a, b) => a - b);
      return { level, prefixes: sorted.map((number) => prefixOf(number, level)) };
    }),
);

function prefixOf(number: number, level: number): Uint8Array {
  return packBits(
    Array.from({ length: level + 1 }, (_, index) => ((number >> (level - index)) & 1) === 1),
  );
}

describe("bytes", () => {
  test("round trip", () => {
    fc.assert(
      fc.property(aggParams, (aggParam) => {
        const decoded = poplar1.decodeAggParam(poplar1.encodeAggParam(aggParam));
        expect(decoded.level).toBe(aggParam.level);
        expect(decoded.prefixes.map(encodeHex)).toEqual(aggParam.prefixes.map(encodeHex));
      }),
    );
  });

  test("every truncation and extension is refused", () => {
    fc.assert(
      fc.property(aggParams, (aggParam) => {
        const encoded = poplar1.encodeAggParam(aggParam);
        for (let length = 0; length < encoded.length; length++) {
          expect(() => poplar1.decodeAggParam(encoded.subarray(0, length))).toThrow(VdafError);
        }
        expect(() => poplar1.decodeAggParam(concat(encoded, Uint8Array.of(0)))).toThrow(VdafError);
      }),
      { numRuns: 30 },
    );
  });

  test.each([
    ["a level behind the last one", "000c 00000001 0000", "expected at most 11"],
    ["no prefix", "0000 00000000", "expected 1 to 65536, got 0"],
    ["more prefixes than bytes", "0000 ffffffff 00", "expected 1 to 65536, got 4294967295"],
    ["prefixes out of order", "0002 00000002 4020", "expected distinct prefixes in order"],
    ["a prefix twice", "0002 00000002 4040", "expected distinct prefixes in order"],
    ["ones behind a prefix", "0002 00000002 2050", "expected zeros as padding"],
    ["ones behind a long prefix", "0008 00000001 0001", "expected zeros as padding"],
  ])("%s", (_title, hex, message) => {
    expect(() => poplar1.decodeAggParam(decodeHex(hex.replaceAll(" ", "")))).toThrow(message);
  });

  test("what is not in order cannot be encoded either", () => {
    const [zero, one] = [packBits([false]), packBits([true])];
    const refused: Poplar1AggParam[] = [
      { level: 0, prefixes: [one, zero] },
      { level: 0, prefixes: [one, one] },
      { level: 0, prefixes: [] },
      { level: 0, prefixes: [Uint8Array.of(0x40)] },
      { level: 0, prefixes: [Uint8Array.of(0, 0)] },
      { level: 12, prefixes: [Uint8Array.of(0, 0)] },
      { level: -1, prefixes: [Uint8Array.of()] },
      { level: 0.5, prefixes: [zero] },
    ];
    for (const aggParam of refused) {
      expect(() => poplar1.at(aggParam)).toThrow(VdafError);
      expect(() => poplar1.encodeAggParam(aggParam)).toThrow(VdafError);
    }
  });
});

describe("is_valid", () => {
  /** The draft's own words, with strings of bits. */
  function isValidPlainly(next: Poplar1AggParam, last: Poplar1AggParam): boolean {
    const text = ({ level, prefixes }: Poplar1AggParam): string[] =>
      prefixes.map((prefix) =>
        [...prefix]
          .map((byte) => byte.toString(2).padStart(8, "0"))
          .join("")
          .slice(0, level + 1),
      );
    const above = new Set(text(last));
    return (
      next.level > last.level &&
      text(next).every((prefix) => above.has(prefix.slice(0, last.level + 1)))
    );
  }

  test("levels rise and prefixes extend those of the last time", () => {
    fc.assert(
      fc.property(aggParams, aggParams, (next, last) => {
        expect(poplar1.isValid(next, [])).toBe(true);
        expect(poplar1.isValid(next, [last])).toBe(isValidPlainly(next, last));
        // Only the last one counts.
        expect(poplar1.isValid(next, [next, last])).toBe(isValidPlainly(next, last));
      }),
    );
  });

  test("children of a parameter's prefixes may follow, some or all of them", () => {
    fc.assert(
      fc.property(aggParams, fc.nat(3), fc.infiniteStream(fc.boolean()), (last, deeper, chosen) => {
        const level = last.level + 1 + deeper;
        if (level > 11) return;
        const shift = level - last.level;
        const numbers = last.prefixes.flatMap((prefix) => {
          const number = [...prefix].reduce((value, byte) => value * 256 + byte, 0);
          const base = (number >> (8 * prefix.length - last.level - 1)) << shift;
          return Array.from({ length: 1 << shift }, (_, child) => base + child);
        });
        const kept = numbers.filter((_, index) => index === 0 || chosen.next().value === true);
        const next = { level, prefixes: kept.map((number) => prefixOf(number, level)) };
        expect(poplar1.isValid(next, [last])).toBe(true);
        expect(poplar1.isValid(last, [next])).toBe(false);
      }),
    );
  });
});
