/**
 * The prover's and the verifier's work on ParallelSum(Mul) [VDAF-20, Section 7.3 and Appendix A]:
 * call k has the wires a = r_k^(j+1) m and b = m - 1/shares for the element m = meas[k * chunk + j].
 * In the wire polynomials call k stands at w^(k+1); at w^0 stands the wire's seed.
 */
import { add, at, copy, dot, mul, orMasked, storeSmall, sub } from "./field";
import { toCoset } from "./polynomial";
import { splitWeights, twinDot } from "./twin-dot";
import { copyVector, mulVector, zero } from "./vector";

const ONE: usize = memory.data(16, 16);
const TERM: usize = memory.data(16, 16);
const SEEDS: usize = memory.data(16, 16);
const SEED: usize = memory.data(16, 16);
const HOT_A: usize = memory.data(16, 16);
const HOT_B: usize = memory.data(16, 16);
const HOT_R: usize = memory.data(16, 16);
const POWER: usize = memory.data(16, 16);

/** Calls in which wire j holds an element of the measurement and not padding. */
function callsOfWire(length: u32, chunk: u32, j: u32): u32 {
  return j < length ? (length - j + chunk - 1) / chunk : 0;
}

/**
 * The wire polynomials at t, interleaved a_0 b_0 a_1 b_1 ..: three multiplications an element and
 * no transform. `weights` are L_0(t) .. , `offset` is -1/shares times the sum of L_1 .. L_calls,
 * `room` is for 4 `calls` elements.
 */
export function wiresAt<F>(
  to: usize,
  seeds: usize,
  meas: usize,
  length: u32,
  weights: usize,
  offset: usize,
  jointRand: usize,
  room: usize,
  calls: u32,
  chunk: u32,
): void {
  const powers = room;
  const records = at<F>(room, calls);
  copyVector<F>(powers, 1, at<F>(weights, 1), 1, calls);
  if (sizeof<F>() === 16) splitWeights(records, 1, powers, calls);
  for (let j: u32 = 0; j < chunk; j++) {
    const count = callsOfWire(length, chunk, j);
    const element = at<F>(meas, j);
    const a = at<F>(to, 2 * j);
    const b = at<F>(to, 2 * j + 1);
    mulVector<F>(powers, powers, jointRand, calls);
    if (sizeof<F>() === 16) {
      splitWeights(records, 0, powers, count);
      twinDot(a, b, records, element, (chunk as usize) << 4, count);
    } else {
      dot<F>(a, powers, 1, element, chunk, count);
      dot<F>(b, at<F>(weights, 1), 1, element, chunk, count);
    }
    mul<F>(TERM, at<F>(seeds, 2 * j), weights);
    add<F>(a, a, TERM);
    mul<F>(TERM, at<F>(seeds, 2 * j + 1), weights);
    add<F>(b, b, TERM);
    add<F>(b, b, offset);
  }
}

/**
 * The gadget polynomial's 2p values for any measurement. `a` and `b` are room for p elements,
 * `powers` for `calls`.
 */
export function gadgetValues<F>(
  to: usize,
  seeds: usize,
  meas: usize,
  length: u32,
  jointRand: usize,
  powers: usize,
  a: usize,
  b: usize,
  roots: usize,
  shift: usize,
  calls: u32,
  chunk: u32,
  p: u32,
): void {
  storeSmall<F>(ONE, 1);
  zero<F>(to, 2 * p);
  for (let k: u32 = 0; k < calls; k++) storeSmall<F>(at<F>(powers, k), 1);
  for (let j: u32 = 0; j < chunk; j++) {
    const count = callsOfWire(length, chunk, j);
    zero<F>(a, p);
    zero<F>(b, p);
    copy<F>(a, at<F>(seeds, 2 * j));
    copy<F>(b, at<F>(seeds, 2 * j + 1));
    mulVector<F>(powers, powers, jointRand, calls);
    for (let k: u32 = 0; k < count; k++) {
      const element = at<F>(meas, k * chunk + j);
      mul<F>(at<F>(a, k + 1), at<F>(powers, k), element);
      sub<F>(at<F>(b, k + 1), element, ONE);
    }
    for (let k = count; k < calls; k++) sub<F>(at<F>(b, k + 1), at<F>(b, k + 1), ONE);
    addProducts<F>(to, a, b, count + 1);
    toCoset<F>(a, roots, shift, p);
    toCoset<F>(b, roots, shift, p);
    addProducts<F>(at<F>(to, 1), a, b, p);
  }
}

