import fc from "fast-check";
import { expect, test } from "vitest";
import { IntegerSource } from "./integer-source.ts";

/** A source whose bytes a test chooses; zeros follow them. */
function scripted(bytes: readonly number[]): IntegerSource {
  let offset = 0;
  return new IntegerSource((length) => {
    const chunk = Uint8Array.from({ length }, (_, index) => bytes[offset + index] ?? 0);
    offset += length;
    return chunk;
  });
}

test("an integer stays below its bound, whatever the bytes", () => {
  fc.assert(
    fc.property(fc.bigInt(1n, 2n ** 200n), fc.uint8Array({ maxLength: 64 }), (bound, bytes) => {
      const value = scripted([...bytes]).below(bound);
      return value >= 0n && value < bound;
    }),
  );
});

test("every value below a small bound is hit by equally many bytes", () => {
  const counts = new Map<bigint, number>();
  for (let byte = 0; byte < 256; byte++) {
    // Five values take three bits; the three patterns left over are drawn again (here: a zero).
    const value = scripted([byte, 0]).below(5n);
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  expect([1n, 2n, 3n, 4n].map((value) => counts.get(value))).toEqual([32, 32, 32, 32]);
  expect(counts.get(0n)).toBe(32 * 4);
});

test("a large bound takes its bits from as many bytes as it needs", () => {
  const bytes = Array.from({ length: 13 }, (_, index) => index + 1);
  let expected = 0n;
  for (const byte of bytes) expected = expected * 256n + BigInt(byte);
  expect(scripted(bytes).below(2n ** 104n)).toBe(expected);
});

test("random bytes of the wrong length are refused", () => {
  const source = new IntegerSource(() => new Uint8Array(3));
  expect(() => source.bit()).toThrow("random bytes come in the length asked for");
});
