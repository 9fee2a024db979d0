/**
 * Field128: p = 2^128 - 28 * 2^64 + 1 [VDAF-20, Section 6.1.2]. With X = 2^64:
 * X^2 = 28 X - 1, X^3 = 783 X - 28 and X^4 = 21896 X - 783.
 * Elements are canonical (below p) before and after every function.
 */
const P_HIGH: u64 = 0xffff_ffff_ffff_ffe4;
/** The mask of a 32-bit digit. */
const LOW: u64 = 0xffff_ffff;
/** Weights below 2^53 are split in two: 27 bits and 26, of which 5 make up the 32 of a digit. */
const WEIGHT_LOW_BITS: u64 = 27;
const WEIGHT_LOW: u64 = 0x7ff_ffff;
const WEIGHT_CARRY_BITS: u64 = 5;
const WEIGHT_CARRY: u64 = 0x1f;

export function isCanonical128(a: usize): bool {
  const high = load<u64>(a, 8);
  return high < P_HIGH || (high === P_HIGH && load<u64>(a) === 0);
}

/** Stores low + high X + over X^2 less p when that is not negative; the value is below 2p. */
function storeReduced(to: usize, low: u64, high: u64, over: u64): void {
  const beyond = over | u64(high > P_HIGH) | (u64(high === P_HIGH) & u64(low !== 0));
  const mask = 0 - beyond;
  const borrow = beyond & u64(low === 0);
  store<u64>(to, low - beyond);
  store<u64>(to, high - (P_HIGH & mask) - borrow, 8);
}

export function add128(to: usize, a: usize, b: usize): void {
  const a0 = load<u64>(a);
  const a1 = load<u64>(a, 8);
  const low = a0 + load<u64>(b);
  const carry = u64(low < a0);
  const sum = a1 + load<u64>(b, 8);
  const high = sum + carry;
  storeReduced(to, low, high, u64(sum < a1) | u64(high < sum));
}

export function sub128(to: usize, a: usize, b: usize): void {
  const a0 = load<u64>(a);
  const a1 = load<u64>(a, 8);
  const b0 = load<u64>(b);
  const b1 = load<u64>(b, 8);
  const low = a0 - b0;
  const borrow = u64(a0 < b0);
  const difference = a1 - b1;
  const high = difference - borrow;
  const under = u64(a1 < b1) | u64(difference < borrow);
  // Adding p: its low word is 1.
  const lowUp = low + under;
  store<u64>(to, lowUp);
  store<u64>(to, high + (P_HIGH & (0 - under)) + (under & u64(lowUp === 0)), 8);
}

/**
 * Reduces the sum of c_i 2^(32 i), i = 0..7. The columns c_0..c_3 are below 2^55 and may be negative
 * down to -2^43; c_4..c_7 are below 2^36. What is subtracted is far below p, so that adding p once
 * leaves nothing negative.
 */
function fold(
  to: usize,
  c0: u64,
  c1: u64,
  c2: u64,
  c3: u64,
  c4: u64,
  c5: u64,
  c6: u64,
  c7: u64,
): void {
  // c6 X^3 = c6 (783 X - 28) = 28 (28 c6) X - c6 X - 28 c6, and likewise c7.
  const u6 = 28 * c6;
  const u7 = 28 * c7;
  const e0 = (c0 - c4 - u6 + 1) as i64;
  const e1 = ((c1 - c5 - u7) as i64) + (e0 >> 32);
  const e2 = ((c2 - c6 + 28 * (c4 + u6) - 28) as i64) + (e1 >> 32);
  const e3 = ((c3 - c7 + 28 * (c5 + u7)) as i64) + (e2 >> 32);
  const q = ((e3 >> 32) + 1) as u64;
  const low = ((e0 as u64) & LOW) | ((e1 as u64) << 32);
  const high = ((e2 as u64) & LOW) | ((e3 as u64) << 32);
  // q X^2 = q (28 X - 1), and 0 <= q < 2^24.
  const lowFolded = low - q;
  const highFolded = high + 28 * q - u64(low < q);
  storeReduced(to, lowFolded, highFolded, u64(highFolded < high));
}

