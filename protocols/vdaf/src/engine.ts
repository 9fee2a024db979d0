/**
 * The steps of Prio3 [VDAF-20, Section 7.2] on one arena, for one configuration. Lengths of the bytes
 * that enter are checked by the caller, canonical elements here. A call leaves secrets in the arena,
 * for the next call to overwrite.
 */
import { type Address, createKernel, type Kernel } from "@sumus/kernels";
import type { Circuit } from "./circuit.ts";
import type { Measurement, ResolvedPrio3Config } from "./config.ts";
import { createFlp, type Flp, type MeasurementForm } from "./flp.ts";
import { encodeMeasurement } from "./measurement-encoder.ts";
import type { ShardedReport, VerifyState } from "./prio3.ts";
import { VdafError } from "./vdaf-error.ts";
import {
  createXof,
  SEED_SIZE,
  USAGE_JOINT_RAND_PART,
  USAGE_JOINT_RAND_SEED,
  USAGE_JOINT_RANDOMNESS,
  USAGE_MEASUREMENT_SHARE,
  USAGE_PROOF_SHARE,
  USAGE_PROVE_RANDOMNESS,
  USAGE_QUERY_RANDOMNESS,
  type Xof,
} from "./xof.ts";

const BITS: MeasurementForm = { kind: "bits" };
const EMPTY: Uint8Array = new Uint8Array(0);

export interface Engine {
  shard(
    ctx: Uint8Array,
    measurement: Measurement,
    nonce: Uint8Array,
    rand: Uint8Array,
  ): ShardedReport;
  shardEncoded(
    ctx: Uint8Array,
    encoded: readonly bigint[],
    nonce: Uint8Array,
    rand: Uint8Array,
  ): ShardedReport;
  verifyInit(
    verifyKey: Uint8Array,
    ctx: Uint8Array,
    aggregatorId: number,
    nonce: Uint8Array,
    publicShare: Uint8Array,
    inputShare: Uint8Array,
  ): { readonly state: VerifyState; readonly verifierShare: Uint8Array };
  verifierSharesToMessage(ctx: Uint8Array, verifierShares: readonly Uint8Array[]): Uint8Array;
  sum(left: Uint8Array, right: Uint8Array): Uint8Array;
  requireCanonical(title: string, bytes: Uint8Array): void;
}

export function createEngine(
  circuit: Circuit,
  config: ResolvedPrio3Config,
  shares: number,
): Engine {
  return new Prio3Engine(circuit, config, shares);
}

class Prio3Engine implements Engine {
  readonly #kernel: Kernel;
  readonly #circuit: Circuit;
  readonly #config: ResolvedPrio3Config;
  readonly #shares: number;
  readonly #flp: Flp;
  readonly #xof: Xof;
  /** Elements of all proofs together. */
  readonly #proofsLength: number;
  /** An encoded input share: measurement, proofs, blind, one behind the other. */
  readonly #share: Address;
  readonly #measurement: Address;
  /** A helper's expanded measurement share or proofs share. */
  readonly #helper: Address;
  readonly #outShare: Address;
  readonly #jointRand: Address;
  readonly #proveRand: Address;
  readonly #queryRand: Address;
  /** An encoded verifier share: verifiers, joint randomness part. */
  readonly #verifier: Address;
  readonly #verifierShare: Address;
  readonly #parts: Address;
  readonly #seeds: Address;
  readonly #jointRandSeed: Address;
  readonly #verifyKey: Address;
  /** Binders: aggregator id and nonce; number of proofs and nonce; number of proofs and id. */
  readonly #idAndNonce: Address;
  readonly #proofsAndNonce: Address;
  readonly #proofsAndId: Address;
  readonly #zeroSeed: Address;
  readonly #values: Address;

