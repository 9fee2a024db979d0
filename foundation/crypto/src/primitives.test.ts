import { decodeHex, encodeHex, encodeUtf8 } from "@sumus/bytes";
import { describe, expect, test } from "vitest";
import {
  aes256GcmOpen,
  aes256GcmSeal,
  cryptoRandomBytes,
  HpkeError,
  hkdfSha256,
  hmacSha256,
  sha256,
  x25519,
  x25519PublicKey,
} from "./index.ts";

describe("known answers", () => {
  test("SHA-256 of abc [FIPS 180-4]", () => {
    expect(encodeHex(sha256(encodeUtf8("abc")))).toBe(
      "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    );
  });

  test("HMAC-SHA256 [RFC 4231, test case 2]", () => {
    const mac = hmacSha256(encodeUtf8("Jefe"), encodeUtf8("what do ya want for nothing?"));
    expect(encodeHex(mac)).toBe("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  });

  test("HKDF-SHA256 [RFC 5869, test case 1]", () => {
    const output = hkdfSha256({
      inputKey: new Uint8Array(22).fill(0x0b),
      salt: decodeHex("000102030405060708090a0b0c"),
      info: decodeHex("f0f1f2f3f4f5f6f7f8f9"),
      length: 42,
    });
    expect(encodeHex(output)).toBe(
      "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
    );
  });

  test("AES-256-GCM [GCM specification, test case 14]", () => {
    const [key, nonce, aad] = [new Uint8Array(32), new Uint8Array(12), new Uint8Array()];
    const sealed = aes256GcmSeal(key, nonce, aad, new Uint8Array(16));
    expect(encodeHex(sealed)).toBe(
      "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919",
    );
    expect(aes256GcmOpen(key, nonce, aad, sealed)).toEqual(new Uint8Array(16));
    expect(aes256GcmOpen(key, nonce, Uint8Array.of(1), sealed)).toBeUndefined();
  });

  test("X25519 [RFC 7748, Section 5.2, first vector]", () => {
    const scalar = decodeHex("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4");
    const point = decodeHex("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c");
    expect(encodeHex(x25519(scalar, point))).toBe(
      "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552",
    );
  });
});

describe("x25519", () => {
  test("refuses a peer key of another length or of low order", () => {
    const own = new Uint8Array(32).fill(3);
    expect(() => x25519(own, new Uint8Array(31))).toThrow(HpkeError);
    expect(() => x25519(own, new Uint8Array(32))).toThrow(HpkeError);
  });

  test("both holders compute the same", () => {
    const [one, two] = [cryptoRandomBytes(32), cryptoRandomBytes(32)];
    const there = x25519(one, x25519PublicKey(two));
    expect(encodeHex(there)).toBe(encodeHex(x25519(two, x25519PublicKey(one))));
  });
});

test("cryptoRandomBytes gives as many bytes as asked, new ones each time", () => {
  expect(cryptoRandomBytes(0)).toHaveLength(0);
  expect(cryptoRandomBytes(200_000)).toHaveLength(200_000);
  expect(encodeHex(cryptoRandomBytes(16))).not.toBe(encodeHex(cryptoRandomBytes(16)));
});
