/**
 * Encodings are bijections on their canonical texts: what decodes encodes back to the same text,
 * and everything else is refused, so that one value never has two names.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  compareBytes,
  concat,
  decodeBase64,
  decodeBase64url,
  decodeHex,
  decodeUtf8,
  encodeBase64,
  encodeBase64url,
  encodeHex,
  encodeUtf8,
  equalBytes,
  equalConstantTime,
  Secret,
  zeroise,
} from "./index.ts";

const bytes = fc.uint8Array({ maxLength: 200 });

describe.each([
  { name: "hex", encode: encodeHex, decode: decodeHex },
  { name: "base64", encode: encodeBase64, decode: decodeBase64 },
  { name: "base64url", encode: encodeBase64url, decode: decodeBase64url },
])("$name", ({ encode, decode }) => {
  test("round trip", () => {
    fc.assert(fc.property(bytes, (value) => equalBytes(decode(encode(value)), value)));
  });

  test("any text is refused or canonical", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), (text) => {
        let decoded: Uint8Array;
        try {
          decoded = decode(text);
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError);
          return;
        }
        expect(encode(decoded).toLowerCase()).toBe(text.toLowerCase());
      }),
      { numRuns: 1000 },
    );
  });
});

test("published examples of RFC 4648 §10", () => {
  const examples = { "": "", f: "Zg==", fo: "Zm8=", foo: "Zm9v", foob: "Zm9vYg==" };
  for (const [text, base64] of Object.entries(examples)) {
    expect(encodeBase64(encodeUtf8(text))).toBe(base64);
    expect(decodeUtf8(decodeBase64(base64))).toBe(text);
  }
  expect(encodeHex(encodeUtf8("foobar"))).toBe("666f6f626172");
});

test.each(["Zh==", "Zg=", "Zg", "Z g==", "Zg==\n"])("base64 refuses the second name %j", (text) => {
  expect(() => decodeBase64(text)).toThrow(RangeError);
});

test.each(["Zg==", "Zh", "Z", "Zm9+", "Zm9/"])("base64url refuses %j", (text) => {
  expect(() => decodeBase64url(text)).toThrow(RangeError);
});

test("malformed UTF-8 is refused and a byte order mark is kept", () => {
  expect(() => decodeUtf8(Uint8Array.of(0xc3, 0x28))).toThrow(RangeError);
  expect(decodeUtf8(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe("\ufeffa");
});

test("both comparisons agree with the order of hex texts", () => {
  fc.assert(
    fc.property(bytes, bytes, (left, right) => {
      const order =
        encodeHex(left) < encodeHex(right) ? -1 : encodeHex(left) > encodeHex(right) ? 1 : 0;
      expect(Math.sign(compareBytes(left, right))).toBe(order);
      expect(equalBytes(left, right)).toBe(order === 0);
      expect(equalConstantTime(left, right)).toBe(order === 0);
      expect(equalConstantTime(left, left.slice())).toBe(true);
    }),
  );
});

test("concat keeps order and lengths; zeroise clears", () => {
  const whole = concat(Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3));
  expect([...whole]).toEqual([1, 2, 3]);
  zeroise(whole);
  expect([...whole]).toEqual([0, 0, 0]);
});

test("a secret is not printed by text or JSON", () => {
  const secret = new Secret("hunter2");
  expect(`${secret}${JSON.stringify({ secret })}`).not.toContain("hunter2");
  expect(secret.reveal()).toBe("hunter2");
});
