/**
 * The streams from which Poplar1 draws: the client's for authenticators and for sharing (A, B), each
 * aggregator's for its (a, b, c), and the verification randomness [VDAF-20, "Poplar1"].
 */
import { concat } from "@sumus/bytes";
import { FIELD64_VECTORS, FIELD255_VECTORS, type FieldVectors } from "@sumus/kernels";
import { expandIntoFieldVectors } from "@sumus/xof";
import { CLASS_VDAF, formatDst } from "./domain-separation.ts";

export const ALGORITHM_ID_POPLAR1 = 6;
const USAGE_SHARD_RAND = 1;
const USAGE_CORR_INNER = 2;
const USAGE_CORR_LEAF = 3;
const USAGE_VERIFY_RAND = 4;

/** The field of a level of an IDPF for `bits` bits. */
export function fieldAt(bits: number, level: number): FieldVectors {
  return level === bits - 1 ? FIELD255_VECTORS : FIELD64_VECTORS;
}

/** Authenticators of each level, and the helper's shares of (A, B). */
export interface ShardRandomness {
  readonly innerAuthenticators: Uint8Array;
  readonly leafAuthenticator: Uint8Array;
  readonly innerPairs: Uint8Array;
  readonly leafPair: Uint8Array;
}

export function expandShardSeed(
  bits: number,
  seed: Uint8Array,
  ctx: Uint8Array,
  nonce: Uint8Array,
): ShardRandomness {
  const [innerAuthenticators, leafAuthenticator, innerPairs, leafPair] = expandIntoFieldVectors(
    seed,
    formatDst(CLASS_VDAF, ALGORITHM_ID_POPLAR1, USAGE_SHARD_RAND, ctx),
    nonce,
    [
      [FIELD64_VECTORS, bits - 1],
      [FIELD255_VECTORS, 1],
      [FIELD64_VECTORS, 2 * (bits - 1)],
      [FIELD255_VECTORS, 2],
    ],
  );
  return { innerAuthenticators, leafAuthenticator, innerPairs, leafPair };
}

/** An aggregator's (a, b, c) of the first `levels` inner levels, one after the other. */
export function expandInnerTriples(
  levels: number,
  corrSeed: Uint8Array,
  aggregatorId: number,
  ctx: Uint8Array,
  nonce: Uint8Array,
): Uint8Array {
  const dst = formatDst(CLASS_VDAF, ALGORITHM_ID_POPLAR1, USAGE_CORR_INNER, ctx);
  const binder = concat(Uint8Array.of(aggregatorId), nonce);
  return expandIntoFieldVectors(corrSeed, dst, binder, [[FIELD64_VECTORS, 3 * levels]])[0];
}

/** An aggregator's (a, b, c) of the leaves. */
export function expandLeafTriple(
  corrSeed: Uint8Array,
  aggregatorId: number,
  ctx: Uint8Array,
  nonce: Uint8Array,
): Uint8Array {
  const dst = formatDst(CLASS_VDAF, ALGORITHM_ID_POPLAR1, USAGE_CORR_LEAF, ctx);
  const binder = concat(Uint8Array.of(aggregatorId), nonce);
  return expandIntoFieldVectors(corrSeed, dst, binder, [[FIELD255_VECTORS, 3]])[0];
}

/** A random weight for each candidate prefix, the same for both aggregators. */
export function expandVerifyRandomness(
  verifyKey: Uint8Array,
  ctx: Uint8Array,
  nonce: Uint8Array,
  level: number,
  field: FieldVectors,
  count: number,
): Uint8Array {
  const dst = formatDst(CLASS_VDAF, ALGORITHM_ID_POPLAR1, USAGE_VERIFY_RAND, ctx);
  const binder = concat(nonce, Uint8Array.of(level >> 8, level & 0xff));
  return expandIntoFieldVectors(verifyKey, dst, binder, [[field, count]])[0];
}
