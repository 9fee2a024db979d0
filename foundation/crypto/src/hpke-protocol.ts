/**
 * HPKE in base mode [RFC 9180]: anyone seals to a public key, its holder opens. The sender is not
 * authenticated; whoever needs that binds it into the plaintext. PSK and Auth modes are left out:
 * none of our protocols uses them.
 *
 * Randomness comes from the caller. Bytes from a seeded generator give the same ciphertext again,
 * by DeriveKeyPair of the RFC; when the caller hands in the platform's own generator, the
 * platform may make the ephemeral key by itself.
 *
 * @module
 */
import { assert } from "@sumus/assert";
import { concat, encodeUtf8, equalBytes, type Secret } from "@sumus/bytes";
import type { RandomBytes } from "@sumus/time";
import type {
  AeadName,
  AgreementPrivateKey,
  AgreementPublicKey,
  Backend,
  CurveName,
  HashName,
} from "./backend.ts";
import { createDhkem, type Kem } from "./dhkem.ts";
import { createHkdf, createLabeledHkdf, type LabeledHkdf } from "./hkdf.ts";
import { HpkeError } from "./hpke-error.ts";

// The registries of RFC 9180, Section 7, as far as this speaks them.
const KEMS: ReadonlyMap<number, CurveName> = new Map([
  [0x0010, "p256"],
  [0x0020, "x25519"],
]);
const KDFS: ReadonlyMap<number, HashName> = new Map([
  [0x0001, "sha256"],
  [0x0003, "sha512"],
]);
const AEADS: ReadonlyMap<number, { name: AeadName; keyBytes: number }> = new Map([
  [0x0001, { name: "aes128gcm", keyBytes: 16 }],
  [0x0002, { name: "aes256gcm", keyBytes: 32 }],
  [0x0003, { name: "chacha20poly1305", keyBytes: 32 }],
]);

const NONCE_BYTES = 12;
const MODE_BASE = 0;
const EMPTY = new Uint8Array();
/** An application uses a handful of info strings; their hashes are kept. */
const INFO_HASHES_MAX = 16;

/** One choice of KEM, KDF and AEAD, by their registered identifiers. */
export interface HpkeSuite {
  readonly kemId: number;
  readonly kdfId: number;
  readonly aeadId: number;
}

/** A recipient's key, imported once and used for every seal. */
export interface HpkePublicKey {
  readonly suite: HpkeSuite;
  readonly bytes: Uint8Array;
  readonly key: AgreementPublicKey;
}

/** One's own keys, imported once and used for every open. */
export interface HpkeKeyPair {
  readonly suite: HpkeSuite;
  readonly publicKey: HpkePublicKey;
  /** 32 bytes, to store where secrets are stored. */
  readonly privateKey: Secret<Uint8Array>;
  readonly key: AgreementPrivateKey;
}

export interface HpkeSealed {
  /** The encapsulated ephemeral key. */
  readonly enc: Uint8Array;
  /** As long as the plaintext and 16 bytes more. */
  readonly ciphertext: Uint8Array;
}

/** Many messages under one encapsulated key, in order [RFC 9180, Section 5.2]. */
export interface HpkeContext {
  seal(aad: Uint8Array, plaintext: Uint8Array): Uint8Array;
  /** @throws {HpkeError} openFailed; the sequence then stays where it was */
  open(aad: Uint8Array, ciphertext: Uint8Array): Uint8Array;
  /** A secret of `length` bytes that both sides share [RFC 9180, Section 5.3]. */
  exportSecret(context: Uint8Array, length: number): Uint8Array;
}

