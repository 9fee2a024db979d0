/**
 * The native backend, on node:crypto. What was measured and chosen (Node 24.21, us a call):
 * an AES or HMAC key passed as KeyObject costs 3 to 5, as bytes 11 to 16, making the object 0.8;
 * native DHKEM encapsulation 56 and decapsulation 32, against 25 (key generation) or 42 (import)
 * plus 31 (agreement), 19 (import of the peer) and four HMACs when put together by hand.
 *
 * @module
 */
import {
  type CipherGCMTypes,
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  decapsulate,
  diffieHellman,
  encapsulate,
  hash,
  type KeyObject,
  randomFillSync,
} from "node:crypto";
import { decodeHex, Secret } from "@sumus/bytes";
import type {
  AeadName,
  AgreementPrivateKey,
  AgreementPublicKey,
  Backend,
  CurveName,
} from "../backend.ts";

const TAG_BYTES = 16;
const PUBLIC_KEY_BYTES = { x25519: 32, p256: 65 } as const;
const PRIVATE_KEY_BYTES = 32;
const UNCOMPRESSED = 4;

const P256_ORDER = decodeHex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");

const KEY_TYPES = {
  x25519: { asymmetricKeyType: "x25519" },
  p256: { asymmetricKeyType: "ec", namedCurve: "P-256" },
} as const;

// Node types ChaCha20-Poly1305 apart from AES-GCM though both take the same calls.
const CIPHERS: Record<AeadName, CipherGCMTypes> = {
  aes128gcm: "aes-128-gcm",
  aes256gcm: "aes-256-gcm",
  chacha20poly1305: "chacha20-poly1305" as CipherGCMTypes,
};
const AEAD_OPTIONS = { authTagLength: TAG_BYTES };

export const backend: Backend = {
  randomBytes: (length) => randomFillSync(new Uint8Array(length)),

  hash: (name, bytes) => view(hash(name, bytes, "buffer")),
  hmac: (name, key, message) =>
    view(createHmac(name, createSecretKey(key)).update(message).digest()),

  seal: (aead, key, nonce, aad, plaintext) => {
    const cipher = createCipheriv(CIPHERS[aead], createSecretKey(key), nonce, AEAD_OPTIONS);
    cipher.setAAD(aad, { plaintextLength: plaintext.length });
    const sealed = new Uint8Array(plaintext.length + TAG_BYTES);
    sealed.set(cipher.update(plaintext));
    cipher.final();
    sealed.set(cipher.getAuthTag(), plaintext.length);
    return sealed;
  },

  open: (aead, key, nonce, aad, ciphertext) => {
    const length = ciphertext.length - TAG_BYTES;
    if (length < 0) return undefined;
    const decipher = createDecipheriv(CIPHERS[aead], createSecretKey(key), nonce, AEAD_OPTIONS);
    decipher.setAAD(aad, { plaintextLength: length });
    decipher.setAuthTag(ciphertext.subarray(length));
    const plaintext = decipher.update(ciphertext.subarray(0, length));
    const genuine = attempt(() => decipher.final()) !== undefined;
    if (!genuine) plaintext.fill(0);
    return genuine ? view(plaintext) : undefined;
  },

  importPublicKey,

  importPrivateKey: (curve, bytes) => {
    if (bytes.length !== PRIVATE_KEY_BYTES) return undefined;
    // OpenSSL imports any 32 bytes as a scalar of P-256.
    if (curve === "p256" && !isBelowOrderAndPositive(bytes)) return undefined;
    const key = Buffer.from(bytes);
    const native = attempt(() =>
      createPrivateKey({ key, format: "raw-private", ...KEY_TYPES[curve] }),
    );
    key.fill(0);
    if (native === undefined) return undefined;
    const publicNative = createPublicKey(native);
    const publicBytes = view(publicNative.export({ format: "raw-public" }));
    const publicKey = { curve, bytes: publicBytes, native: publicNative };
    return { curve, publicKey, bytes: new Secret(bytes.slice()), native };
  },

  agree: (privateKey, publicKey) => {
    // Throws on the all-zero value of X25519.
    const value = attempt(() =>
      diffieHellman({ privateKey: nativeOf(privateKey), publicKey: nativeOf(publicKey) }),
    );
    return value && view(value);
  },

  dhkem: {
    encapsulate: (publicKey) => {
      const made = attempt(() => encapsulate(nativeOf(publicKey)));
      return made && { sharedSecret: view(made.sharedKey), enc: view(made.ciphertext) };
    },
    decapsulate: (privateKey, enc) => {
      if (!hasForm(privateKey.curve, enc)) return undefined;
      const sharedSecret = attempt(() => decapsulate(nativeOf(privateKey), enc));
      return sharedSecret && view(sharedSecret);
    },
  },
};

function importPublicKey(curve: CurveName, bytes: Uint8Array): AgreementPublicKey | undefined {
  if (!hasForm(curve, bytes)) return undefined;
  const key = Buffer.from(bytes);
  const native = attempt(() => createPublicKey({ key, format: "raw-public", ...KEY_TYPES[curve] }));
  return native && { curve, bytes: bytes.slice(), native };
}

/** OpenSSL takes compressed and hybrid points too; HPKE has one encoding a key. */
function hasForm(curve: CurveName, bytes: Uint8Array): boolean {
  return (
    bytes.length === PUBLIC_KEY_BYTES[curve] && (curve === "x25519" || bytes[0] === UNCOMPRESSED)
  );
}

/** Whether a big-endian P-256 scalar is 1 to the order less 1; in constant time. */
function isBelowOrderAndPositive(scalar: Uint8Array): boolean {
  let borrow = 0;
  let union = 0;
  for (let index = PRIVATE_KEY_BYTES - 1; index >= 0; index--) {
    const digit = scalar[index] ?? 0;
    union |= digit;
    borrow = (digit - (P256_ORDER[index] ?? 0) - borrow) >>> 31;
  }
  return union !== 0 && borrow === 1;
}

function nativeOf(key: AgreementPublicKey | AgreementPrivateKey): KeyObject {
  // Every key that reaches this backend was imported by it.
  return key.native as KeyObject;
}

/** The same bytes as a plain Uint8Array, so that no Buffer method leaks upwards. */
function view(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

/** The value, or undefined when OpenSSL refuses the key, the peer's key or the tag. */
function attempt<T>(compute: () => T): T | undefined {
  try {
    return compute();
  } catch {
    return undefined;
  }
}
