/**
 * The primitives that a platform brings. There are two: `backend-node.ts` stands on the native
 * code of node:crypto, `backend-noble.ts` on @noble and runs everywhere. package.json chooses
 * through the condition of `#backend`; everything above is written once, on this interface.
 *
 * @module
 */
import type { Secret } from "@sumus/bytes";
import type { RandomBytes } from "@sumus/time";

export type CurveName = "x25519" | "p256";
export type HashName = "sha256" | "sha512";
export type AeadName = "aes128gcm" | "aes256gcm" | "chacha20poly1305";

/** A checked public key: on its curve, of its one accepted length. */
export interface AgreementPublicKey {
  readonly curve: CurveName;
  /** 32 bytes for X25519, 65 bytes (uncompressed) for P-256 [RFC 9180, Section 7.1.1]. */
  readonly bytes: Uint8Array;
  /** The backend's own form of the key. Only the backend that imported it looks inside. */
  readonly native: unknown;
}

/** A checked private key together with its public half. */
export interface AgreementPrivateKey {
  readonly curve: CurveName;
  readonly publicKey: AgreementPublicKey;
  /** 32 bytes: an X25519 scalar, or a big-endian P-256 scalar. */
  readonly bytes: Secret<Uint8Array>;
  readonly native: unknown;
}

export interface Backend {
  /** The platform's cryptographically secure generator. */
  readonly randomBytes: RandomBytes;

  hash(name: HashName, bytes: Uint8Array): Uint8Array;
  hmac(name: HashName, key: Uint8Array, message: Uint8Array): Uint8Array;

  /** The ciphertext followed by its 16-byte tag. */
  seal(
    aead: AeadName,
    key: Uint8Array,
    nonce: Uint8Array,
    aad: Uint8Array,
    plaintext: Uint8Array,
  ): Uint8Array;

  /** The plaintext, or undefined when the tag does not fit. */
  open(
    aead: AeadName,
    key: Uint8Array,
    nonce: Uint8Array,
    aad: Uint8Array,
    ciphertext: Uint8Array,
  ): Uint8Array | undefined;

  /** Undefined when the bytes are no public key of the curve. Low-order X25519 keys pass. */
  importPublicKey(curve: CurveName, bytes: Uint8Array): AgreementPublicKey | undefined;

  /** Undefined when the bytes are no private key of the curve. */
  importPrivateKey(curve: CurveName, bytes: Uint8Array): AgreementPrivateKey | undefined;

  /** The Diffie-Hellman value of 32 bytes, or undefined when it is zero. */
  agree(privateKey: AgreementPrivateKey, publicKey: AgreementPublicKey): Uint8Array | undefined;

  /**
   * The platform's own DHKEM of [RFC 9180, Section 4.1], where it has one. `encapsulate` draws
   * the ephemeral key from the generator behind {@link Backend.randomBytes}.
   */
  readonly dhkem?: {
    encapsulate(
      publicKey: AgreementPublicKey,
    ): { sharedSecret: Uint8Array; enc: Uint8Array } | undefined;
    decapsulate(privateKey: AgreementPrivateKey, enc: Uint8Array): Uint8Array | undefined;
  };
}
