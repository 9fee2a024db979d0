/** Opening an input share with the node's private key, on both backends. */
import { defined } from "@sumus/assert";
import {
  cryptoRandomBytes,
  hpkeImportKeyPair,
  hpkeImportPublicKey,
  hpkeOpen,
  hpkeSeal,
  hpkeSuite,
} from "@sumus/crypto";
import { portableHpke } from "@sumus/crypto/portable";
import type { Subject, SubjectKind } from "./subject.ts";

const SUITE = hpkeSuite(0x0020, 0x0001, 0x0001);
const PRIVATE_KEY_BYTES = 32;
/** The helper's share of a report with joint randomness. */
const PLAINTEXT_BYTES = 70;
const INFO = new Uint8Array(20);
const AAD = new Uint8Array(264);
/** Keys and messages to draw from: noble needs a millisecond to import a key. */
const PAIRS = 128;

type Backend = Pick<typeof portableHpke, "importKeyPair" | "open">;

export function* hpkeSubjects(): Iterable<Subject> {
  const native: Backend = { importKeyPair: hpkeImportKeyPair, open: hpkeOpen };
  yield openSubject("HPKE open, native", "path", native);
  yield openSubject("HPKE open, noble", "limit", portableHpke);
}

/** Always the same key and message, or another of each: any trace of either shows. */
function openSubject(name: string, kind: SubjectKind, backend: Backend): Subject {
  const pairs = Array.from({ length: PAIRS }, sealedPair);
  const first = defined(pairs[0], "there are pairs");
  const imported = pairs.map(({ privateKey, sealed }) => ({
    keyPair: backend.importKeyPair(SUITE, privateKey),
    sealed,
  }));
  // As many objects of the one key as there are others: both classes find theirs as cold.
  const copies = pairs.map(() => ({
    keyPair: backend.importKeyPair(SUITE, first.privateKey),
    sealed: first.sealed,
  }));
  return {
    name,
    kind,
    classes: ["one key and message", "random ones"],
    prepare: (secretClass) => {
      const index = (cryptoRandomBytes(1)[0] ?? 0) % PAIRS;
      const pair = defined((secretClass === 0 ? copies : imported)[index], "a pair is drawn");
      const enc = pair.sealed.enc.slice();
      const ciphertext = pair.sealed.ciphertext.slice();
      return () => backend.open(pair.keyPair, { enc, ciphertext }, INFO, AAD);
    },
  };
}

function sealedPair(): { privateKey: Uint8Array; sealed: ReturnType<typeof hpkeSeal> } {
  const privateKey = cryptoRandomBytes(PRIVATE_KEY_BYTES);
  const { publicKey } = hpkeImportKeyPair(SUITE, privateKey);
  const recipient = hpkeImportPublicKey(SUITE, publicKey.bytes);
  const plaintext = cryptoRandomBytes(PLAINTEXT_BYTES);
  return { privateKey, sealed: hpkeSeal(recipient, INFO, AAD, plaintext, cryptoRandomBytes) };
}
