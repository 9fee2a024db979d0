/**
 * What inner and leaf levels of the IDPF share [VDAF-20, "IDPF Specification"]: correction of the
 * children that `extend` made.
 *
 * A node is a seed of 16 bytes and a control byte, 0 or 1; nodes lie in two arrays. Which children
 * are wanted is public. Seeds, control bits and alpha are secret and decide no branch or address.
 */

/** A correction word: 16 bytes of seed, two control bytes, and two values from byte 32. */
export const CORRECTION_CONTROLS: usize = 16;
export const CORRECTION_VALUES: usize = 32;
/** The state of `gen`: both parties' seeds, then their control bytes. */
export const STATE_CONTROLS: usize = 32;

/** The address of block `index` of 16 bytes. */
export function block(at: usize, index: i32): usize {
  return at + ((<usize>index) << 4);
}

/** Bit 0 of the first byte: the control bit that travels in a seed. */
function controlOf(seed: v128): u32 {
  return i8x16.extract_lane_u(seed, 0) & 1;
}

function withoutControl(seed: v128): v128 {
  return v128.and(seed, i64x2(~1, -1));
}

/** All ones where `bit` is 1. */
function maskOf(bit: u32): v128 {
  return i32x4.splat(0 - bit);
}

/** Node i becomes a copy of node `parents[i]` (u32) of the level above. */
export function gather(
  toSeeds: usize,
  toControls: usize,
  seeds: usize,
  controls: usize,
  parents: usize,
  n: i32,
): void {
  for (let i = 0; i < n; i++) {
    const parent = load<u32>(parents + ((<usize>i) << 2));
    v128.store(block(toSeeds, i), v128.load(block(seeds, parent)));
    store<u8>(toControls + i, load<u8>(controls + parent));
  }
}

/** Second half of `eval_next`'s extension: child `bits[i]` of parent i, corrected, in place. */
export function correctChildren(
  correction: usize,
  seeds: usize,
  controls: usize,
  bits: usize,
  n: i32,
): void {
  const seedCorrection = v128.load(correction);
  for (let i = 0; i < n; i++) {
    const child = v128.load(block(seeds, i));
    const parent = <u32>load<u8>(controls + i);
    const controlCorrection = load<u8>(correction + CORRECTION_CONTROLS + load<u8>(bits + i));
    const correctionOrZero = v128.and(seedCorrection, maskOf(parent));
    v128.store(block(seeds, i), v128.xor(withoutControl(child), correctionOrZero));
    store<u8>(controls + i, controlOf(child) ^ (parent & controlCorrection));
  }
}

/**
 * `gen` between `extend` and `convert`: chooses the seed and the controls of the correction word
 * and moves both parties on to the child on the path. `children` holds the left and the right seed
 * of party 0 and then those of party 1.
 */
export function correctPath(correction: usize, state: usize, children: usize, bit: u32): void {
  const right = maskOf(bit);
  const left0 = v128.load(children);
  const right0 = v128.load(children, 16);
  const left1 = v128.load(children, 32);
  const right1 = v128.load(children, 48);

  const lost = v128.bitselect(v128.xor(left0, left1), v128.xor(right0, right1), right);
  const seedCorrection = withoutControl(lost);
  const leftControl = controlOf(left0) ^ controlOf(left1) ^ bit ^ 1;
  const rightControl = controlOf(right0) ^ controlOf(right1) ^ bit;
  v128.store(correction, seedCorrection);
  store<u8>(correction + CORRECTION_CONTROLS, leftControl);
  store<u8>(correction + CORRECTION_CONTROLS, rightControl, 1);

  const keptControl = leftControl ^ ((leftControl ^ rightControl) & bit);
  stepPath(state, 0, v128.bitselect(right0, left0, right), seedCorrection, keptControl);
  stepPath(state, 1, v128.bitselect(right1, left1, right), seedCorrection, keptControl);
}

/** Moves one party on to the child that is kept. */
function stepPath(
  state: usize,
  party: i32,
  kept: v128,
  seedCorrection: v128,
  controlCorrection: u32,
): void {
  const control = state + STATE_CONTROLS + party;
  const parent = <u32>load<u8>(control);
  const correctionOrZero = v128.and(seedCorrection, maskOf(parent));
  v128.store(block(state, party), v128.xor(withoutControl(kept), correctionOrZero));
  store<u8>(control, controlOf(kept) ^ (parent & controlCorrection));
}
