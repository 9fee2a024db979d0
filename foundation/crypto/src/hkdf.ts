/**
 * HKDF [RFC 5869], and its labelled form of HPKE [RFC 9180, Section 4].
 *
 * @module
 */
import { assert } from "@sumus/assert";
import { concat, encodeUtf8 } from "@sumus/bytes";
import type { Backend, HashName } from "./backend.ts";

const HASH_BYTES = { sha256: 32, sha512: 64 } as const;
const HPKE_VERSION = encodeUtf8("HPKE-v1");

export interface Hkdf {
  readonly hashBytes: number;
  extract(salt: Uint8Array, inputKey: Uint8Array): Uint8Array;
  expand(pseudorandomKey: Uint8Array, info: Uint8Array, length: number): Uint8Array;
}

export function createHkdf(backend: Backend, hash: HashName): Hkdf {
  const hashBytes = HASH_BYTES[hash];
  return {
    hashBytes,
    // An absent salt is a string of zeros [RFC 5869, Section 2.2], which is what HMAC pads to.
    extract: (salt, inputKey) => backend.hmac(hash, salt, inputKey),
    expand: (pseudorandomKey, info, length) => {
      assert(length <= 255 * hashBytes, "HKDF expands to at most 255 hash lengths");
      const output = new Uint8Array(length);
      let block = new Uint8Array();
      for (let offset = 0, counter = 1; offset < length; offset += hashBytes, counter++) {
        const message = concat(block, info, Uint8Array.of(counter));
        block = new Uint8Array(backend.hmac(hash, pseudorandomKey, message));
        output.set(block.subarray(0, length - offset), offset);
      }
      return output;
    },
  };
}

/** LabeledExtract and LabeledExpand, bound to one suite identifier. */
export interface LabeledHkdf {
  readonly hashBytes: number;
  extract(salt: Uint8Array, label: string, inputKey: Uint8Array): Uint8Array;
  expand(pseudorandomKey: Uint8Array, label: string, info: Uint8Array, length: number): Uint8Array;
}

export function createLabeledHkdf(hkdf: Hkdf, suiteId: Uint8Array): LabeledHkdf {
  const prefix = concat(HPKE_VERSION, suiteId);
  return {
    hashBytes: hkdf.hashBytes,
    extract: (salt, label, inputKey) =>
      hkdf.extract(salt, concat(prefix, encodeUtf8(label), inputKey)),
    expand: (pseudorandomKey, label, info, length) => {
      const lengthBytes = Uint8Array.of(length >> 8, length & 0xff);
      const labeled = concat(lengthBytes, prefix, encodeUtf8(label), info);
      return hkdf.expand(pseudorandomKey, labeled, length);
    },
  };
}
