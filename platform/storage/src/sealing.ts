/**
 * Secrets sealed at rest: columns whose values are worth nothing to whoever has the database, or a
 * backup of it, without the store key, which comes from elsewhere. AES-256-GCM under random nonces;
 * a value is bound to its place, so that it cannot be moved to another row.
 *
 *     plain   = 0x00 ‖ secret
 *     sealed  = 0x01 ‖ key id (8) ‖ nonce (12) ‖ ciphertext ‖ tag (16)
 *
 * @module
 */
import { concat, encodeHex, encodeUtf8, type Secret } from "@sumus/bytes";
import { aes256GcmOpen, aes256GcmSeal, sha256 } from "@sumus/crypto";
import type { RandomBytes } from "@sumus/time";

export const STORE_KEY_BYTES = 32;

const PLAIN = Uint8Array.of(0);
const SEALED = Uint8Array.of(1);
const ID_BYTES = 8;
const NONCE_BYTES = 12;

export interface StoreKeys {
  /** Seals what is written from now on; absent: secrets are stored as they are. */
  readonly current: Secret<Uint8Array> | undefined;
  /** These open what was sealed before, or by a replica that is ahead. */
  readonly others: readonly Secret<Uint8Array>[];
}

/** Where a secret stands. */
export interface SealedPlace {
  readonly table: string;
  readonly column: string;
  /** The row's key in words. */
  readonly row: string;
}

/** A secret in the store cannot be opened. */
export class SealError extends Error {
  override readonly name = "SealError";
  readonly code: "unknownKey" | "damaged";

  constructor(code: SealError["code"], message: string) {
    super(message);
    this.code = code;
  }
}

export interface Sealer {
  /** What the values begin with that are written now: others are to be sealed anew. */
  readonly prefix: Uint8Array;
  /** Whether there is a key. */
  readonly seals: boolean;
  seal(place: SealedPlace, secret: Uint8Array): Uint8Array;
  /** @throws {SealError} */
  open(place: SealedPlace, value: Uint8Array): Uint8Array;
}

interface KnownKey {
  readonly id: Uint8Array;
  readonly key: Secret<Uint8Array>;
}

export function createSealer({ current, others }: StoreKeys, randomBytes: RandomBytes): Sealer {
  const own = current && knownKey(current);
  const known = new Map(
    [...(own ? [own] : []), ...others.map(knownKey)].map((each) => [encodeHex(each.id), each.key]),
  );
  const keyOf = (place: SealedPlace, id: string): Uint8Array => {
    const key = known.get(id);
    if (key !== undefined) return key.reveal();
    const got = known.size === 0 ? "none" : [...known.keys()].join(", ");
    throw new SealError(
      "unknownKey",
      `expected the store key ${id}, which ${nameOf(place)} is sealed under, got ${got}`,
    );
  };
  return {
    prefix: own === undefined ? PLAIN : concat(SEALED, own.id),
    seals: own !== undefined,
    seal(place, secret) {
      if (own === undefined) return concat(PLAIN, secret);
      const nonce = randomBytes(NONCE_BYTES);
      const sealed = aes256GcmSeal(own.key.reveal(), nonce, bindingOf(place), secret);
      return concat(SEALED, own.id, nonce, sealed);
    },
    open(place, value) {
      if (value[0] === PLAIN[0]) return value.slice(1);
      const start = SEALED.length + ID_BYTES;
      const key = keyOf(place, encodeHex(value.subarray(SEALED.length, start)));
      const nonce = value.subarray(start, start + NONCE_BYTES);
      const sealed = value.subarray(start + NONCE_BYTES);
      const isWhole = value[0] === SEALED[0] && nonce.length === NONCE_BYTES;
      const secret = isWhole ? aes256GcmOpen(key, nonce, bindingOf(place), sealed) : undefined;
      if (secret !== undefined) return secret;
      throw new SealError("damaged", `expected ${nameOf(place)} as it was sealed, got other bytes`);
    },
  };
}

/** The id tells keys apart and says nothing about them. */
function knownKey(key: Secret<Uint8Array>): KnownKey {
  const digest = sha256(concat(encodeUtf8("sumus store key id"), key.reveal()));
  return { id: digest.slice(0, ID_BYTES), key };
}

function bindingOf({ table, column, row }: SealedPlace): Uint8Array {
  return encodeUtf8(JSON.stringify([table, column, row]));
}

function nameOf({ table, column }: SealedPlace): string {
  return `a secret in ${table}.${column}`;
}
