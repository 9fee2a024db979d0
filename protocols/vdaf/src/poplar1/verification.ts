/**
 * Poplar1 under one aggregation parameter: verification in two rounds, aggregation, unsharding
 * [VDAF-20, "Poplar1"]. It has the methods of Prio3, so that the same topologies run both.
 */
import { concat } from "@sumus/bytes";
import type { FieldVectors } from "@sumus/kernels";
import type { VerifiableVdaf, VerifyRound } from "../ping-pong.ts";
import { requireLength, VdafError } from "../vdaf-error.ts";
import { SEED_SIZE } from "../xof.ts";
import {
  expandInnerTriples,
  expandLeafTriple,
  expandVerifyRandomness,
  fieldAt,
} from "./correlation.ts";
import { decodeResidues, encodeResidues, MODULUS_64, MODULUS_255 } from "./field-residues.ts";
import { type EvaluatedNodes, idpfEval } from "./idpf.ts";
import { corrPairAt, decodeInputShare, type Poplar1InputShare } from "./input-share.ts";
import type { PrefixSet } from "./prefix-set.ts";
import { decodePublicShare } from "./public-share.ts";
import { decisionShare, ROUND_ONE_LENGTH, ROUND_TWO_LENGTH, sketchShare } from "./sketch.ts";

export const NONCE_SIZE = 16;
const SHARES = 2;
const ROUNDS = 2;
/** Elements of (A, B), and of (a, b, c). */
const PAIR_LENGTH = 2;
const TRIPLE_LENGTH = 3;
/** First byte of an encoded state; the aggregator's id stands there before. */
const STATE_REVEAL_SKETCH = 2;

/** What an aggregator keeps of a report between two steps: secret. */
export type Poplar1VerifyState =
  | {
      readonly step: "evaluateSketch";
      readonly aggregatorId: number;
      /** The aggregator's share of (A, B). */
      readonly pair: Uint8Array;
      readonly outShare: Uint8Array;
    }
  | { readonly step: "revealSketch"; readonly outShare: Uint8Array };

/** What an aggregator holds before either round. */
export type Poplar1Continued = VerifyRound<Poplar1VerifyState>;

export interface Poplar1Verification extends VerifiableVdaf<Poplar1VerifyState> {
  readonly shares: 2;
  readonly rounds: 2;
  /** Number of candidate prefixes. */
  readonly outputLength: number;
  readonly fieldModulus: bigint;
  readonly aggregateShareSize: number;

  /**
   * An aggregator's first step. Never run it twice for a report and a level: correlated randomness
   * used twice may reveal the measurement. `isValid` sees to it.
   *
   * @param evaluated what this step returned for the report at a higher level, to go on from there
   */
  verifyInit(
    verifyKey: Uint8Array,
    ctx: Uint8Array,
    aggregatorId: number,
    nonce: Uint8Array,
    publicShare: Uint8Array,
    inputShare: Uint8Array,
    evaluated?: EvaluatedNodes,
  ): Poplar1Continued & { readonly evaluated: EvaluatedNodes };

  /** Adds both verifier shares of a round. Throws `vdafVerifyError` when the sketch is not zero. */
  verifierSharesToMessage(ctx: Uint8Array, verifierShares: readonly Uint8Array[]): Uint8Array;

  /** The next step, and after it the encoded output share. */
  verifyNext(
    ctx: Uint8Array,
    state: Poplar1VerifyState,
    message: Uint8Array,
  ): Poplar1Continued | Uint8Array;

  encodeState(state: Poplar1VerifyState): Uint8Array;
  decodeState(bytes: Uint8Array): Poplar1VerifyState;

  aggregateInit(): Uint8Array;
  aggregateUpdate(aggregateShare: Uint8Array, outShare: Uint8Array): Uint8Array;
  merge(left: Uint8Array, right: Uint8Array): Uint8Array;
  /** How many measurements begin with each prefix. */
  unshard(aggregateShares: readonly Uint8Array[], measurementCount: number): bigint[];

  /** Integers as an aggregate share; negative ones wrap. For noise. */
  encodeAggregate(values: readonly bigint[]): Uint8Array;
  /** Residues in [0, p) of an aggregate share. */
  decodeAggregate(bytes: Uint8Array): bigint[];
}

