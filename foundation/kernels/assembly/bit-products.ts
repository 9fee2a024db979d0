/**
 * The gadget polynomial of ParallelSum(Mul) for a measurement of zeros and ones, with three transforms
 * in all instead of two a wire.
 *
 * At a coset point x the wires are A_j = a_j L_0 + sum of R_kj L_k and B_j = b_j L_0 - C + sum of
 * m_kj L_k, where R_kj = r_k^(j+1) m_kj and C is the sum of L_1 .. L_calls. In the sum of A_j B_j all
 * but one term is linear in the measurement or in R. That one is the sum over k, l of L_k L_l G_kl,
 * G_kl = sum over j of R_kj m_lj: masked additions and no multiplication. And since
 * 1/((x - u)(x - v)) = (1/(x - u) - 1/(x - v)) / (u - v), on the coset, where x^p = -1,
 *
 *     L_k L_l = -2/p (L_k / (w^(k-l) - 1) + L_l / (w^(l-k) - 1)) for k other than l.
 */
import { add, at, copy, dot, elementBytes, fromLimbs, mul, storeSmall, sub, sum } from "./field";
import { toCoset } from "./polynomial";
import { zero } from "./vector";

/**
 * Records of two neighbouring elements, lane by lane: three limbs of R_kj, 43 bits each, and a mask that
 * is all ones where m_kj is one.
 */
const RECORD_PAIR: usize = 64;
const LIMB: u64 = 0x7ff_ffff_ffff;
/** Rows of records that stay in the first-level cache while all others pass by. */
const TILE: u32 = 8;

const A_SUM: usize = memory.data(16, 16);
const AB_SUM: usize = memory.data(16, 16);
const FIRST: usize = memory.data(16, 16);
const SECOND: usize = memory.data(16, 16);
const POWER: usize = memory.data(16, 16);

/**
 * Stores the 2p values. `records` is room for calls * ceil(chunk / 2) pairs of records, `room` for
 * chunk + 4 p elements.
 * `cosetWeights` and `cosetSquares` hold L_k(s) and their squares twice over; `pairWeights` holds
 * 1/(w^d - 1) for d = 1 .. p-1; `scale` is -2/p.
 */
export function gadgetValuesOfBits<F>(
  to: usize,
  seeds: usize,
  meas: usize,
  length: u32,
  jointRand: usize,
  records: usize,
  room: usize,
  roots: usize,
  shift: usize,
  cosetWeights: usize,
  cosetSquares: usize,
  pairWeights: usize,
  scale: usize,
  calls: u32,
  chunk: u32,
  p: u32,
): void {
  const row = room;
  const linear = at<F>(room, chunk);
  const totals = at<F>(linear, p);
  const pairs = at<F>(totals, p);
  const totalsMoved = at<F>(pairs, p);
  zero<F>(linear, 4 * p);
  for (let k: u32 = 0; k < calls; k++) {
    const first = k * chunk;
    const count = length - first < chunk ? length - first : chunk;
    const elements = at<F>(meas, first);
    fillRow<F>(
      row,
      records + (k as usize) * rowBytes(chunk),
      elements,
      at<F>(jointRand, k),
      count,
      chunk,
    );
    sum<F>(at<F>(totals, k + 1), row, 1, chunk);
    dot<F>(FIRST, at<F>(seeds, 1), 2, row, 1, chunk);
    dot<F>(SECOND, seeds, 2, elements, 1, count);
    add<F>(at<F>(linear, k + 1), FIRST, SECOND);
  }
  addPairs<F>(pairs, records, pairWeights, calls, chunk, p);
  for (let k: u32 = 1; k <= calls; k++) {
    mul<F>(at<F>(pairs, k), at<F>(pairs, k), scale);
    copy<F>(at<F>(totalsMoved, k), at<F>(totals, k));
  }
  toCoset<F>(linear, roots, shift, p);
  toCoset<F>(pairs, roots, shift, p);
  toCoset<F>(totalsMoved, roots, shift, p);

  sum<F>(A_SUM, seeds, 2, chunk);
  dot<F>(AB_SUM, seeds, 2, at<F>(seeds, 1), 2, chunk);
  zero<F>(to, 2 * p);
  copy<F>(to, AB_SUM);
  for (let i: u32 = 0; i < p; i++) {
    const value = at<F>(to, 2 * i + 1);
    const zeroth = at<F>(cosetWeights, p - i);
    // L_0 (L_0 sum of a_j b_j + linear) - C (L_0 sum of a_j + totals) + squares + pairs
    mul<F>(FIRST, zeroth, AB_SUM);
    add<F>(FIRST, FIRST, at<F>(linear, i));
    mul<F>(value, FIRST, zeroth);
    mul<F>(FIRST, zeroth, A_SUM);
    add<F>(FIRST, FIRST, at<F>(totalsMoved, i));
    sum<F>(SECOND, at<F>(cosetWeights, p - i + 1), 1, calls);
    mul<F>(FIRST, FIRST, SECOND);
    sub<F>(value, value, FIRST);
    dot<F>(FIRST, at<F>(totals, 1), 1, at<F>(cosetSquares, p - i + 1), 1, calls);
    add<F>(value, value, FIRST);
    add<F>(value, value, at<F>(pairs, i));
  }
}

