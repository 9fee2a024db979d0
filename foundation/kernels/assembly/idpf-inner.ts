/**
 * The inner levels of the IDPF: XofFixedKeyAes128 and two values of Field64 a node. `schedules`
 * holds the round keys of `extend` and then those of `convert`.
 *
 * One branch depends on a secret, as the specification has it: a candidate for a field element that
 * is not below p is dropped. That happens once in 2^32 and tells nothing of the others.
 */
import { SCHEDULE_BYTES } from "./aes128";
import { add64, isCanonical64, sub64 } from "./field64";
import { hashBlocks } from "./fixed-key-aes128";
import { block, CORRECTION_VALUES, correctChildren, correctPath, STATE_CONTROLS } from "./idpf";

const ELEMENT_BYTES: usize = 8;
const VALUES_PER_NODE: usize = 2;
const BLOCKS: usize = memory.data(64, 16);
const VALUES: usize = memory.data(64, 16);
const OTHER: usize = memory.data(8, 8);
const ZERO: usize = memory.data(8, 8);

/** Turns block 0 of a stream into block `index`. */
function xorIndex(at: usize, index: u64): void {
  store<u64>(at, load<u64>(at) ^ index);
}

/** The children that `bits` names of `n` parents, in place; overwrites three blocks behind them. */
export function extendInner(
  schedules: usize,
  correction: usize,
  seeds: usize,
  controls: usize,
  bits: usize,
  n: i32,
): void {
  for (let i = 0; i < n; i++) xorIndex(block(seeds, i), load<u8>(bits + i));
  hashBlocks(schedules, seeds, n);
  correctChildren(correction, seeds, controls, bits, n);
}

/** The seeds of the next level, in place; overwrites three blocks behind them. */
export function convertInner(schedules: usize, seeds: usize, n: i32): void {
  hashBlocks(schedules + SCHEDULE_BYTES, seeds, n);
}

/** Both values of each seed, before {@link convertInner}; overwrites three blocks behind them. */
export function sampleInner(schedules: usize, values: usize, seeds: usize, n: i32): void {
  const schedule = schedules + SCHEDULE_BYTES;
  for (let i = 0; i < n; i++) {
    v128.store(block(values, i), v128.load(block(seeds, i)));
    xorIndex(block(values, i), 1);
  }
  hashBlocks(schedule, values, n);
  for (let i = 0; i < n; i++) {
    const pair = block(values, i);
    if (isCanonical64(pair) && isCanonical64(pair + ELEMENT_BYTES)) continue;
    sampleAgain(schedule, pair, block(seeds, i));
  }
}

/** The values of a seed when block 1 of its stream holds a candidate that is not below p. */
function sampleAgain(schedule: usize, to: usize, seed: usize): void {
  let count: usize = 0;
  for (let index: u64 = 1; count < VALUES_PER_NODE; index++) {
    v128.store(BLOCKS, v128.load(seed));
    xorIndex(BLOCKS, index);
    hashBlocks(schedule, BLOCKS, 1);
    for (let at: usize = 0; at < 16 && count < VALUES_PER_NODE; at += ELEMENT_BYTES) {
      store<u64>(to + count * ELEMENT_BYTES, load<u64>(BLOCKS + at));
      count += usize(isCanonical64(BLOCKS + at));
    }
  }
}

/** Value `index` of each node as a vector: corrected, and negated for aggregator 1. */
export function correctInner(
  to: usize,
  values: usize,
  index: usize,
  controls: usize,
  correction: usize,
  negate: bool,
  n: i32,
): void {
  const offset = index * ELEMENT_BYTES;
  const valueCorrection = load<u64>(correction + CORRECTION_VALUES + offset);
  for (let i = 0; i < n; i++) {
    const element = to + <usize>i * ELEMENT_BYTES;
    store<u64>(OTHER, valueCorrection & (0 - <u64>load<u8>(controls + i)));
    add64(element, block(values, i) + offset, OTHER);
    if (negate) sub64(element, ZERO, element);
  }
}

/** One level of `gen`: bit and beta to a correction word; `state` moves on to the next level. */
export function generateInner(
  schedules: usize,
  correction: usize,
  state: usize,
  bit: u32,
  beta: usize,
): void {
  for (let i = 0; i < 4; i++) {
    v128.store(block(BLOCKS, i), v128.load(block(state, i >> 1)));
    xorIndex(block(BLOCKS, i), i & 1);
  }
  hashBlocks(schedules, BLOCKS, 4);
  correctPath(correction, state, BLOCKS, bit);

  v128.store(BLOCKS, v128.load(state));
  v128.store(BLOCKS, v128.load(state, 16), 16);
  sampleInner(schedules, VALUES, state, 2);
  convertInner(schedules, BLOCKS, 2);
  v128.store(state, v128.load(BLOCKS));
  v128.store(state, v128.load(BLOCKS, 16), 16);

  const negate = 0 - <u64>load<u8>(state + STATE_CONTROLS + 1);
  for (let i: usize = 0; i < VALUES_PER_NODE; i++) {
    const offset = i * ELEMENT_BYTES;
    const to = correction + CORRECTION_VALUES + offset;
    sub64(to, beta + offset, VALUES + offset);
    add64(to, to, VALUES + 16 + offset);
    sub64(OTHER, ZERO, to);
    store<u64>(to, (load<u64>(to) & ~negate) | (load<u64>(OTHER) & negate));
  }
}