  constructor(circuit: Circuit, config: ResolvedPrio3Config, shares: number) {
    const kernel = createKernel(circuit.field);
    const { measurementLength, outputLength, proofs } = circuit;
    this.#kernel = kernel;
    this.#circuit = circuit;
    this.#config = config;
    this.#shares = shares;
    this.#flp = createFlp(kernel, circuit, config, shares);
    this.#xof = createXof(kernel, circuit.algorithmId);
    this.#proofsLength = circuit.proofLength * proofs;
    this.#share = kernel.allocateBytes(
      (measurementLength + this.#proofsLength) * circuit.field.encodedSize + SEED_SIZE,
    );
    this.#measurement = kernel.allocate(measurementLength);
    this.#helper = kernel.allocate(Math.max(measurementLength, this.#proofsLength));
    this.#outShare = kernel.allocate(outputLength);
    this.#jointRand = kernel.allocate(circuit.jointRandLength * proofs);
    this.#proveRand = kernel.allocate(circuit.proveRandLength * proofs);
    this.#queryRand = kernel.allocate(circuit.queryRandLength * proofs);
    const verifierBytes = circuit.verifierLength * proofs * circuit.field.encodedSize;
    this.#verifier = kernel.allocateBytes(verifierBytes + SEED_SIZE);
    this.#verifierShare = kernel.allocateBytes(verifierBytes + SEED_SIZE);
    this.#parts = kernel.allocateBytes(SEED_SIZE * shares);
    this.#seeds = kernel.allocateBytes(2 * SEED_SIZE * shares);
    this.#jointRandSeed = kernel.allocateBytes(SEED_SIZE);
    this.#verifyKey = kernel.allocateBytes(SEED_SIZE);
    this.#idAndNonce = kernel.allocateBytes(17);
    this.#proofsAndNonce = kernel.allocateBytes(17);
    this.#proofsAndId = kernel.allocateBytes(2);
    this.#zeroSeed = kernel.allocateBytes(SEED_SIZE);
    this.#values = kernel.allocateBytes(8 * (outputLength + 1));
    kernel.writeByte(this.#proofsAndNonce, proofs);
    kernel.writeByte(this.#proofsAndId, proofs);
  }

  shard(
    ctx: Uint8Array,
    measurement: Measurement,
    nonce: Uint8Array,
    rand: Uint8Array,
  ): ShardedReport {
    const [to, values] = [this.#measurement, this.#values];
    encodeMeasurement(this.#kernel, this.#config, this.#circuit, measurement, to, values);
    const oneHot = this.#config.kind === "histogram" && typeof measurement === "number";
    const form = oneHot ? ({ kind: "oneHot", hot: measurement } as const) : BITS;
    return this.#shard(ctx, nonce, rand, form);
  }

  shardEncoded(
    ctx: Uint8Array,
    encoded: readonly bigint[],
    nonce: Uint8Array,
    rand: Uint8Array,
  ): ShardedReport {
    this.#kernel.writeElements(this.#measurement, encoded);
    return this.#shard(ctx, nonce, rand, { kind: "any" });
  }

  /** Shards the encoded measurement that stands in the arena. */
  #shard(
    ctx: Uint8Array,
    nonce: Uint8Array,
    rand: Uint8Array,
    form: MeasurementForm,
  ): ShardedReport {
    const kernel = this.#kernel;
    const { ops } = kernel;
    const { measurementLength } = this.#circuit;
    this.#xof.setContext(ctx);
    kernel.write(this.#idAndNonce + 1, nonce);
    kernel.write(this.#seeds, rand);
    ops.copyVector(this.#share, 1, this.#measurement, 1, measurementLength);
    const helperSeeds: Address[] = [];
    for (let id = 1; id < this.#shares; id++) {
      const seed = this.#seeds + (id - 1) * this.#helperShareBytes;
      helperSeeds.push(seed);
      this.#expandMeasurementShare(this.#helper, id, seed);
      ops.subVector(this.#share, this.#share, this.#helper, measurementLength);
    }
    const leaderBlind = this.#seeds + (this.#shares - 1) * this.#helperShareBytes;
    if (this.#hasJointRand) {
      kernel.copyBytes(this.#shareBlind, leaderBlind, SEED_SIZE);
      this.#leaderPart();
      this.#deriveJointRand();
    }
    this.#prove(leaderBlind + (this.#hasJointRand ? SEED_SIZE : 0), form);
    for (const [index, seed] of helperSeeds.entries()) {
      this.#expandProofsShare(this.#helper, index + 1, seed);
      ops.subVector(this.#shareProofs, this.#shareProofs, this.#helper, this.#proofsLength);
    }
    return {
      publicShare: this.#hasJointRand ? kernel.read(this.#parts, SEED_SIZE * this.#shares) : EMPTY,
      inputShares: [
        kernel.read(this.#share, this.#shareBytes),
        ...helperSeeds.map((seed) => kernel.read(seed, this.#helperShareBytes)),
      ],
    };
  }

  verifyInit(
    verifyKey: Uint8Array,
    ctx: Uint8Array,
    aggregatorId: number,
    nonce: Uint8Array,
    publicShare: Uint8Array,
    inputShare: Uint8Array,
  ): { readonly state: VerifyState; readonly verifierShare: Uint8Array } {
    const kernel = this.#kernel;
    this.#xof.setContext(ctx);
    kernel.write(this.#verifyKey, verifyKey);
    kernel.write(this.#idAndNonce + 1, nonce);
    kernel.write(this.#proofsAndNonce + 1, nonce);
    kernel.write(this.#parts, publicShare);
    this.#openInputShare(aggregatorId, inputShare);
    this.#flp.truncate(this.#outShare, this.#share);
    if (this.#hasJointRand) {
      const part = this.#parts + SEED_SIZE * aggregatorId;
      kernel.copyBytes(this.#verifierPart(this.#verifier), part, SEED_SIZE);
      this.#deriveJointRand();
    }
    this.#query();
    return {
      state: {
        outShare: kernel.read(this.#outShare, this.#outShareBytes),
        jointRandSeed: this.#hasJointRand ? kernel.read(this.#jointRandSeed, SEED_SIZE) : EMPTY,
      },
      verifierShare: kernel.read(this.#verifier, this.#verifierShareBytes),
    };
  }

  verifierSharesToMessage(ctx: Uint8Array, verifierShares: readonly Uint8Array[]): Uint8Array {
    const kernel = this.#kernel;
    const { proofs, verifierLength } = this.#circuit;
    const length = verifierLength * proofs;
    kernel.zero(this.#verifier, length * this.#elementSize);
    for (const [id, share] of verifierShares.entries()) {
      kernel.write(this.#verifierShare, share);
      this.#requireCanonicalAt("verifier share", this.#verifierShare, length);
      kernel.ops.addVector(this.#verifier, this.#verifier, this.#verifierShare, length);
      if (this.#hasJointRand) {
        const part = this.#parts + SEED_SIZE * id;
        kernel.copyBytes(part, this.#verifierPart(this.#verifierShare), SEED_SIZE);
      }
    }
    for (let proof = 0; proof < proofs; proof++) {
      if (!this.#flp.decide(kernel.at(this.#verifier, proof * verifierLength))) {
        throw new VdafError("vdafVerifyError", "expected a proof of a valid measurement");
      }
    }
    if (!this.#hasJointRand) return EMPTY;
    this.#xof.setContext(ctx);
    this.#deriveJointRandSeed();
    return kernel.read(this.#jointRandSeed, SEED_SIZE);
  }

  sum(left: Uint8Array, right: Uint8Array): Uint8Array {
    const kernel = this.#kernel;
    const { outputLength } = this.#circuit;
    kernel.write(this.#outShare, left);
    kernel.write(this.#helper, right);
    this.#requireCanonicalAt("aggregate share", this.#outShare, outputLength);
    this.#requireCanonicalAt("output share", this.#helper, outputLength);
    kernel.ops.addVector(this.#outShare, this.#outShare, this.#helper, outputLength);
    return kernel.read(this.#outShare, this.#outShareBytes);
  }

  requireCanonical(title: string, bytes: Uint8Array): void {
    this.#kernel.write(this.#outShare, bytes);
    this.#requireCanonicalAt(title, this.#outShare, this.#circuit.outputLength);
  }

  /** Expands or copies an input share to `#share`, and stores its joint randomness part. */
  #openInputShare(aggregatorId: number, inputShare: Uint8Array): void {
    if (aggregatorId === 0) {
      this.#kernel.write(this.#share, inputShare);
      const length = this.#circuit.measurementLength + this.#proofsLength;
      this.#requireCanonicalAt("input share", this.#share, length);
      if (this.#hasJointRand) this.#leaderPart();
      return;
    }
    this.#kernel.write(this.#seeds, inputShare);
    this.#expandMeasurementShare(this.#share, aggregatorId, this.#seeds);
    this.#expandProofsShare(this.#shareProofs, aggregatorId, this.#seeds);
  }

  /**
   * Expands a helper's measurement share and stores its joint randomness part, whose blind follows the
   * seed: one sponge absorbs what the other squeezes.
   */
  #expandMeasurementShare(to: Address, aggregatorId: number, seed: Address): void {
    const { sponge } = this.#kernel;
    const { measurementLength } = this.#circuit;
    this.#kernel.writeByte(this.#idAndNonce, aggregatorId);
    if (!this.#hasJointRand) {
      this.#xof.start(USAGE_MEASUREMENT_SHARE, seed, this.#idAndNonce, 1);
      this.#xof.vector(to, measurementLength);
      return;
    }
    this.#xof.start(USAGE_JOINT_RAND_PART, seed + SEED_SIZE, this.#idAndNonce, 17);
    sponge.swap();
    this.#xof.start(USAGE_MEASUREMENT_SHARE, seed, this.#idAndNonce, 1);
    this.#xof.vectorIntoOther(to, measurementLength);
    sponge.swap();
    this.#xof.seed(this.#parts + SEED_SIZE * aggregatorId);
  }

  /** Stores the joint randomness part of the leader's share. */
  #leaderPart(): void {
    this.#kernel.writeByte(this.#idAndNonce, 0);
    this.#xof.start(USAGE_JOINT_RAND_PART, this.#shareBlind, this.#idAndNonce, 17);
    const length = this.#circuit.measurementLength * this.#elementSize;
    this.#kernel.sponge.absorb(this.#share, length);
    this.#xof.seed(this.#parts);
  }

  #expandProofsShare(to: Address, aggregatorId: number, seed: Address): void {
    this.#kernel.writeByte(this.#proofsAndId + 1, aggregatorId);
    this.#xof.start(USAGE_PROOF_SHARE, seed, this.#proofsAndId, 2);
    this.#xof.vector(to, this.#proofsLength);
  }

  #deriveJointRandSeed(): void {
    const length = SEED_SIZE * this.#shares;
    this.#xof.start(USAGE_JOINT_RAND_SEED, this.#zeroSeed, this.#parts, length);
    this.#xof.seed(this.#jointRandSeed);
  }

  #deriveJointRand(): void {
    const { jointRandLength, proofs } = this.#circuit;
    this.#deriveJointRandSeed();
    this.#xof.start(USAGE_JOINT_RANDOMNESS, this.#jointRandSeed, this.#proofsAndId, 1);
    this.#xof.vector(this.#jointRand, jointRandLength * proofs);
  }

  #prove(seed: Address, form: MeasurementForm): void {
    const { at } = this.#kernel;
    const { jointRandLength, proofLength, proofs, proveRandLength } = this.#circuit;
    this.#xof.start(USAGE_PROVE_RANDOMNESS, seed, this.#proofsAndId, 1);
    this.#xof.vector(this.#proveRand, proveRandLength * proofs);
    for (let proof = 0; proof < proofs; proof++) {
      this.#flp.prove(
        at(this.#shareProofs, proof * proofLength),
        this.#measurement,
        at(this.#proveRand, proof * proveRandLength),
        at(this.#jointRand, proof * jointRandLength),
        form,
      );
    }
  }

  #query(): void {
    const { at } = this.#kernel;
    const { jointRandLength, proofLength, proofs, queryRandLength, verifierLength } = this.#circuit;
    this.#xof.start(USAGE_QUERY_RANDOMNESS, this.#verifyKey, this.#proofsAndNonce, 17);
    this.#xof.vector(this.#queryRand, queryRandLength * proofs);
    for (let proof = 0; proof < proofs; proof++) {
      this.#flp.query(
        at(this.#verifier, proof * verifierLength),
        this.#share,
        this.#outShare,
        at(this.#shareProofs, proof * proofLength),
        at(this.#queryRand, proof * queryRandLength),
        at(this.#jointRand, proof * jointRandLength),
      );
    }
  }

  #requireCanonicalAt(title: string, vector: Address, length: number): void {
    if (this.#kernel.ops.areCanonical(vector, length) === 0) {
      throw new VdafError("vdafInputError", `expected canonical field elements in the ${title}`);
    }
  }

  get #hasJointRand(): boolean {
    return this.#circuit.jointRandLength > 0;
  }

  get #elementSize(): number {
    return this.#circuit.field.encodedSize;
  }

  get #shareProofs(): Address {
    return this.#kernel.at(this.#share, this.#circuit.measurementLength);
  }

  get #shareBlind(): Address {
    return this.#kernel.at(this.#share, this.#circuit.measurementLength + this.#proofsLength);
  }

  get #shareBytes(): number {
    return this.#shareBlind - this.#share + (this.#hasJointRand ? SEED_SIZE : 0);
  }

  get #helperShareBytes(): number {
    return this.#hasJointRand ? 2 * SEED_SIZE : SEED_SIZE;
  }

  get #outShareBytes(): number {
    return this.#circuit.outputLength * this.#elementSize;
  }

  #verifierPart(verifierShare: Address): Address {
    const { proofs, verifierLength } = this.#circuit;
    return this.#kernel.at(verifierShare, verifierLength * proofs);
  }

  get #verifierShareBytes(): number {
    return this.#verifierPart(0) + (this.#hasJointRand ? SEED_SIZE : 0);
  }
}
