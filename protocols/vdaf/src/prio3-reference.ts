/**
 * Prio3 as the draft writes it [VDAF-20, Section 7.2], on BigInt: what the fast way is compared with.
 * For tests only.
 */
import { defined } from "@sumus/assert";
import { concat } from "@sumus/bytes";
import { decodeVector, encodeVector, reduce } from "@sumus/field";
import { createXofTurboShake128, nextVector, type Xof } from "@sumus/xof";
import { type Circuit, circuitOf } from "./circuit.ts";
import { type Prio3Config, resolveConfig } from "./config.ts";
import { FlpReference, type Vector } from "./flp-reference.ts";
import type { ShardedReport } from "./prio3.ts";

const SEED_SIZE = 32;

export class Prio3Reference {
  readonly #circuit: Circuit;
  readonly #flp: FlpReference;
  readonly #shares: number;

  constructor(config: Prio3Config, shares: number) {
    const resolved = resolveConfig(config);
    this.#circuit = circuitOf(resolved);
    this.#flp = new FlpReference(resolved, this.#circuit);
    this.#shares = shares;
  }

  shard(ctx: Uint8Array, encoded: Vector, nonce: Uint8Array, rand: Uint8Array): ShardedReport {
    const { proveRandLength } = this.#circuit;
    const size = this.#hasJointRand ? 2 * SEED_SIZE : SEED_SIZE;
    const seedAt = (offset: number): Uint8Array => rand.slice(offset, offset + SEED_SIZE);
    const helpers = Array.from({ length: this.#shares - 1 }, (_, j) => ({
      id: j + 1,
      inputShare: rand.slice(j * size, (j + 1) * size),
      measurement: this.#measurementShare(ctx, j + 1, seedAt(j * size)),
      proof: this.#proofShare(ctx, j + 1, seedAt(j * size)),
      blind: seedAt(j * size + SEED_SIZE),
    }));
    const ownSeeds = (this.#shares - 1) * size;
    const blind = this.#hasJointRand ? seedAt(ownSeeds) : new Uint8Array();
    const proveSeed = seedAt(ownSeeds + blind.length);
    const leader = helpers.reduce(
      (rest, { measurement }) => this.#minus(rest, measurement),
      encoded,
    );
    const parts = [{ id: 0, blind, measurement: leader }, ...helpers].map((share) => {
      return this.#jointRandPart(ctx, share.id, share.blind, share.measurement, nonce);
    });
    const proveRand = this.#expand(proveSeed, 4, ctx, Uint8Array.of(1), proveRandLength);
    const jointRand = this.#jointRand(ctx, this.jointRandSeed(ctx, parts));
    const proof = this.#flp.prove(encoded, proveRand, jointRand);
    const leaderProof = helpers.reduce((rest, helper) => this.#minus(rest, helper.proof), proof);
    return {
      publicShare: this.#hasJointRand ? concat(...parts) : new Uint8Array(),
      inputShares: [
        concat(this.#encode(leader), this.#encode(leaderProof), blind),
        ...helpers.map(({ inputShare }) => inputShare),
      ],
    };
  }

  /** The encoded verifier share and output share of an aggregator. */
  verifyInit(
    verifyKey: Uint8Array,
    ctx: Uint8Array,
    id: number,
    nonce: Uint8Array,
    publicShare: Uint8Array,
    inputShare: Uint8Array,
  ): { readonly verifierShare: Uint8Array; readonly outShare: Uint8Array } {
    const { field, measurementLength, proofLength, queryRandLength } = this.#circuit;
    const seed = inputShare.slice(0, SEED_SIZE);
    const elementBytes = (measurementLength + proofLength) * field.encodedSize;
    const elements = id === 0 ? decodeVector(field, inputShare.slice(0, elementBytes)) : [];
    const [measurement, proof] =
      id === 0
        ? [elements.slice(0, measurementLength), elements.slice(measurementLength)]
        : [this.#measurementShare(ctx, id, seed), this.#proofShare(ctx, id, seed)];
    const blind = inputShare.slice(inputShare.length - SEED_SIZE);
    const part = this.#jointRandPart(ctx, id, blind, measurement, nonce);
    const parts = Array.from({ length: this.#shares }, (_, j) => {
      return j === id ? part : publicShare.slice(j * SEED_SIZE, (j + 1) * SEED_SIZE);
    });
    const jointRand = this.#jointRand(ctx, this.jointRandSeed(ctx, parts));
    const binder = concat(Uint8Array.of(1), nonce);
    const queryRand = this.#expand(verifyKey, 5, ctx, binder, queryRandLength);
    const verifier = this.#flp.query(measurement, proof, queryRand, jointRand, this.#shares);
    return {
      verifierShare: concat(this.#encode(verifier), this.#hasJointRand ? part : new Uint8Array()),
      outShare: this.#encode(this.#flp.truncate(measurement)),
    };
  }

  /** Whether the sum of verifier shares accepts. */
  decide(verifierShares: readonly Uint8Array[]): boolean {
    const { field, verifierLength } = this.#circuit;
    const vectors = verifierShares.map((share) => {
      return decodeVector(field, share.slice(0, verifierLength * field.encodedSize));
    });
    return this.#flp.decide(
      Array.from({ length: verifierLength }, (_, i) => {
        return reduce(
          field,
          vectors.reduce((sum, vector) => sum + elementAt(vector, i), 0n),
        );
      }),
    );
  }

  /** The encoded measurement, from all input shares. */
  measurementOf(ctx: Uint8Array, inputShares: readonly Uint8Array[]): Vector {
    const { field, measurementLength } = this.#circuit;
    const shares = inputShares.map((share, id) => {
      if (id > 0) return this.#measurementShare(ctx, id, share.slice(0, SEED_SIZE));
      return decodeVector(field, share.slice(0, measurementLength * field.encodedSize));
    });
    return Array.from({ length: measurementLength }, (_, i) => {
      return reduce(
        field,
        shares.reduce((sum, share) => sum + elementAt(share, i), 0n),
      );
    });
  }

  jointRandSeed(ctx: Uint8Array, parts: readonly Uint8Array[]): Uint8Array {
    return this.#xof(new Uint8Array(SEED_SIZE), 6, ctx, concat(...parts)).next(SEED_SIZE);
  }

  get #hasJointRand(): boolean {
    return this.#circuit.jointRandLength > 0;
  }

  #measurementShare(ctx: Uint8Array, id: number, seed: Uint8Array): Vector {
    return this.#expand(seed, 1, ctx, Uint8Array.of(id), this.#circuit.measurementLength);
  }

  #proofShare(ctx: Uint8Array, id: number, seed: Uint8Array): Vector {
    return this.#expand(seed, 2, ctx, Uint8Array.of(1, id), this.#circuit.proofLength);
  }

