/**
 * The IDPF of [VDAF-20, "IDPF Specification"] with two values a node: `gen`, and `eval` of many
 * nodes a level. What a level's children are is the caller's to say.
 */
import { assert } from "@sumus/assert";
import { concat } from "@sumus/bytes";
import { type Address, type Session, withPoplar1 } from "./poplar1-module.ts";

const SEED_BYTES = 16;
const INNER_BYTES = 8;
const LEAF_BYTES = 32;
const NONCE_BYTES = 16;
const VALUES_PER_NODE = 2;
const INNER_PAIR_BYTES = VALUES_PER_NODE * INNER_BYTES;
const LEAF_PAIR_BYTES = VALUES_PER_NODE * LEAF_BYTES;
/** A parent's index, u32. */
const PARENT_BYTES = 4;
/** Where a correction word in the module's memory has its control bytes, and its values. */
const CORRECTION_CONTROLS = 16;
const CORRECTION_VALUES = 32;
const CORRECTION_BYTES = CORRECTION_VALUES + LEAF_PAIR_BYTES;

/** What the streams of one report depend on; nothing of it is secret. */
export interface IdpfStreams {
  /** Inner levels: round keys of `extend` and of `convert`, from `expandAesKey`. */
  readonly roundKeys: Uint8Array;
  /** Leaves: what XofTurboShake128 absorbs before the seed, for `extend` and for `convert`. */
  readonly extendPrefix: Uint8Array;
  readonly convertPrefix: Uint8Array;
  /** 16 bytes. */
  readonly nonce: Uint8Array;
}

/** All correction words, by part; the last level's values are of Field255. */
export interface IdpfCorrections {
  /** Levels: `alpha` has that many bits. */
  readonly bits: number;
  /** 16 bytes a level. */
  readonly seeds: Uint8Array;
  /** Two bytes a level, each 0 or 1. */
  readonly controls: Uint8Array;
  /** Two elements of Field64 for each level but the last. */
  readonly innerValues: Uint8Array;
  /** Two elements of Field255. */
  readonly leafValues: Uint8Array;
}

/** Nodes of one level: what is known of them without their values. */
export interface IdpfNodes {
  /** -1 is the root, whose seed is the key and whose control byte the aggregator's id. */
  readonly level: number;
  /** 16 bytes a node. */
  readonly seeds: Uint8Array;
  /** A byte a node, 0 or 1. */
  readonly controls: Uint8Array;
}

/** The wanted nodes of the next level: child `bits[i]`, 0 or 1, of node `parents[i]`. */
export interface IdpfStep {
  readonly parents: Uint32Array;
  readonly bits: Uint8Array;
}

/** The shares of both values at each node of the last step, as vectors. */
export interface IdpfEvaluation {
  readonly nodes: IdpfNodes;
  readonly values: readonly [Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>];
}

export interface IdpfWalk {
  /** Where it begins. */
  readonly from: IdpfNodes;
  /** The levels below, from the first to the one whose values are wanted. */
  readonly steps: Iterable<IdpfStep>;
  /** Nodes of the last step, of which no step has more. */
  readonly count: number;
  /** True for aggregator 1, whose shares are negated. */
  readonly negate: boolean;
}

/** Nodes in the module's memory. */
interface PlacedNodes {
  readonly seeds: Address;
  readonly controls: Address;
}

interface PlacedStreams {
  readonly schedules: Address;
  readonly extendPrefix: Address;
  readonly convertPrefix: Address;
  readonly prefixBytes: number;
  readonly nonce: Address;
}

/** `eval` [VDAF-20, "Key Evaluation"] of many nodes of a level, each ancestor once. */
export function evaluateIdpf(
  streams: IdpfStreams,
  corrections: IdpfCorrections,
  { from, steps, count, negate }: IdpfWalk,
): IdpfEvaluation {
  return withPoplar1((session) => {
    const { ops, allocate, put, write, read } = session;
    const placed = placeStreams(session, streams);
    const correction = allocate(CORRECTION_BYTES);
    const parents = allocate(PARENT_BYTES * count);
    const bits = allocate(count);
    const room = [placeNodes(session, count), placeNodes(session, count)] as const;

    let nodes: PlacedNodes = { seeds: put(from.seeds), controls: put(from.controls) };
    let { level } = from;
    let n = 0;
    for (const step of steps) {
      // What the step before extended becomes seeds only now: the last step has no next one.
      if (n > 0) ops.convertInner(placed.schedules, nodes.seeds, n);
      n = step.bits.length;
      level++;
      assert(n > 0 && n <= count && level < corrections.bits, "a walk stays within its bounds");
      write(correction, correctionAt(corrections, level));
      write(parents, bytesOf(step.parents));
      write(bits, step.bits);
      const children = room[level & 1 ? 1 : 0];
      ops.gather(children.seeds, children.controls, nodes.seeds, nodes.controls, parents, n);
      extend(session, placed, level === corrections.bits - 1, correction, children, bits, n);
      nodes = children;
    }
    assert(n === count, "a walk ends with as many nodes as announced");

    const isLeaf = level === corrections.bits - 1;
    const values = valuesOf(session, placed, isLeaf, correction, nodes, n, negate);
    if (!isLeaf) ops.convertInner(placed.schedules, nodes.seeds, n);
    const seeds = read(nodes.seeds, SEED_BYTES * n);
    return { nodes: { level, seeds, controls: read(nodes.controls, n) }, values };
  });
}

function extend(
  { ops }: Session,
  streams: PlacedStreams,
  isLeaf: boolean,
  correction: Address,
  { seeds, controls }: PlacedNodes,
  bits: Address,
  n: number,
): void {
  const { schedules, extendPrefix, prefixBytes, nonce } = streams;
  if (isLeaf) {
    ops.extendLeaf(extendPrefix, prefixBytes, nonce, correction, seeds, controls, bits, n);
  } else {
    ops.extendInner(schedules, correction, seeds, controls, bits, n);
  }
}

