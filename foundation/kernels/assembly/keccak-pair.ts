/**
 * Keccak-p[1600, 12] on two independent states at once, one in each half of the SIMD lanes. Though
 * SIMD has no rotation, both take 230 ns where one takes 135.
 */
import { ROUND_CONSTANTS } from "./keccak";

const ROUNDS: usize = 12;
const LANES: usize = 25;
/** Lane i of the two states at bytes 16 i and 16 i + 8. */
const BOTH: usize = memory.data(400, 16);
const OTHER: usize = memory.data(400, 16);

/** Permutes the 25 little-endian lanes at `first`, and those at `second`. */
export function permutePair(first: usize, second: usize): void {
  for (let at: usize = 0; at < LANES << 3; at += 8) {
    const lanes = v128.load64_lane(second + at, v128.load64_zero(first + at), 1);
    v128.store(BOTH + (at << 1), lanes);
  }
  for (let round: usize = 0; round < ROUNDS; round += 2) {
    const constants = ROUND_CONSTANTS + (round << 3);
    inline.always(permuteRound(OTHER, BOTH, v128.load64_splat(constants)));
    inline.always(permuteRound(BOTH, OTHER, v128.load64_splat(constants, 8)));
  }
  for (let at: usize = 0; at < LANES << 3; at += 8) {
    const lanes = v128.load(BOTH + (at << 1));
    v128.store64_lane(first + at, lanes, 0);
    v128.store64_lane(second + at, lanes, 1);
  }
}

function rotate(a: v128, bits: i32): v128 {
  return v128.or(i64x2.shl(a, bits), i64x2.shr_u(a, 64 - bits));
}

/** a + not b and c */
function chi(a: v128, b: v128, c: v128): v128 {
  return v128.xor(a, v128.andnot(c, b));
}

/** Of the five lanes of a column. */
function parity(column: usize): v128 {
  const upper = v128.xor(v128.load(column), v128.load(column, 80));
  const lower = v128.xor(v128.load(column, 160), v128.load(column, 240));
  return v128.xor(v128.xor(upper, lower), v128.load(column, 320));
}

function permuteRound(to: usize, from: usize, constant: v128): void {
  // Theta
  const c0 = parity(from);
  const c1 = parity(from + 16);
  const c2 = parity(from + 32);
  const c3 = parity(from + 48);
  const c4 = parity(from + 64);
  const d0 = v128.xor(c4, rotate(c1, 1));
  const d1 = v128.xor(c0, rotate(c2, 1));
  const d2 = v128.xor(c1, rotate(c3, 1));
  const d3 = v128.xor(c2, rotate(c4, 1));
  const d4 = v128.xor(c3, rotate(c0, 1));

  // Rho and pi; chi and iota
  let b0 = v128.xor(v128.load(from), d0);
  let b1 = rotate(v128.xor(v128.load(from, 96), d1), 44);
  let b2 = rotate(v128.xor(v128.load(from, 192), d2), 43);
  let b3 = rotate(v128.xor(v128.load(from, 288), d3), 21);
  let b4 = rotate(v128.xor(v128.load(from, 384), d4), 14);
  v128.store(to, v128.xor(chi(b0, b1, b2), constant));
  v128.store(to, chi(b1, b2, b3), 16);
  v128.store(to, chi(b2, b3, b4), 32);
  v128.store(to, chi(b3, b4, b0), 48);
  v128.store(to, chi(b4, b0, b1), 64);

  b0 = rotate(v128.xor(v128.load(from, 48), d3), 28);
  b1 = rotate(v128.xor(v128.load(from, 144), d4), 20);
  b2 = rotate(v128.xor(v128.load(from, 160), d0), 3);
  b3 = rotate(v128.xor(v128.load(from, 256), d1), 45);
  b4 = rotate(v128.xor(v128.load(from, 352), d2), 61);
  v128.store(to, chi(b0, b1, b2), 80);
  v128.store(to, chi(b1, b2, b3), 96);
  v128.store(to, chi(b2, b3, b4), 112);
  v128.store(to, chi(b3, b4, b0), 128);
  v128.store(to, chi(b4, b0, b1), 144);

  b0 = rotate(v128.xor(v128.load(from, 16), d1), 1);
  b1 = rotate(v128.xor(v128.load(from, 112), d2), 6);
  b2 = rotate(v128.xor(v128.load(from, 208), d3), 25);
  b3 = rotate(v128.xor(v128.load(from, 304), d4), 8);
  b4 = rotate(v128.xor(v128.load(from, 320), d0), 18);
  v128.store(to, chi(b0, b1, b2), 160);
  v128.store(to, chi(b1, b2, b3), 176);
  v128.store(to, chi(b2, b3, b4), 192);
  v128.store(to, chi(b3, b4, b0), 208);
  v128.store(to, chi(b4, b0, b1), 224);

  b0 = rotate(v128.xor(v128.load(from, 64), d4), 27);
  b1 = rotate(v128.xor(v128.load(from, 80), d0), 36);
  b2 = rotate(v128.xor(v128.load(from, 176), d1), 10);
  b3 = rotate(v128.xor(v128.load(from, 272), d2), 15);
  b4 = rotate(v128.xor(v128.load(from, 368), d3), 56);
  v128.store(to, chi(b0, b1, b2), 240);
  v128.store(to, chi(b1, b2, b3), 256);
  v128.store(to, chi(b2, b3, b4), 272);
  v128.store(to, chi(b3, b4, b0), 288);
  v128.store(to, chi(b4, b0, b1), 304);

  b0 = rotate(v128.xor(v128.load(from, 32), d2), 62);
  b1 = rotate(v128.xor(v128.load(from, 128), d3), 55);
  b2 = rotate(v128.xor(v128.load(from, 224), d4), 39);
  b3 = rotate(v128.xor(v128.load(from, 240), d0), 41);
  b4 = rotate(v128.xor(v128.load(from, 336), d1), 2);
  v128.store(to, chi(b0, b1, b2), 320);
  v128.store(to, chi(b1, b2, b3), 336);
  v128.store(to, chi(b2, b3, b4), 352);
  v128.store(to, chi(b3, b4, b0), 368);
  v128.store(to, chi(b4, b0, b1), 384);
}