/** to[2 i] += a[i] b[i] */
function addProducts<F>(to: usize, a: usize, b: usize, n: u32): void {
  for (let i: u32 = 0; i < n; i++) {
    mul<F>(TERM, at<F>(a, i), at<F>(b, i));
    add<F>(at<F>(to, 2 * i), at<F>(to, 2 * i), TERM);
  }
}

/**
 * The same for a vector of zeros with a one at `hot`, in closed form: with L_k the weights at x,
 * every wire is a_j L_0 and b_j L_0 - C, C the sum of L_1 .. L_calls, but for the hot wire of the
 * hot call. At the odd points x = s w^i, L_k(x) is `cosetWeights`[k - i], L_k(s).
 * Memory is read in the same order whatever `hot` is. `rows` is room for p elements.
 */
export function gadgetValuesOneHot<F>(
  to: usize,
  seeds: usize,
  hot: u32,
  jointRand: usize,
  rows: usize,
  cosetWeights: usize,
  calls: u32,
  chunk: u32,
  p: u32,
): void {
  let hotCall: u32 = 0;
  let hotWire: u32 = 0;
  for (let k: u32 = 0; k < calls; k++) {
    for (let j: u32 = 0; j < chunk; j++) {
      const mask = 0 - u32(k * chunk + j === hot);
      hotCall |= (k + 1) & mask;
      hotWire |= j & mask;
    }
  }
  selectHot<F>(seeds, jointRand, hotCall, hotWire, calls, chunk);
  rotateByHot<F>(rows, cosetWeights, hotCall, p);

  zero<F>(to, 2 * p);
  dot<F>(to, seeds, 2, at<F>(seeds, 1), 2, chunk);
  zero<F>(SEEDS, 1);
  for (let j: u32 = 0; j < chunk; j++) add<F>(SEEDS, SEEDS, at<F>(seeds, 2 * j));
  for (let i: u32 = 0; i < p; i++) {
    const value = at<F>(to, 2 * i + 1);
    const first = at<F>(cosetWeights, (p - i) & (p - 1));
    const row = at<F>(rows, i);
    // TERM = -C
    zero<F>(TERM, 1);
    for (let k: u32 = 1; k <= calls; k++) {
      sub<F>(TERM, TERM, at<F>(cosetWeights, (k + p - i) & (p - 1)));
    }
    // row (a L_0 + r (b L_0 - C + row))
    mul<F>(value, HOT_B, first);
    add<F>(value, value, TERM);
    add<F>(value, value, row);
    mul<F>(value, value, HOT_R);
    mul<F>(SEED, HOT_A, first);
    add<F>(value, value, SEED);
    mul<F>(value, value, row);
    // + L_0 (L_0 sum of a_j b_j - C sum of a_j)
    mul<F>(SEED, first, to);
    mul<F>(TERM, TERM, SEEDS);
    add<F>(SEED, SEED, TERM);
    mul<F>(SEED, SEED, first);
    add<F>(value, value, SEED);
  }
}

/** The hot wire's seeds, and the hot call's joint randomness to the power of the hot wire. */
function selectHot<F>(
  seeds: usize,
  jointRand: usize,
  hotCall: u32,
  hotWire: u32,
  calls: u32,
  chunk: u32,
): void {
  zero<F>(SEED, 1);
  zero<F>(HOT_A, 1);
  zero<F>(HOT_B, 1);
  zero<F>(HOT_R, 1);
  for (let k: u32 = 0; k < calls; k++) {
    orMasked<F>(SEED, at<F>(jointRand, k), 0 - u64(k + 1 === hotCall));
  }
  storeSmall<F>(POWER, 1);
  for (let j: u32 = 0; j < chunk; j++) {
    const mask = 0 - u64(j === hotWire);
    mul<F>(POWER, POWER, SEED);
    orMasked<F>(HOT_R, POWER, mask);
    orMasked<F>(HOT_A, at<F>(seeds, 2 * j), mask);
    orMasked<F>(HOT_B, at<F>(seeds, 2 * j + 1), mask);
  }
}

/** rows[i] = cosetWeights[hotCall - i] */
function rotateByHot<F>(rows: usize, cosetWeights: usize, hotCall: u32, p: u32): void {
  zero<F>(rows, p);
  for (let k: u32 = 1; k < p; k++) {
    const mask = 0 - u64(k === hotCall);
    for (let i: u32 = 0; i < p; i++) {
      orMasked<F>(at<F>(rows, i), at<F>(cosetWeights, (k + p - i) & (p - 1)), mask);
    }
  }
}
