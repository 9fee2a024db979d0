/**
 * Poplar1 [VDAF-20, "Poplar1"]: clients hold bit strings, and two aggregators count how many begin
 * with each of the collector's candidate prefixes. The collector goes down level by level, where
 * counts are high, and so finds the strings that many hold.
 *
 * The aggregators learn the prefix tree, not only the heavy strings, and a collector with one of
 * them can steer the search: add noise to aggregate shares [VDAF-20, "The Aggregation Parameter"].
 */
import { requireLength, VdafError } from "../vdaf-error.ts";
import { SEED_SIZE } from "../xof.ts";
import {
  BITS_MAX,
  decodeAggParam,
  encodeAggParam,
  isValidAggParam,
  type Poplar1AggParam,
  toPrefixSet,
} from "./agg-param.ts";
import { bitAt, hasCleanPadding, packedBytes } from "./bit-string.ts";
import { ALGORITHM_ID_POPLAR1 } from "./correlation.ts";
import { inputShareSize } from "./input-share.ts";
import { publicShareSize } from "./public-share.ts";
import { RAND_SIZE, shardIndex } from "./shard.ts";
import { createVerification, NONCE_SIZE, type Poplar1Verification } from "./verification.ts";

/** Poplar1 for strings of one length. Its methods throw {@link VdafError}. */
export interface Poplar1 {
  readonly algorithmId: number;
  /** Length of a measurement. */
  readonly bits: number;
  readonly shares: 2;
  readonly rounds: 2;
  /** Sizes in bytes. */
  readonly nonceSize: 16;
  readonly randSize: number;
  readonly verifyKeySize: 32;
  readonly publicShareSize: number;
  /** The leader's and the helper's. */
  readonly inputShareSizes: readonly [number, number];

  /**
   * The client's part.
   *
   * @param measurement `bits` bits, packed by {@link packBits}
   * @param nonce 16 random bytes, unique to the report
   * @param rand `randSize` fresh secret bytes
   */
  shard(
    ctx: Uint8Array,
    measurement: Uint8Array,
    nonce: Uint8Array,
    rand: Uint8Array,
  ): { readonly publicShare: Uint8Array; readonly inputShares: readonly [Uint8Array, Uint8Array] };

  encodeAggParam(aggParam: Poplar1AggParam): Uint8Array;
  decodeAggParam(bytes: Uint8Array): Poplar1AggParam;
  /** Whether reports aggregated with `previous`, in that order, may be aggregated with `aggParam`. */
  isValid(aggParam: Poplar1AggParam, previous: readonly Poplar1AggParam[]): boolean;
  /** Verification and aggregation under `aggParam`. */
  at(aggParam: Poplar1AggParam): Poplar1Verification;
}

/**
 * @param bits 1 to 65,536
 * @throws {VdafError} `vdafParameterError` when `bits` is impossible
 */
export function createPoplar1(bits: number): Poplar1 {
  if (!Number.isInteger(bits) || bits < 1 || bits > BITS_MAX) {
    throw new VdafError(
      "vdafParameterError",
      `bits: expected an integer from 1 to ${BITS_MAX}, got ${bits}`,
    );
  }
  return {
    algorithmId: ALGORITHM_ID_POPLAR1,
    bits,
    shares: 2,
    rounds: 2,
    nonceSize: NONCE_SIZE,
    randSize: RAND_SIZE,
    verifyKeySize: SEED_SIZE,
    publicShareSize: publicShareSize(bits),
    inputShareSizes: [inputShareSize(bits), inputShareSize(bits)],
    shard: (ctx, measurement, nonce, rand) => {
      requireMeasurement(measurement, bits);
      requireLength("nonce", nonce, NONCE_SIZE);
      requireLength("rand", rand, RAND_SIZE);
      const alpha = Uint8Array.from({ length: bits }, (_, index) => bitAt(measurement, 0, index));
      return shardIndex(alpha, ctx, nonce, rand);
    },
    encodeAggParam: (aggParam) => encodeAggParam(aggParam, bits),
    decodeAggParam: (bytes) => decodeAggParam(bytes, bits),
    isValid: (aggParam, previous) =>
      isValidAggParam(
        toPrefixSet(aggParam, bits),
        previous.map((earlier) => toPrefixSet(earlier, bits)),
      ),
    at: (aggParam) => createVerification(bits, toPrefixSet(aggParam, bits)),
  };
}

function requireMeasurement(measurement: Uint8Array, bits: number): void {
  if (measurement.length !== packedBytes(bits) || !hasCleanPadding(measurement, bits)) {
    throw new VdafError("vdafMeasurementError", `expected a measurement of ${bits} packed bits`);
  }
}
