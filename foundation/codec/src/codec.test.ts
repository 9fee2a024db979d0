/**
 * The reader against the writer, against a table of commented bytes, and against every truncation:
 * a message either decodes whole or fails with the place and the expectation.
 */
import { concat, decodeHex, encodeHex } from "@sumus/bytes";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DecodeError, decode, type Reader, Writer } from "./index.ts";

interface Sample {
  readonly kind: number;
  readonly count: number;
  readonly time: bigint;
  readonly id: Uint8Array;
  readonly name: Uint8Array;
  readonly items: readonly number[];
}

const encodeSample = (value: Sample): Uint8Array =>
  Writer.encode((writer) =>
    writer
      .u8(value.kind)
      .u32(value.count)
      .u64(value.time)
      .fixed(value.id)
      .opaque(value.name, { min: 1, max: 255 })
      .vector(value.items, { max: 65_535 }, (inner, item) => inner.u16(item)),
  );

const readSample = (reader: Reader): Sample => ({
  kind: reader.u8("kind"),
  count: reader.u32("count"),
  time: reader.u64("time"),
  id: reader.fixed("id", 4),
  name: reader.opaque("name", { min: 1, max: 255 }),
  items: reader.vector("items", { max: 65_535, countMax: 8 }, (inner) => inner.u16("item")),
});

const sample = fc.record({
  kind: fc.nat(255),
  count: fc.nat(0xffff_ffff),
  time: fc.bigInt(0n, 2n ** 64n - 1n),
  id: fc.uint8Array({ minLength: 4, maxLength: 4 }),
  name: fc.uint8Array({ minLength: 1, maxLength: 255 }),
  items: fc.array(fc.nat(65_535), { maxLength: 8 }),
});

const EXAMPLE = [
  "07", // kind
  "00000102", // count
  "0000000000000003", // time
  "a1a2a3a4", // id
  "02", // length of name
  "6869", // name
  "0004", // length of items in bytes
  "00050006", // items
].join("");

test("the commented example decodes and encodes", () => {
  const value = decode("sample", decodeHex(EXAMPLE), readSample);
  expect(value).toMatchObject({ kind: 7, count: 258, time: 3n, items: [5, 6] });
  expect(encodeHex(encodeSample(value))).toBe(EXAMPLE);
});

test("round trip, also from the middle of a larger buffer", () => {
  fc.assert(
    fc.property(sample, (value) => {
      const encoded = encodeSample(value);
      expect(decode("sample", encoded, readSample)).toEqual(value);
      const inside = concat(Uint8Array.of(9, 9), encoded).subarray(2);
      expect(decode("sample", inside, readSample)).toEqual(value);
    }),
  );
});

test("each truncation and any extension fails with a place", () => {
  const whole = decodeHex(EXAMPLE);
  for (let length = 0; length < whole.length; length++) {
    expect(() => decode("sample", whole.subarray(0, length), readSample)).toThrow(DecodeError);
  }
  expect(() => decode("sample", concat(whole, Uint8Array.of(0)), readSample)).toThrow(
    "sample at byte 26: expected the end of the message, got 1 more bytes",
  );
});

test("decoded byte strings do not change with the buffer they came from", () => {
  const buffer = decodeHex(EXAMPLE);
  const value = decode("sample", buffer, readSample);
  buffer.fill(0);
  expect(encodeHex(value.id)).toBe("a1a2a3a4");
});

test("a writer grows in the middle of any number", () => {
  for (let before = 240; before <= 264; before++) {
    const bytes = Writer.encode((writer) => {
      writer.fixed(new Uint8Array(before)).u8(1);
      writer.fixed(new Uint8Array(256)).u16(2);
      writer.fixed(new Uint8Array(512)).u32(3);
      writer.fixed(new Uint8Array(1024)).u64(4);
    });
    const numbers = decode("numbers", bytes, (reader) => [
      reader.fixed("before", before).length && reader.u8("u8"),
      reader.fixed("more", 256).length && reader.u16("u16"),
      reader.fixed("more", 512).length && reader.u32("u32"),
      reader.fixed("more", 1024).length && reader.u64Safe("u64"),
    ]);
    expect(numbers).toEqual([1, 2, 3, 4]);
  }
});

describe("bounds", () => {
  test("a vector's length is checked before anything is allocated", () => {
    const huge = decodeHex("ffffffff");
    expect(() =>
      decode("body", huge, (reader) => reader.opaque("payload", { max: 2 ** 32 - 1 })),
    ).toThrow("body.payload at byte 4: expected 4294967295 bytes, got 0");
    expect(() =>
      decode("body", huge, (reader) => reader.opaque("payload", { max: 100_000 })),
    ).toThrow("expected 0 to 100000 bytes, got 4294967295");
  });

  test("too many items are refused", () => {
    const nine = Writer.encode((writer) =>
      writer.vector(new Array(9).fill(1), { max: 255 }, (inner, item: number) => inner.u8(item)),
    );
    expect(() =>
      decode("list", nine, (reader) =>
        reader.vector("items", { max: 255, countMax: 8 }, (inner) => inner.u8("item")),
      ),
    ).toThrow("expected at most 8 items");
  });

  test("an item may not run past its vector", () => {
    expect(() =>
      decode("list", decodeHex("0301020304"), (reader) =>
        reader.vector("items", { max: 255, countMax: 8 }, (inner) => inner.u16("item")),
      ),
    ).toThrow("list.items.item at byte 3: expected 2 bytes, got 1");
  });

  test("a u64 beyond 2^53 is refused where a number is wanted", () => {
    const bytes = Writer.encode((writer) => writer.u64(2n ** 53n));
    expect(() => decode("time", bytes, (reader) => reader.u64Safe("seconds"))).toThrow("2^53-1");
  });

  test("the rest is bounded", () => {
    expect(() => decode("tail", new Uint8Array(11), (reader) => reader.rest("rest", 10))).toThrow(
      "expected at most 10 bytes, got 11",
    );
  });

  test("a writer refuses values that do not fit", () => {
    expect(() => new Writer().u8(256)).toThrow("256 is no uint8");
    expect(() => new Writer().u16(-1)).toThrow("-1 is no uint16");
    expect(() => new Writer().u64(2n ** 64n)).toThrow("is no uint64");
    expect(() => new Writer().opaque(new Uint8Array(256), { max: 255 })).toThrow("has 256");
  });
});
