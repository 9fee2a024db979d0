/**
 * The last level of the IDPF: XofTurboShake128 and two values of Field255 a node, since its values
 * must be extractable [VDAF-20, "Safe Usage of IDPF Outputs"].
 *
 * A stream's message is a prefix (lengths and domain separation tag), the seed and the nonce;
 * `extendPrefix` and `convertPrefix` differ in the tag's usage only and are `prefixBytes` long.
 */
import { add255, mask255, neg255, select255, sub255 } from "./field255";
import { squeezeVector255 } from "./field255-vector";
import { block, CORRECTION_VALUES, correctChildren, correctPath, STATE_CONTROLS } from "./idpf";
import { absorb, finish, squeeze, start } from "./sponge";

const SEED_BYTES: u32 = 16;
const NONCE_BYTES: u32 = 16;
const ELEMENT_BYTES: usize = 32;
const VALUES_PER_NODE: usize = 2;
const NODE_VALUES_BYTES: usize = ELEMENT_BYTES * VALUES_PER_NODE;
const CHILDREN: usize = memory.data(64, 16);
const VALUES: usize = memory.data(128, 16);
const OTHER: usize = memory.data(32, 16);

function startStream(prefix: usize, prefixBytes: u32, seed: usize, nonce: usize): void {
  start();
  absorb(prefix, prefixBytes);
  absorb(seed, SEED_BYTES);
  absorb(nonce, NONCE_BYTES);
  finish(1);
}

/** The children that `bits` names of `n` parents, in place. */
export function extendLeaf(
  prefix: usize,
  prefixBytes: u32,
  nonce: usize,
  correction: usize,
  seeds: usize,
  controls: usize,
  bits: usize,
  n: i32,
): void {
  for (let i = 0; i < n; i++) {
    startStream(prefix, prefixBytes, block(seeds, i), nonce);
    squeeze(CHILDREN, 2 * SEED_BYTES);
    v128.store(block(seeds, i), v128.load(block(CHILDREN, load<u8>(bits + i))));
  }
  correctChildren(correction, seeds, controls, bits, n);
}

/** Both values of each seed, 64 bytes a node. Behind the leaves no seed follows. */
export function sampleLeaf(
  prefix: usize,
  prefixBytes: u32,
  nonce: usize,
  values: usize,
  seeds: usize,
  n: i32,
): void {
  for (let i = 0; i < n; i++) {
    startStream(prefix, prefixBytes, block(seeds, i), nonce);
    squeeze(CHILDREN, SEED_BYTES);
    squeezeVector255(values + <usize>i * NODE_VALUES_BYTES, <u32>VALUES_PER_NODE);
  }
}

/** Value `index` of each node as a vector: corrected, and negated for aggregator 1. */
export function correctLeaf(
  to: usize,
  values: usize,
  index: usize,
  controls: usize,
  correction: usize,
  negate: bool,
  n: i32,
): void {
  const offset = index * ELEMENT_BYTES;
  for (let i = 0; i < n; i++) {
    const element = to + <usize>i * ELEMENT_BYTES;
    mask255(OTHER, correction + CORRECTION_VALUES + offset, load<u8>(controls + i));
    add255(element, values + <usize>i * NODE_VALUES_BYTES + offset, OTHER);
    if (negate) neg255(element, element);
  }
}

/** The last level of `gen`: bit and beta to a correction word. */
export function generateLeaf(
  extendPrefix: usize,
  convertPrefix: usize,
  prefixBytes: u32,
  nonce: usize,
  correction: usize,
  state: usize,
  bit: u32,
  beta: usize,
): void {
  for (let party = 0; party < 2; party++) {
    startStream(extendPrefix, prefixBytes, block(state, party), nonce);
    squeeze(block(CHILDREN, 2 * party), 2 * SEED_BYTES);
  }
  correctPath(correction, state, CHILDREN, bit);
  sampleLeaf(convertPrefix, prefixBytes, nonce, VALUES, state, 2);

  const control = load<u8>(state + STATE_CONTROLS + 1);
  for (let i: usize = 0; i < VALUES_PER_NODE; i++) {
    const offset = i * ELEMENT_BYTES;
    const to = correction + CORRECTION_VALUES + offset;
    sub255(to, beta + offset, VALUES + offset);
    add255(to, to, VALUES + NODE_VALUES_BYTES + offset);
    neg255(OTHER, to);
    select255(to, OTHER, control);
  }
}
