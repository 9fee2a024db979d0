/**
 * The IDPF of [VDAF-20, "IDPF Specification"], with two values a node. Inner levels expand seeds by
 * XofFixedKeyAes128 and have values in Field64, the leaves by XofTurboShake128 and in Field255.
 */
import { defined } from "@sumus/assert";
import { concat } from "@sumus/bytes";
import {
  evaluateIdpf,
  generateIdpf,
  type IdpfCorrections,
  type IdpfEvaluation,
  type IdpfNodes,
  type IdpfProgram,
  type IdpfStreams,
} from "@sumus/kernels";
import { expandFixedKey, frameTurboShake128Prefix } from "@sumus/xof";
import { VdafError } from "../vdaf-error.ts";
import { CLASS_IDPF, formatDst } from "./domain-separation.ts";
import { findAncestors, type PrefixSet, walkFrom } from "./prefix-set.ts";

export const KEY_SIZE = 16;
/** Both keys. */
export const IDPF_RAND_SIZE: number = 2 * KEY_SIZE;
const ALGORITHM_ID_IDPF = 0;
const USAGE_EXTEND = 0;
const USAGE_CONVERT = 1;
const SEED_BYTES = 16;

/**
 * What an aggregator knows of one report's tree at one level: enough to go on from there when the
 * next candidates extend these. Secret, and of use for the same report and aggregator only.
 */
export interface EvaluatedNodes {
  readonly prefixes: PrefixSet;
  readonly nodes: IdpfNodes;
}

/** `gen` for the keys in `rand`, which go to the aggregators as they are. */
export function idpfGen(
  program: IdpfProgram,
  ctx: Uint8Array,
  nonce: Uint8Array,
  rand: Uint8Array,
): IdpfCorrections {
  return generateIdpf(streamsOf(ctx, nonce), program, rand);
}

/**
 * `eval`: the shares of both values at each of `prefixes`.
 *
 * @param start the key, or what an evaluation of this report left at a higher level
 * @throws {VdafError} `vdafInputError` when `start` does not hold the ancestors of `prefixes`
 */
export function idpfEval(
  aggregatorId: number,
  corrections: IdpfCorrections,
  start: Uint8Array | EvaluatedNodes,
  prefixes: PrefixSet,
  ctx: Uint8Array,
  nonce: Uint8Array,
): IdpfEvaluation {
  const from =
    start instanceof Uint8Array ? rootOf(start, aggregatorId) : ancestorsIn(start, prefixes);
  return evaluateIdpf(streamsOf(ctx, nonce), corrections, {
    from,
    steps: walkFrom(prefixes, from.level),
    count: prefixes.count,
    negate: aggregatorId === 1,
  });
}

function rootOf(key: Uint8Array, aggregatorId: number): IdpfNodes {
  return { level: -1, seeds: key, controls: Uint8Array.of(aggregatorId) };
}

/** Those of the known nodes that are ancestors of `prefixes`. */
function ancestorsIn(start: EvaluatedNodes, prefixes: PrefixSet): IdpfNodes {
  const indices =
    start.prefixes.level < prefixes.level ? findAncestors(start.prefixes, prefixes) : undefined;
  if (indices === undefined) {
    throw new VdafError("vdafInputError", "expected prefixes that extend the evaluated ones");
  }
  const { level, seeds, controls } = start.nodes;
  const ancestors = new Uint8Array(indices.length * SEED_BYTES);
  for (const [i, index] of indices.entries()) {
    ancestors.set(seeds.subarray(index * SEED_BYTES, (index + 1) * SEED_BYTES), i * SEED_BYTES);
  }
  const known = Uint8Array.from(indices, (index) => defined(controls[index], "a known node"));
  return { level, seeds: ancestors, controls: known };
}

function streamsOf(ctx: Uint8Array, nonce: Uint8Array): IdpfStreams {
  const extend = formatDst(CLASS_IDPF, ALGORITHM_ID_IDPF, USAGE_EXTEND, ctx);
  const convert = formatDst(CLASS_IDPF, ALGORITHM_ID_IDPF, USAGE_CONVERT, ctx);
  return {
    roundKeys: concat(expandFixedKey(extend, nonce), expandFixedKey(convert, nonce)),
    extendPrefix: frameTurboShake128Prefix(extend, SEED_BYTES),
    convertPrefix: frameTurboShake128Prefix(convert, SEED_BYTES),
    nonce,
  };
}