export interface Hpke {
  /** @throws {HpkeError} unsupportedSuite */
  suite(kemId: number, kdfId: number, aeadId: number): HpkeSuite;
  /** @throws {HpkeError} unsupportedSuite, invalidPublicKey */
  importPublicKey(suite: HpkeSuite, bytes: Uint8Array): HpkePublicKey;
  /** @throws {HpkeError} unsupportedSuite, invalidPrivateKey */
  importKeyPair(suite: HpkeSuite, privateKey: Uint8Array): HpkeKeyPair;
  generateKeyPair(suite: HpkeSuite, randomBytes?: RandomBytes): HpkeKeyPair;
  /** The key pair that follows from at least 32 secret bytes [RFC 9180, Section 7.1.3]. */
  deriveKeyPair(suite: HpkeSuite, inputKey: Uint8Array): HpkeKeyPair;
  /** Seals one message. @throws {HpkeError} invalidPublicKey when the key is of low order */
  seal(
    recipient: HpkePublicKey,
    info: Uint8Array,
    aad: Uint8Array,
    plaintext: Uint8Array,
    randomBytes: RandomBytes,
  ): HpkeSealed;
  /** Opens one message. @throws {HpkeError} invalidEncapsulation, openFailed */
  open(keyPair: HpkeKeyPair, sealed: HpkeSealed, info: Uint8Array, aad: Uint8Array): Uint8Array;
  setupSender(
    recipient: HpkePublicKey,
    info: Uint8Array,
    randomBytes: RandomBytes,
  ): { enc: Uint8Array; context: HpkeContext };
  setupRecipient(keyPair: HpkeKeyPair, enc: Uint8Array, info: Uint8Array): HpkeContext;
}

/** What a suite computes with, made once per suite. */
interface Machinery {
  readonly suite: HpkeSuite;
  readonly kem: Kem;
  readonly kdf: LabeledHkdf;
  readonly aead: { readonly name: AeadName; readonly keyBytes: number };
  readonly pskIdHash: Uint8Array;
  readonly infoHashes: { readonly info: Uint8Array; readonly hash: Uint8Array }[];
}

/** HPKE on one backend. Applications use the one in `hpke.ts`; tests compare two. */
export function createHpke(backend: Backend): Hpke {
  const machineries = new Map<string, Machinery>();

  const machineryOf = ({ kemId, kdfId, aeadId }: HpkeSuite): Machinery => {
    const name = `${kemId} ${kdfId} ${aeadId}`;
    const known = machineries.get(name);
    if (known !== undefined) return known;
    const made = createMachinery(backend, kemId, kdfId, aeadId);
    machineries.set(name, made);
    return made;
  };

  const keyPairOf = (suite: HpkeSuite, key: AgreementPrivateKey): HpkeKeyPair => ({
    suite,
    publicKey: { suite, bytes: key.publicKey.bytes, key: key.publicKey },
    privateKey: key.bytes,
    key,
  });

  const setupSender: Hpke["setupSender"] = (recipient, info, randomBytes) => {
    const machinery = machineryOf(recipient.suite);
    const { sharedSecret, enc } = machinery.kem.encapsulate(recipient.key, randomBytes);
    return { enc, context: createContext(backend, machinery, sharedSecret, info) };
  };

  const setupRecipient: Hpke["setupRecipient"] = (keyPair, enc, info) => {
    const machinery = machineryOf(keyPair.suite);
    const sharedSecret = machinery.kem.decapsulate(keyPair.key, enc);
    return createContext(backend, machinery, sharedSecret, info);
  };

  return {
    suite: (kemId, kdfId, aeadId) => machineryOf({ kemId, kdfId, aeadId }).suite,
    importPublicKey: (suite, bytes) => {
      const key = machineryOf(suite).kem.importPublicKey(bytes);
      return { suite, bytes: key.bytes, key };
    },
    importKeyPair: (suite, privateKey) =>
      keyPairOf(suite, machineryOf(suite).kem.importPrivateKey(privateKey)),
    generateKeyPair: (suite, randomBytes = backend.randomBytes) =>
      keyPairOf(suite, machineryOf(suite).kem.generateKeyPair(randomBytes)),
    deriveKeyPair: (suite, inputKey) =>
      keyPairOf(suite, machineryOf(suite).kem.deriveKeyPair(inputKey)),
    seal: (recipient, info, aad, plaintext, randomBytes) => {
      const { enc, context } = setupSender(recipient, info, randomBytes);
      return { enc, ciphertext: context.seal(aad, plaintext) };
    },
    open: (keyPair, { enc, ciphertext }, info, aad) =>
      setupRecipient(keyPair, enc, info).open(aad, ciphertext),
    setupSender,
    setupRecipient,
  };
}

