/**
 * DHKEM(X25519, HKDF-SHA256) and DHKEM(P-256, HKDF-SHA256) [RFC 9180, Section 4.1].
 *
 * @module
 */
import { concat, encodeUtf8, zeroise } from "@sumus/bytes";
import type { RandomBytes } from "@sumus/time";
import type { AgreementPrivateKey, AgreementPublicKey, Backend, CurveName } from "./backend.ts";
import { createHkdf, createLabeledHkdf } from "./hkdf.ts";
import { HpkeError } from "./hpke-error.ts";

const PRIVATE_KEY_BYTES = 32;
const SHARED_SECRET_BYTES = 32;
/** A P-256 candidate is out of range once in 2^32; the RFC gives up after 256. */
const CANDIDATES_MAX = 256;
const EMPTY = new Uint8Array();

export interface Kem {
  importPublicKey(bytes: Uint8Array): AgreementPublicKey;
  importPrivateKey(bytes: Uint8Array): AgreementPrivateKey;
  /** DeriveKeyPair of the RFC: the key pair that follows from at least 32 secret bytes. */
  deriveKeyPair(inputKey: Uint8Array): AgreementPrivateKey;
  generateKeyPair(randomBytes: RandomBytes): AgreementPrivateKey;
  encapsulate(
    publicKey: AgreementPublicKey,
    randomBytes: RandomBytes,
  ): { sharedSecret: Uint8Array; enc: Uint8Array };
  decapsulate(privateKey: AgreementPrivateKey, enc: Uint8Array): Uint8Array;
}

export function createDhkem(backend: Backend, curve: CurveName, kemId: number): Kem {
  const suiteId = concat(encodeUtf8("KEM"), Uint8Array.of(kemId >> 8, kemId & 0xff));
  const kdf = createLabeledHkdf(createHkdf(backend, "sha256"), suiteId);

  const importPrivateKey = (bytes: Uint8Array): AgreementPrivateKey =>
    backend.importPrivateKey(curve, bytes) ??
    raise("invalidPrivateKey", `expected a private key of ${curve}, got other bytes`);

  const deriveKeyPair = (inputKey: Uint8Array): AgreementPrivateKey => {
    const root = kdf.extract(EMPTY, "dkp_prk", inputKey);
    if (curve === "x25519") {
      return importPrivateKey(kdf.expand(root, "sk", EMPTY, PRIVATE_KEY_BYTES));
    }
    for (let counter = 0; counter < CANDIDATES_MAX; counter++) {
      const candidate = kdf.expand(root, "candidate", Uint8Array.of(counter), PRIVATE_KEY_BYTES);
      const pair = backend.importPrivateKey(curve, candidate);
      if (pair !== undefined) return pair;
    }
    return raise("invalidPrivateKey", "expected a P-256 key within 256 candidates, got none");
  };

  const generateKeyPair = (randomBytes: RandomBytes): AgreementPrivateKey =>
    deriveKeyPair(randomBytes(PRIVATE_KEY_BYTES));

  const agree = (
    privateKey: AgreementPrivateKey,
    publicKey: AgreementPublicKey,
    enc: Uint8Array,
    recipient: AgreementPublicKey,
  ): Uint8Array | undefined => {
    const agreed = backend.agree(privateKey, publicKey);
    if (agreed === undefined) return undefined;
    const root = kdf.extract(EMPTY, "eae_prk", agreed);
    zeroise(agreed);
    const context = concat(enc, recipient.bytes);
    return kdf.expand(root, "shared_secret", context, SHARED_SECRET_BYTES);
  };

  return {
    importPublicKey: (bytes) =>
      backend.importPublicKey(curve, bytes) ??
      raise("invalidPublicKey", `expected a public key of ${curve}, got other bytes`),
    importPrivateKey,
    deriveKeyPair,
    generateKeyPair,

    encapsulate: (publicKey, randomBytes) => {
      // Same distribution, three quarters of the time: the platform's generator was asked for.
      if (backend.dhkem !== undefined && randomBytes === backend.randomBytes) {
        return backend.dhkem.encapsulate(publicKey) ?? lowOrder();
      }
      const ephemeral = generateKeyPair(randomBytes);
      const enc = ephemeral.publicKey.bytes;
      const sharedSecret = agree(ephemeral, publicKey, enc, publicKey) ?? lowOrder();
      return { sharedSecret, enc };
    },

    decapsulate: (privateKey, enc) => {
      if (backend.dhkem !== undefined) {
        return backend.dhkem.decapsulate(privateKey, enc) ?? invalidEncapsulation(curve);
      }
      const publicKey = backend.importPublicKey(curve, enc) ?? invalidEncapsulation(curve);
      return agree(privateKey, publicKey, enc, privateKey.publicKey) ?? invalidEncapsulation(curve);
    },
  };
}

function lowOrder(): never {
  return raise("invalidPublicKey", "expected a recipient key of full order, got one of low order");
}

function invalidEncapsulation(curve: CurveName): never {
  return raise("invalidEncapsulation", `expected an encapsulated key of ${curve} of full order`);
}

function raise(code: HpkeError["code"], message: string): never {
  throw new HpkeError(code, message);
}