/** Of the records of one call. */
function rowBytes(chunk: u32): usize {
  return (((chunk + 1) >> 1) as usize) * RECORD_PAIR;
}

/** Stores R_kj of one call, and its records; padding counts as zero. */
function fillRow<F>(
  row: usize,
  records: usize,
  elements: usize,
  r: usize,
  count: u32,
  chunk: u32,
): void {
  zero<F>(row, chunk);
  memory.fill(records, 0, rowBytes(chunk));
  storeSmall<F>(POWER, 1);
  for (let j: u32 = 0; j < count; j++) {
    mul<F>(POWER, POWER, r);
    const mask = 0 - load<u64>(at<F>(elements, j));
    const low = load<u64>(POWER) & mask;
    const high = elementBytes<F>() === 16 ? load<u64>(POWER, 8) & mask : 0;
    const cell = at<F>(row, j);
    store<u64>(cell, low);
    if (elementBytes<F>() === 16) store<u64>(cell, high, 8);
    const record = records + ((j >> 1) as usize) * RECORD_PAIR + ((j & 1) as usize) * 8;
    store<u64>(record, low & LIMB);
    store<u64>(record, ((low >> 43) | (high << 21)) & LIMB, 16);
    store<u64>(record, high >> 22, 32);
    store<u64>(record, mask, 48);
  }
}

/** pairs[k] = sum over l other than k of (G_kl + G_lk) / (w^(k-l) - 1) */
function addPairs<F>(
  pairs: usize,
  records: usize,
  pairWeights: usize,
  calls: u32,
  chunk: u32,
  p: u32,
): void {
  const bytes = rowBytes(chunk);
  const recordPairs = (chunk + 1) >> 1;
  for (let tile: u32 = 0; tile < calls; tile += TILE) {
    const end = tile + TILE < calls ? tile + TILE : calls;
    for (let l = tile + 1; l < calls; l++) {
      const other = records + (l as usize) * bytes;
      for (let k = tile; k < end && k < l; k++) {
        crossProduct<F>(FIRST, records + (k as usize) * bytes, other, recordPairs);
        mul<F>(SECOND, FIRST, at<F>(pairWeights, p + k - l));
        add<F>(at<F>(pairs, k + 1), at<F>(pairs, k + 1), SECOND);
        mul<F>(SECOND, FIRST, at<F>(pairWeights, l - k));
        add<F>(at<F>(pairs, l + 1), at<F>(pairs, l + 1), SECOND);
      }
    }
  }
}

/** G_kl + G_lk */
function crossProduct<F>(to: usize, left: usize, right: usize, pairs: u32): void {
  let s0 = i64x2.splat(0);
  let s1 = i64x2.splat(0);
  let s2 = i64x2.splat(0);
  for (let j: u32 = 0; j < pairs; j++) {
    const leftMask = v128.load(left, 48);
    const rightMask = v128.load(right, 48);
    s0 = i64x2.add(s0, v128.and(v128.load(left), rightMask));
    s0 = i64x2.add(s0, v128.and(v128.load(right), leftMask));
    s1 = i64x2.add(s1, v128.and(v128.load(left, 16), rightMask));
    s1 = i64x2.add(s1, v128.and(v128.load(right, 16), leftMask));
    s2 = i64x2.add(s2, v128.and(v128.load(left, 32), rightMask));
    s2 = i64x2.add(s2, v128.and(v128.load(right, 32), leftMask));
    left += RECORD_PAIR;
    right += RECORD_PAIR;
  }
  fromLimbs<F>(to, sumOfLanes(s0), sumOfLanes(s1), sumOfLanes(s2));
}

function sumOfLanes(lanes: v128): u64 {
  return i64x2.extract_lane(lanes, 0) + i64x2.extract_lane(lanes, 1);
}