/** Poplar1 for `bits` bits at the level of `prefixes`. */
export function createVerification(bits: number, prefixes: PrefixSet): Poplar1Verification {
  return new VerificationAtLevel(bits, prefixes);
}

class VerificationAtLevel implements Poplar1Verification {
  readonly shares = SHARES;
  readonly rounds = ROUNDS;
  readonly #bits: number;
  readonly #prefixes: PrefixSet;
  readonly #field: FieldVectors;

  constructor(bits: number, prefixes: PrefixSet) {
    this.#bits = bits;
    this.#prefixes = prefixes;
    this.#field = fieldAt(bits, prefixes.level);
  }

  get outputLength(): number {
    return this.#prefixes.count;
  }

  get fieldModulus(): bigint {
    return this.#field.encodedSize === 8 ? MODULUS_64 : MODULUS_255;
  }

  get aggregateShareSize(): number {
    return this.#prefixes.count * this.#field.encodedSize;
  }

  verifyInit(
    verifyKey: Uint8Array,
    ctx: Uint8Array,
    aggregatorId: number,
    nonce: Uint8Array,
    publicShare: Uint8Array,
    inputShare: Uint8Array,
    evaluated?: EvaluatedNodes,
  ): Poplar1Continued & { readonly evaluated: EvaluatedNodes } {
    if (aggregatorId !== 0 && aggregatorId !== 1) {
      throw inputError(`expected an aggregator id of 0 or 1, got ${aggregatorId}`);
    }
    requireLength("verify key", verifyKey, SEED_SIZE);
    requireLength("nonce", nonce, NONCE_SIZE);
    const corrections = decodePublicShare(publicShare, this.#bits);
    const share = decodeInputShare(inputShare, this.#bits);
    const prefixes = this.#prefixes;
    const { level, count } = prefixes;

    const start = evaluated ?? share.key;
    const { nodes, values } = idpfEval(aggregatorId, corrections, start, prefixes, ctx, nonce);
    const [data, authenticators] = values;
    const triple = this.#expandTriple(share, aggregatorId, ctx, nonce);
    const r = expandVerifyRandomness(verifyKey, ctx, nonce, level, this.#field, count);
    return {
      state: {
        step: "evaluateSketch",
        aggregatorId,
        pair: corrPairAt(share, this.#bits, level),
        outShare: data,
      },
      verifierShare: sketchShare(this.#field, triple, data, authenticators, r),
      evaluated: { prefixes, nodes },
    };
  }

  verifierSharesToMessage(_ctx: Uint8Array, verifierShares: readonly Uint8Array[]): Uint8Array {
    const [leader, helper] = verifierShares;
    if (verifierShares.length !== SHARES || leader === undefined || helper === undefined) {
      throw inputError(`expected ${SHARES} verifier shares, got ${verifierShares.length}`);
    }
    if (leader.length !== helper.length) {
      throw inputError("expected verifier shares of one round, got different lengths");
    }
    if (leader.length !== this.#roundSize(0)) {
      requireLength("verifier share", leader, this.#roundSize(1));
    }
    this.#requireCanonical("verifier share", leader);
    this.#requireCanonical("verifier share", helper);
    const sum = this.#field.add(leader, helper);
    if (sum.length === this.#roundSize(0)) return sum;
    if (sum.some((byte) => byte !== 0)) {
      throw new VdafError("vdafVerifyError", "expected an output with at most one 1");
    }
    return new Uint8Array();
  }

  verifyNext(
    _ctx: Uint8Array,
    state: Poplar1VerifyState,
    message: Uint8Array,
  ): Poplar1Continued | Uint8Array {
    const { outShare } = state;
    if (state.step === "revealSketch") {
      requireLength("second verifier message", message, 0);
      return outShare;
    }
    requireLength("first verifier message", message, this.#roundSize(0));
    this.#requireCanonical("first verifier message", message);
    return {
      state: { step: "revealSketch", outShare },
      verifierShare: decisionShare(this.#field, state.aggregatorId, state.pair, message),
    };
  }

  encodeState(state: Poplar1VerifyState): Uint8Array {
    return state.step === "revealSketch"
      ? concat(Uint8Array.of(STATE_REVEAL_SKETCH), state.outShare)
      : concat(Uint8Array.of(state.aggregatorId), state.pair, state.outShare);
  }

  decodeState(bytes: Uint8Array): Poplar1VerifyState {
    const tag = bytes[0];
    if (tag !== 0 && tag !== 1 && tag !== STATE_REVEAL_SKETCH) {
      throw inputError(`expected a verify state of kind 0 to ${STATE_REVEAL_SKETCH}, got ${tag}`);
    }
    const pairBytes = tag === STATE_REVEAL_SKETCH ? 0 : PAIR_LENGTH * this.#field.encodedSize;
    requireLength("verify state", bytes, 1 + pairBytes + this.aggregateShareSize);
    const elements = bytes.slice(1);
    this.#requireCanonical("verify state", elements);
    const outShare = elements.subarray(pairBytes);
    return tag === STATE_REVEAL_SKETCH
      ? { step: "revealSketch", outShare }
      : {
          step: "evaluateSketch",
          aggregatorId: tag,
          pair: elements.subarray(0, pairBytes),
          outShare,
        };
  }

  aggregateInit(): Uint8Array {
    return new Uint8Array(this.aggregateShareSize);
  }

  aggregateUpdate(aggregateShare: Uint8Array, outShare: Uint8Array): Uint8Array {
    this.#requireVector("aggregate share", aggregateShare);
    this.#requireVector("output share", outShare);
    return this.#field.add(aggregateShare, outShare);
  }

  merge(left: Uint8Array, right: Uint8Array): Uint8Array {
    this.#requireVector("aggregate share", left);
    this.#requireVector("aggregate share", right);
    return this.#field.add(left, right);
  }

  unshard(aggregateShares: readonly Uint8Array[], measurementCount: number): bigint[] {
    if (aggregateShares.length !== SHARES) {
      throw inputError(`expected ${SHARES} aggregate shares, got ${aggregateShares.length}`);
    }
    if (!Number.isSafeInteger(measurementCount) || measurementCount < 0) {
      throw inputError("expected a number of measurements");
    }
    const total = aggregateShares.reduce<Uint8Array>(
      (sum, share) => this.merge(sum, share),
      this.aggregateInit(),
    );
    return this.decodeAggregate(total);
  }

  encodeAggregate(values: readonly bigint[]): Uint8Array {
    if (values.length !== this.outputLength) {
      throw inputError(`expected ${this.outputLength} values, got ${values.length}`);
    }
    return encodeResidues(values, this.fieldModulus, this.#field.encodedSize);
  }

  decodeAggregate(bytes: Uint8Array): bigint[] {
    this.#requireVector("aggregate share", bytes);
    return decodeResidues(bytes, this.#field.encodedSize);
  }

  #roundSize(round: 0 | 1): number {
    return (round === 0 ? ROUND_ONE_LENGTH : ROUND_TWO_LENGTH) * this.#field.encodedSize;
  }

  /** The aggregator's share of (a, b, c). */
  #expandTriple(
    { corrSeed }: Poplar1InputShare,
    aggregatorId: number,
    ctx: Uint8Array,
    nonce: Uint8Array,
  ): Uint8Array {
    const { level } = this.#prefixes;
    if (level === this.#bits - 1) return expandLeafTriple(corrSeed, aggregatorId, ctx, nonce);
    const triples = expandInnerTriples(level + 1, corrSeed, aggregatorId, ctx, nonce);
    return triples.subarray(-TRIPLE_LENGTH * this.#field.encodedSize);
  }

  #requireVector(title: string, bytes: Uint8Array): void {
    requireLength(title, bytes, this.aggregateShareSize);
    this.#requireCanonical(title, bytes);
  }

  #requireCanonical(title: string, bytes: Uint8Array): void {
    if (!this.#field.areCanonical(bytes)) {
      throw inputError(`expected canonical field elements in the ${title}`);
    }
  }
}

function inputError(message: string): VdafError {
  return new VdafError("vdafInputError", message);
}
