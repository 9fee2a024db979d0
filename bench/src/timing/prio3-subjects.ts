/** Prio3: what a client does to a measurement, what an aggregator does to a share. */
import { concat } from "@sumus/bytes";
import { cryptoRandomBytes } from "@sumus/crypto";
import { createPrio3, type Measurement, type Prio3Config } from "@sumus/vdaf";
import type { Subject } from "./subject.ts";

const U32_MAX = 2 ** 32 - 1;
const U16_MAX = 2 ** 16 - 1;
const VECTOR_LENGTH = 100;
const BUCKETS = 256;

/** A measurement of a class, made anew for each sample. */
interface Side {
  readonly name: string;
  make(): Measurement;
}

export function* prio3Subjects(): Iterable<Subject> {
  yield* shardSubjects();
  const verified: readonly [string, Prio3Config][] = [
    ["Count", { kind: "count" }],
    [`Sum(${U32_MAX})`, { kind: "sum", maxMeasurement: U32_MAX }],
    [`Histogram(${BUCKETS})`, { kind: "histogram", length: BUCKETS }],
    [`SumVec(${VECTOR_LENGTH} x 16 bit)`, sumVec()],
    [`MultihotCountVec(${VECTOR_LENGTH})`, multihot()],
    [`L1BoundSum(${VECTOR_LENGTH})`, l1BoundSum()],
  ];
  for (const [name, config] of verified) {
    yield leaderSubject(name, config);
    yield helperSubject(name, config);
  }
}

function* shardSubjects(): Iterable<Subject> {
  const histogram: Prio3Config = { kind: "histogram", length: BUCKETS };
  const first = scalar("first bucket", 0);
  const last = scalar("last bucket", BUCKETS - 1);
  const random = { name: "random bucket", make: () => cryptoRandomBytes(1)[0] ?? 0 };
  yield shardSubject("Count", { kind: "count" }, scalar("0", 0), scalar("1", 1));
  const sum: Prio3Config = { kind: "sum", maxMeasurement: U16_MAX };
  yield shardSubject(`Sum(${U16_MAX})`, sum, scalar("0", 0), scalar("max", U16_MAX));
  yield shardSubject(`Histogram(${BUCKETS})`, histogram, first, last);
  yield shardSubject(`Histogram(${BUCKETS})`, histogram, first, random);

  const zeros = vector("zeros", () => 0);
  const maxima = vector("maxima", () => U16_MAX);
  yield shardSubject(`SumVec(${VECTOR_LENGTH} x 16 bit)`, sumVec(), zeros, maxima);
  const weight = vector("full weight", (index) => (index < VECTOR_LENGTH / 2 ? 1 : 0));
  yield shardSubject(`MultihotCountVec(${VECTOR_LENGTH})`, multihot(), zeros, weight);
  const oneMax = vector("norm in one", (index) => (index === VECTOR_LENGTH - 1 ? U16_MAX : 0));
  yield shardSubject(`L1BoundSum(${VECTOR_LENGTH})`, l1BoundSum(), zeros, oneMax);
  yield* boxedSubjects();
}

/**
 * V8 keeps whole numbers below 2^31 in place and boxes others, and it keeps an array in another
 * form from the first boxed one on. Reading them takes different time, and an application that makes
 * such an array gives as much away: nothing below can mend it.
 */
function* boxedSubjects(): Iterable<Subject> {
  const sum: Prio3Config = { kind: "sum", maxMeasurement: U32_MAX };
  const sides = [scalar("0", 0), scalar("beyond 2^31", U32_MAX)] as const;
  yield { ...shardSubject(`Sum(${U32_MAX})`, sum, ...sides), kind: "limit" };
  const sumVec: Prio3Config = { kind: "sumVec", length: VECTOR_LENGTH, maxMeasurement: U32_MAX };
  const zeros = vector("zeros", () => 0);
  const oneBoxed = vector("one beyond 2^31", (index) => (index === 0 ? U32_MAX : 0));
  const name = `SumVec(${VECTOR_LENGTH} x 32 bit)`;
  yield { ...shardSubject(name, sumVec, zeros, oneBoxed), kind: "limit" };
}

function shardSubject(name: string, config: Prio3Config, first: Side, second: Side): Subject {
  const prio3 = createPrio3(config);
  const ctx = cryptoRandomBytes(32);
  return {
    name: `${name} shard`,
    kind: "path",
    classes: [first.name, second.name],
    prepare: (secretClass) => {
      // Both are made, so that the memory behind looks the same whichever is taken.
      const measurements = [first.make(), second.make()] as const;
      const measurement = measurements[secretClass];
      const nonce = cryptoRandomBytes(prio3.nonceSize);
      const rand = cryptoRandomBytes(prio3.randSize);
      return () => prio3.shard(ctx, measurement, nonce, rand);
    },
  };
}

/** The leader's share is a vector: zeros make carries and corrections rare, random ones do not. */
function leaderSubject(name: string, config: Prio3Config): Subject {
  const { inputShareSizes } = createPrio3(config);
  const zeros = new Uint8Array(inputShareSizes[0]);
  // Without a byte of 255 every element is canonical: verifyInit would refuse one in 2^32 otherwise.
  const random = (): Uint8Array => cryptoRandomBytes(zeros.length).map((byte) => byte % 255);
  return verifySubject(`${name} verifyInit, leader`, config, 0, ["zeros", "random"], zeros, random);
}

/** The helper's share is a seed: one of them always, or another each time. */
function helperSubject(name: string, config: Prio3Config): Subject {
  const { inputShareSizes } = createPrio3(config);
  const random = (): Uint8Array => cryptoRandomBytes(inputShareSizes[1]);
  const title = `${name} verifyInit, helper`;
  return verifySubject(title, config, 1, ["one seed", "random seed"], random(), random);
}

function verifySubject(
  name: string,
  config: Prio3Config,
  aggregatorId: number,
  classes: readonly [string, string],
  fixed: Uint8Array,
  random: () => Uint8Array,
): Subject {
  const prio3 = createPrio3(config);
  const verifyKey = cryptoRandomBytes(prio3.verifyKeySize);
  const ctx = cryptoRandomBytes(32);
  const publicShare = cryptoRandomBytes(prio3.publicShareSize);
  return {
    name,
    kind: "path",
    classes,
    prepare: (secretClass) => {
      const other = random();
      const share = concat(secretClass === 0 ? fixed : other);
      const nonce = cryptoRandomBytes(prio3.nonceSize);
      return () => prio3.verifyInit(verifyKey, ctx, aggregatorId, nonce, publicShare, share);
    },
  };
}

function sumVec(): Prio3Config {
  return { kind: "sumVec", length: VECTOR_LENGTH, maxMeasurement: U16_MAX };
}

function multihot(): Prio3Config {
  return { kind: "multihotCountVec", length: VECTOR_LENGTH, maxWeight: VECTOR_LENGTH / 2 };
}

function l1BoundSum(): Prio3Config {
  return { kind: "l1BoundSum", length: VECTOR_LENGTH, maxValue: U16_MAX };
}

function scalar(name: string, value: number): Side {
  return { name, make: () => value };
}

function vector(name: string, valueAt: (index: number) => number): Side {
  return { name, make: () => Array.from({ length: VECTOR_LENGTH }, (_, index) => valueAt(index)) };
}