  #jointRandPart(
    ctx: Uint8Array,
    id: number,
    blind: Uint8Array,
    measurement: Vector,
    nonce: Uint8Array,
  ): Uint8Array {
    const binder = concat(Uint8Array.of(id), nonce, this.#encode(measurement));
    return this.#xof(blind, 7, ctx, binder).next(SEED_SIZE);
  }

  #jointRand(ctx: Uint8Array, seed: Uint8Array): Vector {
    return this.#expand(seed, 3, ctx, Uint8Array.of(1), this.#circuit.jointRandLength);
  }

  #expand(
    seed: Uint8Array,
    usage: number,
    ctx: Uint8Array,
    binder: Uint8Array,
    count: number,
  ): Vector {
    return nextVector(this.#xof(seed, usage, ctx, binder), this.#circuit.field, count);
  }

  #xof(seed: Uint8Array, usage: number, ctx: Uint8Array, binder: Uint8Array): Xof {
    const tag = Uint8Array.of(18, 0, 0, 0, 0, this.#circuit.algorithmId, 0, usage);
    return createXofTurboShake128(seed, concat(tag, ctx), binder);
  }

  #encode(vector: Vector): Uint8Array {
    return encodeVector(this.#circuit.field, vector);
  }

  #minus(left: Vector, right: Vector): Vector {
    return left.map((value, i) => reduce(this.#circuit.field, value - elementAt(right, i)));
  }
}

function elementAt(vector: Vector, index: number): bigint {
  return defined(vector[index], "an index within a vector");
}