/** The values of nodes whose seeds are extended and not yet converted. */
function valuesOf(
  { ops, allocate, read }: Session,
  streams: PlacedStreams,
  isLeaf: boolean,
  correction: Address,
  { seeds, controls }: PlacedNodes,
  n: number,
  negate: boolean,
): IdpfEvaluation["values"] {
  const { schedules, convertPrefix, prefixBytes, nonce } = streams;
  const vectorBytes = n * (isLeaf ? LEAF_BYTES : INNER_BYTES);
  const pairs = allocate(VALUES_PER_NODE * vectorBytes);
  if (isLeaf) ops.sampleLeaf(convertPrefix, prefixBytes, nonce, pairs, seeds, n);
  else ops.sampleInner(schedules, pairs, seeds, n);

  const to = allocate(vectorBytes);
  const correct = isLeaf ? ops.correctLeaf : ops.correctInner;
  const valueAt = (index: 0 | 1): Uint8Array<ArrayBuffer> => {
    correct(to, pairs, index, controls, correction, negate ? 1 : 0, n);
    return read(to, vectorBytes);
  };
  return [valueAt(0), valueAt(1)];
}

/** What `gen` programs: the index, and two values for each node on the path. */
export interface IdpfProgram {
  /** A byte a bit, 0 or 1; secret. */
  readonly alpha: Uint8Array;
  /** Two elements of Field64 for each level but the last. */
  readonly betaInner: Uint8Array;
  /** Two elements of Field255. */
  readonly betaLeaf: Uint8Array;
}

/** `gen` [VDAF-20, "Key Generation"]. `keys` are the two keys, 32 bytes of fresh randomness. */
export function generateIdpf(
  streams: IdpfStreams,
  { alpha, betaInner, betaLeaf }: IdpfProgram,
  keys: Uint8Array,
): IdpfCorrections {
  const bits = alpha.length;
  assert(bits > 0, "an index has at least one bit");
  assert(keys.length === 2 * SEED_BYTES, "there are two keys of 16 bytes");
  assert(betaInner.length === (bits - 1) * INNER_PAIR_BYTES, "each inner level has its values");
  assert(betaLeaf.length === LEAF_PAIR_BYTES, "the leaf has its values");
  return withPoplar1((session) => {
    const { ops, allocate, put, read } = session;
    const placed = placeStreams(session, streams);
    const state = put(concat(keys, Uint8Array.of(0, 1)));
    const inner = put(betaInner);
    const leaf = put(betaLeaf);
    const correction = allocate(CORRECTION_BYTES);

    const corrections = {
      bits,
      seeds: new Uint8Array(bits * SEED_BYTES),
      controls: new Uint8Array(bits * 2),
      innerValues: new Uint8Array(betaInner.length),
      leafValues: new Uint8Array(LEAF_PAIR_BYTES),
    };
    for (const [level, bit] of alpha.entries()) {
      if (level < bits - 1) {
        const beta = inner + level * INNER_PAIR_BYTES;
        ops.generateInner(placed.schedules, correction, state, bit, beta);
      } else {
        const { extendPrefix, convertPrefix, prefixBytes, nonce } = placed;
        ops.generateLeaf(
          extendPrefix,
          convertPrefix,
          prefixBytes,
          nonce,
          correction,
          state,
          bit,
          leaf,
        );
      }
      storeCorrection(corrections, level, read(correction, CORRECTION_BYTES));
    }
    return corrections;
  });
}

/** The correction word of a level as it lies in the module's memory. */
function correctionAt(corrections: IdpfCorrections, level: number): Uint8Array {
  const { bits, seeds, controls, innerValues, leafValues } = corrections;
  const word = new Uint8Array(CORRECTION_BYTES);
  word.set(seeds.subarray(level * SEED_BYTES, (level + 1) * SEED_BYTES));
  word.set(controls.subarray(2 * level, 2 * level + 2), CORRECTION_CONTROLS);
  const values =
    level === bits - 1
      ? leafValues
      : innerValues.subarray(level * INNER_PAIR_BYTES, (level + 1) * INNER_PAIR_BYTES);
  word.set(values, CORRECTION_VALUES);
  return word;
}

function storeCorrection(corrections: IdpfCorrections, level: number, word: Uint8Array): void {
  const { bits, seeds, controls, innerValues, leafValues } = corrections;
  seeds.set(word.subarray(0, SEED_BYTES), level * SEED_BYTES);
  controls.set(word.subarray(CORRECTION_CONTROLS, CORRECTION_CONTROLS + 2), 2 * level);
  const values = word.subarray(CORRECTION_VALUES);
  if (level === bits - 1) leafValues.set(values);
  else innerValues.set(values.subarray(0, INNER_PAIR_BYTES), level * INNER_PAIR_BYTES);
}

function placeStreams({ put }: Session, streams: IdpfStreams): PlacedStreams {
  const { roundKeys, extendPrefix, convertPrefix, nonce } = streams;
  assert(extendPrefix.length === convertPrefix.length, "both prefixes have the same length");
  assert(nonce.length === NONCE_BYTES, "a nonce has 16 bytes");
  return {
    schedules: put(roundKeys),
    extendPrefix: put(extendPrefix),
    convertPrefix: put(convertPrefix),
    prefixBytes: extendPrefix.length,
    nonce: put(nonce),
  };
}

function placeNodes({ allocate }: Session, count: number): PlacedNodes {
  return { seeds: allocate(SEED_BYTES * count), controls: allocate(count) };
}

function bytesOf(words: Uint32Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}
