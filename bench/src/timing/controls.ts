/** Subjects whose verdict is known: they test the harness. */
import { equalConstantTime } from "@sumus/bytes";
import { cryptoRandomBytes } from "@sumus/crypto";
import { createPrio3 } from "@sumus/vdaf";
import type { Subject } from "./subject.ts";

const SECRET_BYTES = 32;
/** 16 MiB: more than the caches near a core. */
const TABLE_LENGTH = 1 << 22;

export function* controlSubjects(): Iterable<Subject> {
  yield leakyComparison();
  yield leakyTable();
  yield sameComparison();
  yield sameShard();
}

/** The comparison that everybody writes first: the time tells how much of a guess is right. */
function leakyComparison(): Subject {
  return {
    name: "comparison that stops early",
    kind: "positive control",
    classes: ["first byte wrong", "last byte wrong"],
    prepare: (secretClass) => {
      const secret = cryptoRandomBytes(SECRET_BYTES);
      const guess = secret.slice();
      const at = secretClass === 0 ? 0 : SECRET_BYTES - 1;
      guess[at] = (guess[at] ?? 0) ^ 1;
      return () => equalUntilDifferent(secret, guess);
    },
  };
}

function equalUntilDifferent(left: Uint8Array, right: Uint8Array): boolean {
  for (let index = 0; index < left.length; index++) {
    if (left[index] !== right[index]) return false;
  }
  return true;
}

/** A table with a secret index: what was used before lies in the cache, as with AES of old. */
function leakyTable(): Subject {
  const table = Uint32Array.from({ length: TABLE_LENGTH }, (_, index) => index ^ 0x9e37);
  return {
    name: "table with a secret index",
    kind: "positive control",
    classes: ["same index", "random index"],
    prepare: (secretClass) => {
      const random = new DataView(cryptoRandomBytes(4).slice().buffer).getUint32(0) % TABLE_LENGTH;
      const index = secretClass === 0 ? 0 : random;
      return () => table[index];
    },
  };
}

function sameComparison(): Subject {
  return {
    name: "equalConstantTime, 32 B, both alike",
    kind: "null control",
    classes: ["random", "random"],
    prepare: () => {
      const [left, right] = [cryptoRandomBytes(SECRET_BYTES), cryptoRandomBytes(SECRET_BYTES)];
      return () => equalConstantTime(left, right);
    },
  };
}

function sameShard(): Subject {
  const prio3 = createPrio3({ kind: "histogram", length: 256 });
  const ctx = cryptoRandomBytes(32);
  return {
    name: "Histogram(256) shard, both alike",
    kind: "null control",
    classes: ["bucket 7", "bucket 7"],
    prepare: () => {
      const nonce = cryptoRandomBytes(prio3.nonceSize);
      const rand = cryptoRandomBytes(prio3.randSize);
      return () => prio3.shard(ctx, 7, nonce, rand);
    },
  };
}
