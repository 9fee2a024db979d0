import { decodeHex } from "@sumus/bytes";
import { assert, constantFrom, property, uint8Array } from "fast-check";
import { describe, expect, test } from "vitest";
import type { AeadName, Backend, CurveName, HashName } from "../backend.ts";
import { backend as noble } from "../backend-noble.ts";
import { createHpke } from "../hpke-protocol.ts";
import { backend as native } from "./backend-node.ts";

const bytes = (length: number) => uint8Array({ minLength: length, maxLength: length });
const anyBytes = uint8Array({ maxLength: 300 });
const curve = constantFrom<CurveName>("x25519", "p256");
const pair: readonly [Backend, Backend] = [native, noble];
/** A plain array, so that a Buffer and a Uint8Array of the same bytes compare equal. */
const plain = (value: Uint8Array | undefined) => value && [...value];

describe("the native and the portable backend compute the same", () => {
  test("hash and HMAC", () => {
    const names = constantFrom<HashName>("sha256", "sha512");
    assert(
      property(names, anyBytes, anyBytes, (name, key, message) => {
        const [hash, hashToo] = pair.map((backend) => plain(backend.hash(name, message)));
        expect(hash).toEqual(hashToo);
        const [mac, macToo] = pair.map((backend) => plain(backend.hmac(name, key, message)));
        expect(mac).toEqual(macToo);
      }),
    );
  });

  test("seal and open, each opening what the other sealed", () => {
    const aeads = constantFrom<AeadName>("aes128gcm", "aes256gcm", "chacha20poly1305");
    assert(
      property(aeads, bytes(32), bytes(12), anyBytes, anyBytes, (aead, key32, nonce, aad, text) => {
        const key = key32.subarray(0, aead === "aes128gcm" ? 16 : 32);
        const [sealed, sealedToo] = pair.map((b) => b.seal(aead, key, nonce, aad, text));
        expect(plain(sealed)).toEqual(plain(sealedToo));
        for (const backend of pair) {
          const open = (changed: Uint8Array) => backend.open(aead, key, nonce, aad, changed);
          expect(plain(open(sealed ?? aad))).toEqual(plain(text));
          expect(open(Uint8Array.of(...(sealed ?? aad), 0))).toBeUndefined();
          expect(open((sealed ?? aad).subarray(0, 15))).toBeUndefined();
        }
      }),
      { numRuns: 60 },
    );
  });

  test("public keys and agreement", () => {
    assert(
      property(curve, bytes(32), bytes(32), (name, own, other) => {
        const values = pair.map((backend) => {
          const privateKey = backend.importPrivateKey(name, own);
          const peer = backend.importPrivateKey(name, other)?.publicKey;
          const publicKey = peer && backend.importPublicKey(name, peer.bytes);
          return privateKey && publicKey && plain(backend.agree(privateKey, publicKey));
        });
        expect(values[0]).toEqual(values[1]);
      }),
      { numRuns: 40 },
    );
  });

  test("whether foreign bytes are a public key", () => {
    assert(
      property(curve, uint8Array({ minLength: 31, maxLength: 66 }), (name, foreign) => {
        const [accepted, acceptedToo] = pair.map((b) => b.importPublicKey(name, foreign)?.bytes);
        expect(plain(accepted)).toEqual(plain(acceptedToo));
      }),
    );
  });

  test("HPKE from one to the other", () => {
    const info = Uint8Array.of(1, 2, 3);
    assert(
      property(
        constantFrom(0x10, 0x20),
        bytes(32),
        anyBytes,
        anyBytes,
        (kemId, seed, aad, text) => {
          const hpkes = pair.map(createHpke);
          for (const sender of hpkes) {
            for (const receiver of hpkes) {
              const keys = receiver.deriveKeyPair(receiver.suite(kemId, 1, 1), seed);
              const recipient = sender.importPublicKey(keys.suite, keys.publicKey.bytes);
              const sealed = sender.seal(recipient, info, aad, text, () => seed.toReversed());
              expect(plain(receiver.open(keys, sealed, info, aad))).toEqual(plain(text));
            }
          }
        },
      ),
      { numRuns: 10 },
    );
  });
});

describe.each([
  ["node", native],
  ["noble", noble],
])("keys that %s refuses", (_name, backend) => {
  // The base point of P-256, x then y [SEC 2, Section 2.4.2].
  const x = "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296";
  const y = "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";
  const field = "ffffffff00000001000000000000000000000000ffffffffffffffffffffffff";
  const order = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

  test("P-256 takes the base point uncompressed and in no other form", () => {
    const take = (hex: string) => backend.importPublicKey("p256", decodeHex(hex));
    expect(take(`04${x}${y}`)).toBeDefined();
    expect(take(`03${x}`)).toBeUndefined();
    expect(take(`07${x}${y}`)).toBeUndefined();
    expect(take(`04${x}${y}00`)).toBeUndefined();
    expect(take(`04${y}${x}`)).toBeUndefined();
    expect(take(`04${field}${y}`)).toBeUndefined();
    expect(take("00")).toBeUndefined();
    expect(take(`04${"00".repeat(64)}`)).toBeUndefined();
  });

  test("P-256 scalars are 1 to the order less 1", () => {
    const take = (hex: string) => backend.importPrivateKey("p256", decodeHex(hex));
    expect(take(`${"00".repeat(31)}01`)).toBeDefined();
    expect(take("00".repeat(32))).toBeUndefined();
    expect(take(order)).toBeUndefined();
    expect(take("ff".repeat(32))).toBeUndefined();
    expect(take("01")).toBeUndefined();
  });

  test("X25519 agreement with a point of low order gives nothing", () => {
    const own = backend.importPrivateKey("x25519", new Uint8Array(32).fill(7));
    // 0, 1, p-1, p, p+1 and one point of order 8 [RFC 7748, Section 6.1; curve equation].
    const lowOrder = [
      "00".repeat(32),
      `01${"00".repeat(31)}`,
      `ec${"ff".repeat(30)}7f`,
      `ed${"ff".repeat(30)}7f`,
      `ee${"ff".repeat(30)}7f`,
      "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
    ];
    for (const hex of lowOrder) {
      const peer = backend.importPublicKey("x25519", decodeHex(hex));
      expect(own && peer && backend.agree(own, peer)).toBeUndefined();
    }
    const ordinary = backend.importPublicKey("x25519", new Uint8Array(32).fill(9));
    expect(own && ordinary && backend.agree(own, ordinary)).toHaveLength(32);
  });
});
