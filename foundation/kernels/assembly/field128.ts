/**
 * Field128: p = 2^128 - 28 * 2^64 + 1 [VDAF-20, Section 6.1.2]. With X = 2^64:
 * X^2 = 28 X - 1, X^3 = 783 X - 28 and X^4 = 21896 X - 783.
 * Elements are canonical (below p) before and after every function.
 */
const P_HIGH: u64 = 0xffff_ffff_ffff_ffe4;
/** The mask of a 32-bit digit. */
const LOW: u64 = 0xffff_ffff;

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
 * Reduces sum of d_i 2^(32 i), i = 0..8, where d_0..d_7 are 32-bit digits and d_8 is below 2^32.
 * The signed digits below stay within 2^43 and their sum above -p, so that adding p once suffices.
 */
function fold(
  to: usize,
  d0: u64,
  d1: u64,
  d2: u64,
  d3: u64,
  d4: u64,
  d5: u64,
  d6: u64,
  d7: u64,
  d8: u64,
): void {
  const e0 = (d0 - d4 - 28 * d6 - 783 * d8 + 1) as i64;
  const e1 = ((d1 - d5 - 28 * d7) as i64) + (e0 >> 32);
  const e2 = ((d2 + 28 * d4 + 783 * d6 + 21896 * d8 - 28) as i64) + (e1 >> 32);
  const e3 = ((d3 + 28 * d5 + 783 * d7) as i64) + (e2 >> 32);
  const q = ((e3 >> 32) + 1) as u64;
  const low = ((e0 as u64) & LOW) | ((e1 as u64) << 32);
  const high = ((e2 as u64) & LOW) | ((e3 as u64) << 32);
  // q X^2 = q (28 X - 1), and 0 <= q < 2^11.
  const lowFolded = low - q;
  const highFolded = high + 28 * q - u64(low < q);
  storeReduced(to, lowFolded, highFolded, u64(highFolded < high));
}

export function mul128(to: usize, a: usize, b: usize): void {
  const a0 = load<u32>(a) as u64;
  const a1 = load<u32>(a, 4) as u64;
  const a2 = load<u32>(a, 8) as u64;
  const a3 = load<u32>(a, 12) as u64;
  const b0 = load<u32>(b) as u64;
  const b1 = load<u32>(b, 4) as u64;
  const b2 = load<u32>(b, 8) as u64;
  const b3 = load<u32>(b, 12) as u64;

  let t = a0 * b0;
  const d0 = t & LOW;
  t = a0 * b1 + (t >> 32);
  let d1 = t & LOW;
  t = a0 * b2 + (t >> 32);
  let d2 = t & LOW;
  t = a0 * b3 + (t >> 32);
  let d3 = t & LOW;
  let d4 = t >> 32;

  t = a1 * b0 + d1;
  d1 = t & LOW;
  t = a1 * b1 + d2 + (t >> 32);
  d2 = t & LOW;
  t = a1 * b2 + d3 + (t >> 32);
  d3 = t & LOW;
  t = a1 * b3 + d4 + (t >> 32);
  d4 = t & LOW;
  let d5 = t >> 32;

  t = a2 * b0 + d2;
  d2 = t & LOW;
  t = a2 * b1 + d3 + (t >> 32);
  d3 = t & LOW;
  t = a2 * b2 + d4 + (t >> 32);
  d4 = t & LOW;
  t = a2 * b3 + d5 + (t >> 32);
  d5 = t & LOW;
  let d6 = t >> 32;

  t = a3 * b0 + d3;
  d3 = t & LOW;
  t = a3 * b1 + d4 + (t >> 32);
  d4 = t & LOW;
  t = a3 * b2 + d5 + (t >> 32);
  d5 = t & LOW;
  t = a3 * b3 + d6 + (t >> 32);
  d6 = t & LOW;
  fold(to, d0, d1, d2, d3, d4, d5, d6, t >> 32, 0);
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
  c1 += c0 >> 32;
  c2 += c1 >> 32;
  c3 += c2 >> 32;
  c4 += c3 >> 32;
  c5 += c4 >> 32;
  c6 += c5 >> 32;
  c7 += c6 >> 32;
  fold(
    to,
    c0 & LOW,
    c1 & LOW,
    c2 & LOW,
    c3 & LOW,
    c4 & LOW,
    c5 & LOW,
    c6 & LOW,
    c7 & LOW,
    c7 >> 32,
  );
}