export function mul128(to: usize, a: usize, b: usize): void {
  const b0 = load<u32>(b) as u64;
  const b1 = load<u32>(b, 4) as u64;
  const b2 = load<u32>(b, 8) as u64;
  const b3 = load<u32>(b, 12) as u64;
  let x = load<u32>(a) as u64;
  let t0 = x * b0;
  let t1 = x * b1;
  let t2 = x * b2;
  let t3 = x * b3;
  const c0 = t0 & LOW;
  let c1 = (t0 >> 32) + (t1 & LOW);
  let c2 = (t1 >> 32) + (t2 & LOW);
  let c3 = (t2 >> 32) + (t3 & LOW);
  let c4 = t3 >> 32;
  x = load<u32>(a, 4) as u64;
  t0 = x * b0;
  t1 = x * b1;
  t2 = x * b2;
  t3 = x * b3;
  c1 += t0 & LOW;
  c2 += (t0 >> 32) + (t1 & LOW);
  c3 += (t1 >> 32) + (t2 & LOW);
  c4 += (t2 >> 32) + (t3 & LOW);
  let c5 = t3 >> 32;
  x = load<u32>(a, 8) as u64;
  t0 = x * b0;
  t1 = x * b1;
  t2 = x * b2;
  t3 = x * b3;
  c2 += t0 & LOW;
  c3 += (t0 >> 32) + (t1 & LOW);
  c4 += (t1 >> 32) + (t2 & LOW);
  c5 += (t2 >> 32) + (t3 & LOW);
  let c6 = t3 >> 32;
  x = load<u32>(a, 12) as u64;
  t0 = x * b0;
  t1 = x * b1;
  t2 = x * b2;
  t3 = x * b3;
  c3 += t0 & LOW;
  c4 += (t0 >> 32) + (t1 & LOW);
  c5 += (t1 >> 32) + (t2 & LOW);
  c6 += (t2 >> 32) + (t3 & LOW);
  fold(to, c0, c1, c2, c3, c4, c5, c6, t3 >> 32);
}

/** Inner product with one reduction: 32-bit columns grow by less than 2^35 a term. */
export function dot128(to: usize, a: usize, aStep: usize, b: usize, bStep: usize, n: u32): void {
  let c0: u64 = 0;
  let c1: u64 = 0;
  let c2: u64 = 0;
  let c3: u64 = 0;
  let c4: u64 = 0;
  let c5: u64 = 0;
  let c6: u64 = 0;
  let c7: u64 = 0;
  for (let i: u32 = 0; i < n; i++) {
    const b0 = load<u32>(b) as u64;
    const b1 = load<u32>(b, 4) as u64;
    const b2 = load<u32>(b, 8) as u64;
    const b3 = load<u32>(b, 12) as u64;
    let x = load<u32>(a) as u64;
    let t0 = x * b0;
    let t1 = x * b1;
    let t2 = x * b2;
    let t3 = x * b3;
    c0 += t0 & LOW;
    c1 += (t0 >> 32) + (t1 & LOW);
    c2 += (t1 >> 32) + (t2 & LOW);
    c3 += (t2 >> 32) + (t3 & LOW);
    c4 += t3 >> 32;
    x = load<u32>(a, 4) as u64;
    t0 = x * b0;
    t1 = x * b1;
    t2 = x * b2;
    t3 = x * b3;
    c1 += t0 & LOW;
    c2 += (t0 >> 32) + (t1 & LOW);
    c3 += (t1 >> 32) + (t2 & LOW);
    c4 += (t2 >> 32) + (t3 & LOW);
    c5 += t3 >> 32;
    x = load<u32>(a, 8) as u64;
    t0 = x * b0;
    t1 = x * b1;
    t2 = x * b2;
    t3 = x * b3;
    c2 += t0 & LOW;
    c3 += (t0 >> 32) + (t1 & LOW);
    c4 += (t1 >> 32) + (t2 & LOW);
    c5 += (t2 >> 32) + (t3 & LOW);
    c6 += t3 >> 32;
    x = load<u32>(a, 12) as u64;
    t0 = x * b0;
    t1 = x * b1;
    t2 = x * b2;
    t3 = x * b3;
    c3 += t0 & LOW;
    c4 += (t0 >> 32) + (t1 & LOW);
    c5 += (t1 >> 32) + (t2 & LOW);
    c6 += (t2 >> 32) + (t3 & LOW);
    c7 += t3 >> 32;
    a += aStep;
    b += bStep;
  }
  foldColumns(to, c0, c1, c2, c3, c4, c5, c6, c7);
}

