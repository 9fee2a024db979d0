/** Hashes, key derivation, agreement and randomness on this platform's backend. */

import { assert } from "@sumus/assert";
import type { RandomBytes } from "@sumus/time";
import { backend } from "#backend";
import { createHkdf } from "./hkdf.ts";
import { HpkeError } from "./hpke-error.ts";

const hkdf = createHkdf(backend, "sha256");

/**
 * The platform's cryptographically secure generator. Entry points (`main.ts`, a page's worker)
 * pass it down; everything below takes randomness as a parameter.
 */
export const cryptoRandomBytes: RandomBytes = backend.randomBytes;

/** SHA-256: 32 bytes. */
export function sha256(bytes: Uint8Array): Uint8Array {
  return backend.hash("sha256", bytes);
}

/** HMAC-SHA256: 32 bytes. */
export function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array {
  return backend.hmac("sha256", key, message);
}

/** HKDF-SHA256 [RFC 5869]: `length` bytes, at most 8,160. */
export function hkdfSha256(input: {
  readonly inputKey: Uint8Array;
  readonly salt: Uint8Array;
  readonly info: Uint8Array;
  readonly length: number;
}): Uint8Array {
  return hkdf.expand(hkdf.extract(input.salt, input.inputKey), input.info, input.length);
}

/**
 * AES-256-GCM: the ciphertext followed by its 16-byte tag.
 *
 * @param nonce 12 bytes, never twice under one key
 */
export function aes256GcmSeal(
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  plaintext: Uint8Array,
): Uint8Array {
  return backend.seal("aes256gcm", key, nonce, aad, plaintext);
}

/** The plaintext, or undefined when these are not the bytes that were sealed. */
export function aes256GcmOpen(
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
  ciphertext: Uint8Array,
): Uint8Array | undefined {
  return backend.open("aes256gcm", key, nonce, aad, ciphertext);
}

/** The public key of an X25519 private key; both 32 bytes. */
export function x25519PublicKey(privateKey: Uint8Array): Uint8Array {
  const pair = backend.importPrivateKey("x25519", privateKey);
  assert(pair !== undefined, "an X25519 private key has 32 bytes");
  return pair.publicKey.bytes;
}

/**
 * X25519 [RFC 7748]: the 32 bytes that both holders compute. Derive keys from it, do not use it.
 *
 * @throws {HpkeError} invalidPublicKey when the peer's key has another length or low order
 */
export function x25519(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array {
  const own = backend.importPrivateKey("x25519", privateKey);
  assert(own !== undefined, "an X25519 private key has 32 bytes");
  const peer = backend.importPublicKey("x25519", publicKey);
  const shared = peer && backend.agree(own, peer);
  if (shared === undefined) {
    throw new HpkeError(
      "invalidPublicKey",
      "expected an X25519 public key of 32 bytes and full order, got another",
    );
  }
  return shared;
}
