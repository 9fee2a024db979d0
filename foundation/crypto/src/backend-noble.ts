/**
 * The portable backend, on @noble: browsers and workers. A tenth to a hundredth of native speed
 * for the curves; correct and synchronous everywhere.
 *
 * @module
 */
import { gcm } from "@noble/ciphers/aes.js";
import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { x25519 } from "@noble/curves/ed25519.js";
import { p256 } from "@noble/curves/nist.js";
import { hmac } from "@noble/hashes/hmac.js";
import { sha256, sha512 } from "@noble/hashes/sha2.js";
import { Secret } from "@sumus/bytes";
import type {
  AeadName,
  AgreementPrivateKey,
  AgreementPublicKey,
  Backend,
  CurveName,
} from "./backend.ts";

// The Web Crypto API exists in every engine this runs on; the portable library names no global.
declare const crypto: { getRandomValues(bytes: Uint8Array<ArrayBuffer>): void };

/** The most bytes that one call of getRandomValues gives. */
const RANDOM_BYTES_MAX = 65_536;
const PUBLIC_KEY_BYTES = { x25519: 32, p256: 65 } as const;

const HASHES = { sha256, sha512 } as const;

export const backend: Backend = {
  randomBytes: (length) => {
    const bytes = new Uint8Array(length);
    for (let offset = 0; offset < length; offset += RANDOM_BYTES_MAX) {
      crypto.getRandomValues(bytes.subarray(offset, offset + RANDOM_BYTES_MAX));
    }
    return bytes;
  },

  hash: (name, bytes) => HASHES[name](bytes),
  hmac: (name, key, message) => hmac(HASHES[name], key, message),

  seal: (aead, key, nonce, aad, plaintext) => cipher(aead, key, nonce, aad).encrypt(plaintext),

  open: (aead, key, nonce, aad, ciphertext) =>
    attempt(() => cipher(aead, key, nonce, aad).decrypt(ciphertext)),

  importPublicKey,

  importPrivateKey: (curve, bytes) => {
    const publicBytes = attempt(() =>
      curve === "x25519" ? x25519.getPublicKey(bytes) : p256.getPublicKey(bytes, false),
    );
    const publicKey = publicBytes && importPublicKey(curve, publicBytes);
    return publicKey && { curve, publicKey, bytes: new Secret(bytes.slice()), native: undefined };
  },

  agree,
};

function cipher(
  aead: AeadName,
  key: Uint8Array,
  nonce: Uint8Array,
  aad: Uint8Array,
): ReturnType<typeof gcm> {
  return (aead === "chacha20poly1305" ? chacha20poly1305 : gcm)(key, nonce, aad);
}

function importPublicKey(curve: CurveName, bytes: Uint8Array): AgreementPublicKey | undefined {
  if (bytes.length !== PUBLIC_KEY_BYTES[curve]) return undefined;
  if (curve === "p256") {
    // Of 65 bytes @noble takes the uncompressed form alone.
    const point = attempt(() => {
      const decoded = p256.Point.fromBytes(bytes);
      decoded.assertValidity();
      return decoded;
    });
    if (point === undefined) return undefined;
  }
  return { curve, bytes: bytes.slice(), native: undefined };
}

function agree(
  privateKey: AgreementPrivateKey,
  publicKey: AgreementPublicKey,
): Uint8Array | undefined {
  const scalar = privateKey.bytes.reveal();
  if (privateKey.curve === "x25519") {
    // Throws on the all-zero value [RFC 7748, Section 6.1].
    return attempt(() => x25519.getSharedSecret(scalar, publicKey.bytes));
  }
  // The x-coordinate of the shared point [RFC 9180, Section 4.1].
  return p256.getSharedSecret(scalar, publicKey.bytes, false).slice(1, 33);
}

/**
 * The value, or undefined when @noble refuses its input. It throws only for arguments: wrong
 * length, not on the curve, wrong tag, zero result; all of them mean "no" to our callers.
 */
function attempt<T>(compute: () => T): T | undefined {
  try {
    return compute();
  } catch {
    return undefined;
  }
}
