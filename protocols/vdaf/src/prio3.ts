/**
 * Prio3 [VDAF-20, Section 7]: sharding by the client, verification by each aggregator, aggregation,
 * unsharding by the collector. Everything enters and leaves as encoded bytes.
 */

import { equalConstantTime } from "@sumus/bytes";
import { decodeVector, encodeVector } from "@sumus/field";
import { type Circuit, circuitOf } from "./circuit.ts";
import {
  type Measurement,
  type Prio3Config,
  type ResolvedPrio3Config,
  resolveConfig,
} from "./config.ts";
import { createEngine, type Engine } from "./engine.ts";
import { requireLength, VdafError } from "./vdaf-error.ts";
import { SEED_SIZE } from "./xof.ts";

const NONCE_SIZE = 16;
const VERIFY_KEY_SIZE = 32;
const SHARES_MAX = 255;

/** What an aggregator keeps of a report between its two steps: secret. */
export interface VerifyState {
  /** Encoded: little-endian field elements. */
  readonly outShare: Uint8Array;
  /** The joint randomness seed that follows from the public share; empty without joint randomness. */
  readonly jointRandSeed: Uint8Array;
}

/** A report's public share, and an input share for each aggregator, the leader's first. */
export interface ShardedReport {
  readonly publicShare: Uint8Array;
  readonly inputShares: readonly Uint8Array[];
}

/** One instance of Prio3. Every method but the pure arithmetic throws {@link VdafError}. */
export interface Prio3 {
  readonly algorithmId: number;
  readonly config: ResolvedPrio3Config;
  /** Number of aggregators. */
  readonly shares: number;
  readonly rounds: 1;
  /** Sizes in bytes. */
  readonly nonceSize: 16;
  readonly randSize: number;
  readonly verifyKeySize: 32;
  readonly publicShareSize: number;
  /** [leader, each helper] */
  readonly inputShareSizes: readonly [number, number];
  readonly verifierShareSize: number;
  readonly verifierMessageSize: number;
  readonly aggregateShareSize: number;
  readonly verifyStateSize: number;
  readonly fieldModulus: bigint;
  /** Elements of an aggregate result. */
  readonly outputLength: number;

  /** The client's part. `rand` is `randSize` fresh secret bytes, `nonce` is unique to the report. */
  shard(
    ctx: Uint8Array,
    measurement: Measurement,
    nonce: Uint8Array,
    rand: Uint8Array,
  ): ShardedReport;

  /** An aggregator's first step, without what the others hold. */
  verifyInit(
    verifyKey: Uint8Array,
    ctx: Uint8Array,
    aggregatorId: number,
    nonce: Uint8Array,
    publicShare: Uint8Array,
    inputShare: Uint8Array,
  ): { readonly state: VerifyState; readonly verifierShare: Uint8Array };

  /** Combines the verifier shares of all aggregators, in order. Throws `vdafVerifyError`. */
  verifierSharesToMessage(ctx: Uint8Array, verifierShares: readonly Uint8Array[]): Uint8Array;

  /** An aggregator's last step: the encoded output share. Throws `vdafVerifyError`. */
  verifyNext(ctx: Uint8Array, state: VerifyState, message: Uint8Array): Uint8Array;

  /**
   * Throws `vdafVerifyError` when the public share names another joint randomness part than the
   * one at the end of this aggregator's own verifier share.
   */
  requireOwnPart(aggregatorId: number, publicShare: Uint8Array, verifierShare: Uint8Array): void;

  encodeState(state: VerifyState): Uint8Array;
  decodeState(bytes: Uint8Array): VerifyState;

  /** An empty aggregate share. */
  aggregateInit(): Uint8Array;
  /** The sum of an aggregate share and an output share. */
  aggregateUpdate(aggregateShare: Uint8Array, outShare: Uint8Array): Uint8Array;
  /** The sum of two aggregate shares. */
  merge(left: Uint8Array, right: Uint8Array): Uint8Array;
  /** The aggregate result, residues in [0, p), from the aggregate shares of all aggregators. */
  unshard(aggregateShares: readonly Uint8Array[], measurementCount: number): bigint[];

  /** Integers as an aggregate share; negative ones wrap. For noise. */
  encodeAggregate(values: readonly bigint[]): Uint8Array;
  /** Residues in [0, p) of an aggregate share. */
  decodeAggregate(bytes: Uint8Array): bigint[];
}

/**
 * An instance of Prio3 for `config` and any number of aggregators from 2 to 255. Its arena is made
 * at first use and belongs to it alone; {@link createPrio3} shares instances.
 *
 * @throws {VdafError} `vdafParameterError` when a parameter is impossible
 */