function createMachinery(
  backend: Backend,
  kemId: number,
  kdfId: number,
  aeadId: number,
): Machinery {
  const curve = KEMS.get(kemId);
  const hash = KDFS.get(kdfId);
  const aead = AEADS.get(aeadId);
  if (curve === undefined || hash === undefined || aead === undefined) {
    throw new HpkeError(
      "unsupportedSuite",
      `expected KEM 16 or 32, KDF 1 or 3 and AEAD 1, 2 or 3, got ${kemId}, ${kdfId}, ${aeadId}`,
    );
  }
  const ids = [kemId, kdfId, aeadId].flatMap((id) => [id >> 8, id & 0xff]);
  const suiteId = concat(encodeUtf8("HPKE"), Uint8Array.from(ids));
  const kdf = createLabeledHkdf(createHkdf(backend, hash), suiteId);
  return {
    suite: { kemId, kdfId, aeadId },
    kem: createDhkem(backend, curve, kemId),
    kdf,
    aead,
    pskIdHash: kdf.extract(EMPTY, "psk_id_hash", EMPTY),
    infoHashes: [],
  };
}

/** KeyScheduleS and KeyScheduleR for mode_base [RFC 9180, Section 5.1]. */
function createContext(
  backend: Backend,
  machinery: Machinery,
  sharedSecret: Uint8Array,
  info: Uint8Array,
): HpkeContext {
  const { kdf, aead, pskIdHash } = machinery;
  const schedule = concat(Uint8Array.of(MODE_BASE), pskIdHash, infoHashOf(machinery, info));
  const secret = kdf.extract(sharedSecret, "secret", EMPTY);
  const key = kdf.expand(secret, "key", schedule, aead.keyBytes);
  const baseNonce = kdf.expand(secret, "base_nonce", schedule, NONCE_BYTES);
  let sequence = 0;

  return {
    seal: (aad, plaintext) => {
      const nonce = nonceAt(baseNonce, sequence++);
      return backend.seal(aead.name, key, nonce, aad, plaintext);
    },
    open: (aad, ciphertext) => {
      const nonce = nonceAt(baseNonce, sequence);
      const plaintext = backend.open(aead.name, key, nonce, aad, ciphertext);
      if (plaintext === undefined) {
        throw new HpkeError(
          "openFailed",
          "expected a ciphertext sealed to this key, info and aad, got another",
        );
      }
      sequence++;
      return plaintext;
    },
    exportSecret: (context, length) => {
      const exporter = kdf.expand(secret, "exp", schedule, kdf.hashBytes);
      return kdf.expand(exporter, "sec", context, length);
    },
  };
}

function infoHashOf({ kdf, infoHashes }: Machinery, info: Uint8Array): Uint8Array {
  const known = infoHashes.find((entry) => equalBytes(entry.info, info));
  if (known !== undefined) return known.hash;
  const hash = kdf.extract(EMPTY, "info_hash", info);
  if (infoHashes.length >= INFO_HASHES_MAX) infoHashes.shift();
  infoHashes.push({ info: info.slice(), hash });
  return hash;
}

/** The base nonce XOR the big-endian sequence number. */
function nonceAt(baseNonce: Uint8Array, sequence: number): Uint8Array {
  assert(Number.isSafeInteger(sequence), "a context seals at most 2^53 messages");
  if (sequence === 0) return baseNonce;
  const nonce = baseNonce.slice();
  const view = new DataView(nonce.buffer);
  const low = view.getBigUint64(NONCE_BYTES - 8) ^ BigInt(sequence);
  view.setBigUint64(NONCE_BYTES - 8, low);
  return nonce;
}
