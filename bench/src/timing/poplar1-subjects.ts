/** Poplar1: `gen` of the IDPF within shard, `eval` and the sketch within verifyInit. */
import { cryptoRandomBytes } from "@sumus/crypto";
import { createPoplar1, type Poplar1, type Poplar1AggParam, packBits } from "@sumus/vdaf";
import type { Subject } from "./subject.ts";

const BITS = 32;
const MEASUREMENT_BYTES = BITS / 8;
/** Candidates, and so nodes that are evaluated at the last level. */
const PREFIXES = 16;
/** Reports to draw random ones from: making one for each sample would take the whole time. */
const REPORTS = 128;

export function* poplar1Subjects(): Iterable<Subject> {
  const poplar1 = createPoplar1(BITS);
  yield shardSubject(poplar1);
  for (const [name, level] of [
    ["inner level", BITS / 2 - 1],
    ["leaves", BITS - 1],
  ] as const) {
    for (const aggregatorId of [0, 1]) yield verifySubject(poplar1, name, level, aggregatorId);
  }
}

function shardSubject(poplar1: Poplar1): Subject {
  const ctx = cryptoRandomBytes(32);
  return {
    name: `Poplar1(${BITS}) shard`,
    kind: "path",
    classes: ["zeros", "ones"],
    prepare: (secretClass) => {
      const measurement = new Uint8Array(MEASUREMENT_BYTES).fill(secretClass === 0 ? 0 : 0xff);
      const nonce = cryptoRandomBytes(poplar1.nonceSize);
      const rand = cryptoRandomBytes(poplar1.randSize);
      return () => poplar1.shard(ctx, measurement, nonce, rand);
    },
  };
}

/** Always the same report, or one of many: measurement, keys and every share differ. */
function verifySubject(
  poplar1: Poplar1,
  title: string,
  level: number,
  aggregatorId: number,
): Subject {
  const verification = poplar1.at(firstPrefixes(level));
  const verifyKey = cryptoRandomBytes(poplar1.verifyKeySize);
  const nonce = cryptoRandomBytes(poplar1.nonceSize);
  const ctx = cryptoRandomBytes(32);
  const reports = Array.from({ length: REPORTS }, () => {
    const measurement = cryptoRandomBytes(MEASUREMENT_BYTES);
    return poplar1.shard(ctx, measurement, nonce, cryptoRandomBytes(poplar1.randSize));
  });
  return {
    name: `Poplar1(${BITS}) verifyInit, ${title}, ${aggregatorId === 0 ? "leader" : "helper"}`,
    kind: "path",
    classes: ["one report", "random report"],
    prepare: (secretClass) => {
      const random = (cryptoRandomBytes(1)[0] ?? 0) % REPORTS;
      const report = reports[secretClass === 0 ? 0 : random];
      const publicShare = new Uint8Array(report?.publicShare ?? []);
      const inputShare = new Uint8Array(report?.inputShares[aggregatorId] ?? []);
      return () =>
        verification.verifyInit(verifyKey, ctx, aggregatorId, nonce, publicShare, inputShare);
    },
  };
}

/** The first candidates of a level in lexicographic order. */
function firstPrefixes(level: number): Poplar1AggParam {
  const prefixes = Array.from({ length: PREFIXES }, (_, value) =>
    packBits(Array.from({ length: level + 1 }, (__, bit) => ((value >> (level - bit)) & 1) === 1)),
  );
  return { level, prefixes };
}
