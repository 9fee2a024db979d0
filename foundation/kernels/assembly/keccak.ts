/**
 * Keccak-p[1600, 12], the permutation of TurboSHAKE [RFC 9861, Section 2.2]: the last twelve of
 * Keccak's twenty-four rounds. Rounds go from one buffer to another and back: engines make poor code
 * of 25 lanes in locals, which do not fit the registers anyhow (125 ns a permutation against 140).
 *
 * Six lanes are kept complemented from the first round to the last, which turns most of chi's
 * "not, and" into a plain "and" or "or" by De Morgan's laws: five complements a round instead of
 * twenty-five.
 */
const ROUNDS: usize = 12;
const OTHER: usize = memory.data(200, 8);

export const ROUND_CONSTANTS: usize = memory.data<u64>([
  0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
  0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
  0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
]);

/** Permutes the 25 little-endian lanes at `state`. */
export function permute(state: usize): void {
  complementLanes(state);
  for (let round: usize = 0; round < ROUNDS; round += 2) {
    const constants = ROUND_CONSTANTS + (round << 3);
    inline.always(permuteRound(OTHER, state, load<u64>(constants)));
    inline.always(permuteRound(state, OTHER, load<u64>(constants, 8)));
  }
  complementLanes(state);
}

/** Lanes 1, 2, 8, 12, 17 and 20. */
function complementLanes(state: usize): void {
  store<u64>(state, ~load<u64>(state, 8), 8);
  store<u64>(state, ~load<u64>(state, 16), 16);
  store<u64>(state, ~load<u64>(state, 64), 64);
  store<u64>(state, ~load<u64>(state, 96), 96);
  store<u64>(state, ~load<u64>(state, 136), 136);
  store<u64>(state, ~load<u64>(state, 160), 160);
}

/** Of the five lanes of a column. */
function parity(column: usize): u64 {
  const upper = load<u64>(column) ^ load<u64>(column, 40) ^ load<u64>(column, 80);
  return upper ^ load<u64>(column, 120) ^ load<u64>(column, 160);
}

function permuteRound(to: usize, from: usize, constant: u64): void {
  // Theta: every lane takes the parities of two neighbouring columns.
  const c0 = parity(from);
  const c1 = parity(from + 8);
  const c2 = parity(from + 16);
  const c3 = parity(from + 24);
  const c4 = parity(from + 32);
  const d0 = c4 ^ rotl<u64>(c1, 1);
  const d1 = c0 ^ rotl<u64>(c2, 1);
  const d2 = c1 ^ rotl<u64>(c3, 1);
  const d3 = c2 ^ rotl<u64>(c4, 1);
  const d4 = c3 ^ rotl<u64>(c0, 1);

  // Rho and pi rotate the lanes and move them; chi and iota then mix each row of five.
  let b0 = load<u64>(from) ^ d0;
  let b1 = rotl<u64>(load<u64>(from, 48) ^ d1, 44);
  let b2 = rotl<u64>(load<u64>(from, 96) ^ d2, 43);
  let b3 = rotl<u64>(load<u64>(from, 144) ^ d3, 21);
  let b4 = rotl<u64>(load<u64>(from, 192) ^ d4, 14);
  store<u64>(to, b0 ^ (b1 | b2) ^ constant);
  store<u64>(to, b1 ^ (~b2 | b3), 8);
  store<u64>(to, b2 ^ (b3 & b4), 16);
  store<u64>(to, b3 ^ (b4 | b0), 24);
  store<u64>(to, b4 ^ (b0 & b1), 32);

  b0 = rotl<u64>(load<u64>(from, 24) ^ d3, 28);
  b1 = rotl<u64>(load<u64>(from, 72) ^ d4, 20);
  b2 = rotl<u64>(load<u64>(from, 80) ^ d0, 3);
  b3 = rotl<u64>(load<u64>(from, 128) ^ d1, 45);
  b4 = rotl<u64>(load<u64>(from, 176) ^ d2, 61);
  store<u64>(to, b0 ^ (b1 | b2), 40);
  store<u64>(to, b1 ^ (b2 & b3), 48);
  store<u64>(to, b2 ^ (b3 | ~b4), 56);
  store<u64>(to, b3 ^ (b4 | b0), 64);
  store<u64>(to, b4 ^ (b0 & b1), 72);

  b0 = rotl<u64>(load<u64>(from, 8) ^ d1, 1);
  b1 = rotl<u64>(load<u64>(from, 56) ^ d2, 6);
  b2 = rotl<u64>(load<u64>(from, 104) ^ d3, 25);
  b3 = rotl<u64>(load<u64>(from, 152) ^ d4, 8);
  b4 = rotl<u64>(load<u64>(from, 160) ^ d0, 18);
  store<u64>(to, b0 ^ (b1 | b2), 80);
  store<u64>(to, b1 ^ (b2 & b3), 88);
  store<u64>(to, b2 ^ (~b3 & b4), 96);
  store<u64>(to, ~b3 ^ (b4 | b0), 104);
  store<u64>(to, b4 ^ (b0 & b1), 112);

  b0 = rotl<u64>(load<u64>(from, 32) ^ d4, 27);
  b1 = rotl<u64>(load<u64>(from, 40) ^ d0, 36);
  b2 = rotl<u64>(load<u64>(from, 88) ^ d1, 10);
  b3 = rotl<u64>(load<u64>(from, 136) ^ d2, 15);
  b4 = rotl<u64>(load<u64>(from, 184) ^ d3, 56);
  store<u64>(to, b0 ^ (b1 & b2), 120);
  store<u64>(to, b1 ^ (b2 | b3), 128);
  store<u64>(to, b2 ^ (~b3 | b4), 136);
  store<u64>(to, ~b3 ^ (b4 & b0), 144);
  store<u64>(to, b4 ^ (b0 | b1), 152);

  b0 = rotl<u64>(load<u64>(from, 16) ^ d2, 62);
  b1 = rotl<u64>(load<u64>(from, 64) ^ d3, 55);
  b2 = rotl<u64>(load<u64>(from, 112) ^ d4, 39);
  b3 = rotl<u64>(load<u64>(from, 120) ^ d0, 41);
  b4 = rotl<u64>(load<u64>(from, 168) ^ d1, 2);
  store<u64>(to, b0 ^ (~b1 & b2), 160);
  store<u64>(to, ~b1 ^ (b2 | b3), 168);
  store<u64>(to, b2 ^ (b3 & b4), 176);
  store<u64>(to, b3 ^ (b4 | b0), 184);
  store<u64>(to, b4 ^ (b0 & b1), 192);
}