/** Reduces columns of up to 64 bits, 32 bits apart. */
export function foldColumns(
  to: usize,
  c0: u64,
  c1: u64,
  c2: u64,
  c3: u64,
  c4: u64,
  c5: u64,
  c6: u64,
  c7: u64,
): void {
  // To digits of 32 bits, and what is left beyond X^4 = 21896 X - 783.
  c1 += c0 >> 32;
  c2 += c1 >> 32;
  c3 += c2 >> 32;
  c4 += c3 >> 32;
  c5 += c4 >> 32;
  c6 += c5 >> 32;
  c7 += c6 >> 32;
  const beyond = c7 >> 32;
  c0 = (c0 & LOW) - 783 * beyond;
  c2 = (c2 & LOW) + 21896 * beyond;
  fold(to, c0, c1 & LOW, c2, c3 & LOW, c4 & LOW, c5 & LOW, c6 & LOW, c7 & LOW);
}

/** Inner product with integers whose sum is below 2^53: products need no splitting. */
export function dotWeights128(to: usize, a: usize, weights: usize, n: u32): void {
  let c0: u64 = 0;
  let c1: u64 = 0;
  let c2: u64 = 0;
  let c3: u64 = 0;
  let d0: u64 = 0;
  let d1: u64 = 0;
  let d2: u64 = 0;
  let d3: u64 = 0;
  for (let i: u32 = 0; i < n; i++) {
    const weight = load<u64>(weights);
    const low = weight & WEIGHT_LOW;
    const high = weight >> WEIGHT_LOW_BITS;
    let x = load<u32>(a) as u64;
    c0 += x * low;
    d0 += x * high;
    x = load<u32>(a, 4) as u64;
    c1 += x * low;
    d1 += x * high;
    x = load<u32>(a, 8) as u64;
    c2 += x * low;
    d2 += x * high;
    x = load<u32>(a, 12) as u64;
    c3 += x * low;
    d3 += x * high;
    a += 16;
    weights += 16;
  }
  c0 += (d0 & WEIGHT_CARRY) << WEIGHT_LOW_BITS;
  c1 += (d0 >> WEIGHT_CARRY_BITS) + ((d1 & WEIGHT_CARRY) << WEIGHT_LOW_BITS);
  c2 += (d1 >> WEIGHT_CARRY_BITS) + ((d2 & WEIGHT_CARRY) << WEIGHT_LOW_BITS);
  c3 += (d2 >> WEIGHT_CARRY_BITS) + ((d3 & WEIGHT_CARRY) << WEIGHT_LOW_BITS);
  foldColumns(to, c0, c1, c2, c3, d3 >> WEIGHT_CARRY_BITS, 0, 0, 0);
}

/** Sum of n < 2^22 elements with one reduction. */
export function sum128(to: usize, a: usize, step: usize, n: u32): void {
  let c0: u64 = 0;
  let c1: u64 = 0;
  let c2: u64 = 0;
  let c3: u64 = 0;
  for (let i: u32 = 0; i < n; i++) {
    c0 += load<u32>(a) as u64;
    c1 += load<u32>(a, 4) as u64;
    c2 += load<u32>(a, 8) as u64;
    c3 += load<u32>(a, 12) as u64;
    a += step;
  }
  fold(to, c0, c1, c2, c3, 0, 0, 0, 0);
}

/** Stores s0 + s1 2^43 + s2 2^86 modulo p; all three are below 2^60. */
export function fromLimbs128(to: usize, s0: u64, s1: u64, s2: u64): void {
  const c1 = (s0 >> 32) + ((s1 & LOW) << 11);
  const c2 = ((s1 >> 32) << 11) + ((s2 & LOW) << 22);
  fold(to, s0 & LOW, c1, c2, (s2 >> 32) << 22, 0, 0, 0, 0);
}