export class Prio3Instance implements Prio3 {
  readonly config: ResolvedPrio3Config;
  readonly shares: number;
  readonly rounds = 1;
  readonly nonceSize: 16 = NONCE_SIZE;
  readonly verifyKeySize: 32 = VERIFY_KEY_SIZE;
  readonly #circuit: Circuit;
  #engine: Engine | undefined;

  constructor(config: ResolvedPrio3Config, shares: number, circuit: Circuit = circuitOf(config)) {
    if (!Number.isInteger(shares) || shares < 2 || shares > SHARES_MAX) {
      throw new VdafError(
        "vdafParameterError",
        `shares: expected an integer from 2 to ${SHARES_MAX}, got ${shares}`,
      );
    }
    this.config = config;
    this.shares = shares;
    this.#circuit = circuit;
  }

  get algorithmId(): number {
    return this.#circuit.algorithmId;
  }

  get fieldModulus(): bigint {
    return this.#circuit.field.modulus;
  }

  get outputLength(): number {
    return this.#circuit.outputLength;
  }

  get measurementLength(): number {
    return this.#circuit.measurementLength;
  }

  get randSize(): number {
    return SEED_SIZE * this.shares * (this.#hasJointRand ? 2 : 1);
  }

  get publicShareSize(): number {
    return this.#hasJointRand ? SEED_SIZE * this.shares : 0;
  }

  get inputShareSizes(): readonly [number, number] {
    const { field, measurementLength, proofLength, proofs } = this.#circuit;
    const blind = this.#hasJointRand ? SEED_SIZE : 0;
    const elements = measurementLength + proofLength * proofs;
    return [elements * field.encodedSize + blind, SEED_SIZE + blind];
  }

  get verifierShareSize(): number {
    const { field, proofs, verifierLength } = this.#circuit;
    return verifierLength * proofs * field.encodedSize + (this.#hasJointRand ? SEED_SIZE : 0);
  }

  get verifierMessageSize(): number {
    return this.#hasJointRand ? SEED_SIZE : 0;
  }

  get aggregateShareSize(): number {
    return this.outputLength * this.#circuit.field.encodedSize;
  }

  get verifyStateSize(): number {
    return this.verifierMessageSize + this.aggregateShareSize;
  }

  shard(
    ctx: Uint8Array,
    measurement: Measurement,
    nonce: Uint8Array,
    rand: Uint8Array,
  ): ShardedReport {
    this.#requireSharding(nonce, rand);
    return this.#open().shard(ctx, measurement, nonce, rand);
  }

  /** Shards whatever the encoded measurement is. Not for clients. */
  shardEncoded(
    ctx: Uint8Array,
    encoded: readonly bigint[],
    nonce: Uint8Array,
    rand: Uint8Array,
  ): ShardedReport {
    this.#requireSharding(nonce, rand);
    if (encoded.length !== this.measurementLength) {
      throw new VdafError(
        "vdafMeasurementError",
        `expected ${this.measurementLength} encoded elements, got ${encoded.length}`,
      );
    }
    return this.#open().shardEncoded(ctx, encoded, nonce, rand);
  }

  verifyInit(
    verifyKey: Uint8Array,
    ctx: Uint8Array,
    aggregatorId: number,
    nonce: Uint8Array,
    publicShare: Uint8Array,
    inputShare: Uint8Array,
  ): { readonly state: VerifyState; readonly verifierShare: Uint8Array } {
    if (!Number.isInteger(aggregatorId) || aggregatorId < 0 || aggregatorId >= this.shares) {
      throw new VdafError(
        "vdafInputError",
        `expected an aggregator id from 0 to ${this.shares - 1}, got ${aggregatorId}`,
      );
    }
    requireLength("verify key", verifyKey, VERIFY_KEY_SIZE);
    requireLength("nonce", nonce, NONCE_SIZE);
    requireLength("public share", publicShare, this.publicShareSize);
    requireLength("input share", inputShare, this.inputShareSizes[aggregatorId === 0 ? 0 : 1]);
    return this.#open().verifyInit(verifyKey, ctx, aggregatorId, nonce, publicShare, inputShare);
  }

  verifierSharesToMessage(ctx: Uint8Array, verifierShares: readonly Uint8Array[]): Uint8Array {
    if (verifierShares.length !== this.shares) {
      throw new VdafError(
        "vdafInputError",
        `expected ${this.shares} verifier shares, got ${verifierShares.length}`,
      );
    }
    for (const share of verifierShares) {
      requireLength("verifier share", share, this.verifierShareSize);
    }
    return this.#open().verifierSharesToMessage(ctx, verifierShares);
  }

  verifyNext(_ctx: Uint8Array, state: VerifyState, message: Uint8Array): Uint8Array {
    requireLength("verifier message", message, this.verifierMessageSize);
    if (!equalConstantTime(state.jointRandSeed, message)) {
      throw new VdafError("vdafVerifyError", "expected the joint randomness of the public share");
    }
    return state.outShare;
  }

  requireOwnPart(aggregatorId: number, publicShare: Uint8Array, verifierShare: Uint8Array): void {
    requireLength("public share", publicShare, this.publicShareSize);
    requireLength("verifier share", verifierShare, this.verifierShareSize);
    if (!this.#hasJointRand) return;
    const claimed = publicShare.subarray(aggregatorId * SEED_SIZE, (aggregatorId + 1) * SEED_SIZE);
    const own = verifierShare.subarray(-SEED_SIZE);
    if (!equalConstantTime(claimed, own)) {
      throw new VdafError(
        "vdafVerifyError",
        "expected the public share to name this aggregator's joint randomness part",
      );
    }
  }

  encodeState(state: VerifyState): Uint8Array {
    const bytes = new Uint8Array(this.verifyStateSize);
    bytes.set(state.jointRandSeed);
    bytes.set(state.outShare, this.verifierMessageSize);
    return bytes;
  }

  decodeState(bytes: Uint8Array): VerifyState {
    requireLength("verify state", bytes, this.verifyStateSize);
    const outShare = bytes.slice(this.verifierMessageSize);
    this.#open().requireCanonical("verify state", outShare);
    return { outShare, jointRandSeed: bytes.slice(0, this.verifierMessageSize) };
  }

  aggregateInit(): Uint8Array {
    return new Uint8Array(this.aggregateShareSize);
  }

  aggregateUpdate(aggregateShare: Uint8Array, outShare: Uint8Array): Uint8Array {
    return this.#sum("aggregate share", aggregateShare, "output share", outShare);
  }

  merge(left: Uint8Array, right: Uint8Array): Uint8Array {
    return this.#sum("aggregate share", left, "aggregate share", right);
  }

  unshard(aggregateShares: readonly Uint8Array[], measurementCount: number): bigint[] {
    if (aggregateShares.length !== this.shares) {
      throw new VdafError(
        "vdafInputError",
        `expected ${this.shares} aggregate shares, got ${aggregateShares.length}`,
      );
    }
    if (!Number.isSafeInteger(measurementCount) || measurementCount < 0) {
      throw new VdafError("vdafInputError", "expected a number of measurements");
    }
    let total = this.aggregateInit();
    for (const share of aggregateShares) total = this.merge(total, share);
    return decodeVector(this.#circuit.field, total);
  }

  encodeAggregate(values: readonly bigint[]): Uint8Array {
    if (values.length !== this.outputLength) {
      throw new VdafError(
        "vdafInputError",
        `expected ${this.outputLength} values, got ${values.length}`,
      );
    }
    return encodeVector(this.#circuit.field, values);
  }

  decodeAggregate(bytes: Uint8Array): bigint[] {
    requireLength("aggregate share", bytes, this.aggregateShareSize);
    this.#open().requireCanonical("aggregate share", bytes);
    return decodeVector(this.#circuit.field, bytes);
  }

  get #hasJointRand(): boolean {
    return this.#circuit.jointRandLength > 0;
  }

  #open(): Engine {
    this.#engine ??= createEngine(this.#circuit, this.config, this.shares);
    return this.#engine;
  }

  #requireSharding(nonce: Uint8Array, rand: Uint8Array): void {
    requireLength("nonce", nonce, NONCE_SIZE);
    requireLength("rand", rand, this.randSize);
  }

  #sum(leftTitle: string, left: Uint8Array, rightTitle: string, right: Uint8Array): Uint8Array {
    requireLength(leftTitle, left, this.aggregateShareSize);
    requireLength(rightTitle, right, this.aggregateShareSize);
    return this.#open().sum(left, right);
  }
}

/** Instances kept for reuse; each holds an arena. */
const INSTANCES_MAX = 64;
const instances = new Map<string, Prio3>();

/**
 * The instance of Prio3 for `config`, shared between callers.
 *
 * @throws {VdafError} `vdafParameterError` when a parameter is impossible
 */
export function createPrio3(config: Prio3Config, options: { shares?: number } = {}): Prio3 {
  const shares = options.shares ?? 2;
  const resolved = resolveConfig(config);
  const key = JSON.stringify([resolved, shares]);
  const known = instances.get(key);
  if (known !== undefined) {
    // A Map iterates in insertion order: the least recently used instance comes first.
    instances.delete(key);
    instances.set(key, known);
    return known;
  }
  const created = new Prio3Instance(resolved, shares);
  instances.set(key, created);
  if (instances.size > INSTANCES_MAX) {
    for (const oldest of instances.keys()) {
      instances.delete(oldest);
      break;
    }
  }
  return created;
}
