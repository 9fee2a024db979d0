import { decodeHex, encodeHex, encodeUtf8 } from "@sumus/bytes";
import { assert, nat, property } from "fast-check";
import { describe, expect, test } from "vitest";
import {
  cryptoRandomBytes,
  HpkeError,
  type HpkeKeyPair,
  type HpkeSealed,
  hpkeDeriveKeyPair,
  hpkeGenerateKeyPair,
  hpkeImportKeyPair,
  hpkeImportPublicKey,
  hpkeOpen,
  hpkeSeal,
  hpkeSetupRecipient,
  hpkeSetupSender,
  hpkeSuite,
} from "./index.ts";

const info = encodeUtf8("an application");
const aad = encodeUtf8("in the clear");
const plaintext = encodeUtf8("a secret of some length");
const suites = [0x10, 0x20].flatMap((kem) =>
  [1, 3].flatMap((kdf) => [1, 2, 3].map((aead) => [kem, kdf, aead] as const)),
);

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof HpkeError) return error.code;
    throw error;
  }
  return "no error";
}

describe.each(suites)("HPKE with KEM %i, KDF %i and AEAD %i", (kemId, kdfId, aeadId) => {
  const suite = hpkeSuite(kemId, kdfId, aeadId);
  const keys: HpkeKeyPair = hpkeGenerateKeyPair(suite);
  const sealed: HpkeSealed = hpkeSeal(keys.publicKey, info, aad, plaintext, cryptoRandomBytes);
  const open = (
    changed: Partial<HpkeSealed>,
    options: { info?: Uint8Array; aad?: Uint8Array } = {},
  ) => hpkeOpen(keys, { ...sealed, ...changed }, options.info ?? info, options.aad ?? aad);

  test("opens what was sealed, also with imported keys", () => {
    expect([...open({})]).toEqual([...plaintext]);
    const again = hpkeImportKeyPair(suite, keys.privateKey.reveal());
    expect([...again.publicKey.bytes]).toEqual([...keys.publicKey.bytes]);
    expect([...hpkeOpen(again, sealed, info, aad)]).toEqual([...plaintext]);
    expect(sealed.ciphertext).toHaveLength(plaintext.length + 16);
  });

  test("draws all its randomness from the parameter", () => {
    const seeded = () => new Uint8Array(32).fill(5);
    const recipient = hpkeImportPublicKey(suite, keys.publicKey.bytes);
    const first = hpkeSeal(recipient, info, aad, plaintext, seeded);
    const second = hpkeSeal(recipient, info, aad, plaintext, seeded);
    expect(encodeHex(first.enc)).toBe(encodeHex(second.enc));
    expect(encodeHex(first.ciphertext)).toBe(encodeHex(second.ciphertext));
    expect([...hpkeOpen(keys, first, info, aad)]).toEqual([...plaintext]);
  });

  test("refuses another info, aad, key, or a ciphertext truncated or extended", () => {
    expect(codeOf(() => open({}, { info: info.toReversed() }))).toBe("openFailed");
    expect(codeOf(() => open({}, { aad: info }))).toBe("openFailed");
    const shorter = sealed.ciphertext.subarray(0, -1);
    expect(codeOf(() => open({ ciphertext: shorter }))).toBe("openFailed");
    expect(codeOf(() => open({ ciphertext: new Uint8Array() }))).toBe("openFailed");
    const longer = Uint8Array.of(...sealed.ciphertext, 0);
    expect(codeOf(() => open({ ciphertext: longer }))).toBe("openFailed");
    expect(codeOf(() => open({ enc: sealed.enc.subarray(1) }))).toBe("invalidEncapsulation");
    expect(codeOf(() => open({ enc: new Uint8Array(sealed.enc.length) }))).toBe(
      "invalidEncapsulation",
    );
    const other = hpkeGenerateKeyPair(suite);
    expect(codeOf(() => hpkeOpen(other, sealed, info, aad))).toBe("openFailed");
  });

  test("refuses any changed bit of the ciphertext", () => {
    assert(
      property(nat(8 * sealed.ciphertext.length - 1), (bit) => {
        const ciphertext = Uint8Array.from(sealed.ciphertext, (byte, index) =>
          index === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte,
        );
        expect(codeOf(() => open({ ciphertext }))).toBe("openFailed");
      }),
      { numRuns: 10 },
    );
  });
});

describe("HPKE", () => {
  const suite = hpkeSuite(0x20, 1, 1);

  test("derives the key pair and ciphertext of RFC 9180 A.1.1", () => {
    const ikmR = decodeHex("6db9df30aa07dd42ee5e8181afdb977e538f5e1fec8a06223f33f7013e525037");
    const ikmE = decodeHex("7268600d403fce431561aef583ee1613527cff655c1343f29812e66706df3234");
    const { publicKey } = hpkeDeriveKeyPair(suite, ikmR);
    expect(encodeHex(publicKey.bytes)).toBe(
      "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d",
    );
    const sealed = hpkeSeal(
      publicKey,
      encodeUtf8("Ode on a Grecian Urn"),
      encodeUtf8("Count-0"),
      encodeUtf8("Beauty is truth, truth beauty"),
      () => ikmE,
    );
    expect(encodeHex(sealed.ciphertext)).toBe(
      "f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a9" +
        "6d8770ac83d07bea87e13c512a",
    );
  });

  test("refuses suites it does not speak", () => {
    expect(codeOf(() => hpkeSuite(0x12, 1, 1))).toBe("unsupportedSuite");
    expect(codeOf(() => hpkeSuite(0x20, 2, 1))).toBe("unsupportedSuite");
    expect(codeOf(() => hpkeSuite(0x20, 1, 0xffff))).toBe("unsupportedSuite");
  });

  test("refuses keys of the wrong length, and of low order when sealing", () => {
    expect(codeOf(() => hpkeImportPublicKey(suite, new Uint8Array(31)))).toBe("invalidPublicKey");
    expect(codeOf(() => hpkeImportKeyPair(suite, new Uint8Array(33)))).toBe("invalidPrivateKey");
    const zero = hpkeImportPublicKey(suite, new Uint8Array(32));
    for (const randomBytes of [cryptoRandomBytes, (length: number) => new Uint8Array(length)]) {
      expect(codeOf(() => hpkeSeal(zero, info, aad, plaintext, randomBytes))).toBe(
        "invalidPublicKey",
      );
    }
  });

  test("keeps a context's messages in order", () => {
    const keys = hpkeGenerateKeyPair(suite);
    const sender = hpkeSetupSender(keys.publicKey, info, cryptoRandomBytes);
    const receiver = hpkeSetupRecipient(keys, sender.enc, info);
    const first = sender.context.seal(aad, plaintext);
    const second = sender.context.seal(aad, plaintext);
    expect(codeOf(() => receiver.open(aad, second))).toBe("openFailed");
    expect([...receiver.open(aad, first)]).toEqual([...plaintext]);
    expect([...receiver.open(aad, second)]).toEqual([...plaintext]);
  });

  test("shows no private key when a key pair is printed", () => {
    const keys = hpkeImportKeyPair(suite, new Uint8Array(32).fill(0xab));
    const printed = JSON.stringify(keys) + String(keys.privateKey);
    expect(printed).not.toContain("171,171");
    expect(printed).not.toContain("abab");
  });
});
