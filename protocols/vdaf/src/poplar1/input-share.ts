/** Poplar1's input share [VDAF-20, "Input Share"]: an IDPF key and correlated randomness. */
import { concat } from "@sumus/bytes";
import { FIELD64_VECTORS, FIELD255_VECTORS } from "@sumus/kernels";
import { requireLength, VdafError } from "../vdaf-error.ts";
import { SEED_SIZE } from "../xof.ts";
import { KEY_SIZE } from "./idpf.ts";

/** A and B of one level. */
const INNER_PAIR_BYTES = 2 * FIELD64_VECTORS.encodedSize;
const LEAF_PAIR_BYTES = 2 * FIELD255_VECTORS.encodedSize;

export interface Poplar1InputShare {
  readonly key: Uint8Array;
  /** Expands to the aggregator's shares of (a, b, c) of each level. */
  readonly corrSeed: Uint8Array;
  /** Shares of (A, B) of each level but the last. */
  readonly corrInner: Uint8Array;
  readonly corrLeaf: Uint8Array;
}

export function inputShareSize(bits: number): number {
  return KEY_SIZE + SEED_SIZE + (bits - 1) * INNER_PAIR_BYTES + LEAF_PAIR_BYTES;
}

export function encodeInputShare(share: Poplar1InputShare): Uint8Array<ArrayBuffer> {
  return concat(share.key, share.corrSeed, share.corrInner, share.corrLeaf);
}

/** @throws {VdafError} `vdafInputError` for a wrong length or an element above p */
export function decodeInputShare(bytes: Uint8Array, bits: number): Poplar1InputShare {
  requireLength("input share", bytes, inputShareSize(bits));
  const corrAt = KEY_SIZE + SEED_SIZE;
  const leafAt = corrAt + (bits - 1) * INNER_PAIR_BYTES;
  const corrInner = bytes.slice(corrAt, leafAt);
  const corrLeaf = bytes.slice(leafAt);
  if (!FIELD64_VECTORS.areCanonical(corrInner) || !FIELD255_VECTORS.areCanonical(corrLeaf)) {
    throw new VdafError("vdafInputError", "expected canonical field elements in the input share");
  }
  return {
    key: bytes.slice(0, KEY_SIZE),
    corrSeed: bytes.slice(KEY_SIZE, corrAt),
    corrInner,
    corrLeaf,
  };
}

/** The pair (A, B) of a level, as one vector. */
export function corrPairAt(share: Poplar1InputShare, bits: number, level: number): Uint8Array {
  return level === bits - 1
    ? share.corrLeaf
    : share.corrInner.subarray(level * INNER_PAIR_BYTES, (level + 1) * INNER_PAIR_BYTES);
}
