/**
 * Arithmetic in F_p, p = 2^255 - 19. An element is its encoding: 32 little-endian bytes, canonical,
 * read as eight words of 32 bits. No branch and no address depends on a value; `to` may be the
 * address of an operand.
 */
const WORDS: i32 = 8;
const MASK: u64 = 0xffff_ffff;
/** The last word without bit 255. */
const TOP_MASK: u64 = 0x7fff_ffff;
const PRODUCT: usize = memory.data(64, 16);
const ZERO: usize = memory.data(32, 16);

function word(at: usize, i: i32): u64 {
  return load<u32>(at + ((<usize>i) << 2));
}

function setWord(at: usize, i: i32, value: u64): void {
  store<u32>(at + ((<usize>i) << 2), <u32>value);
}

export function isCanonical255(a: usize): bool {
  let carry: u64 = 19;
  for (let i = 0; i < WORDS; i++) carry = (word(a, i) + carry) >> (i === WORDS - 1 ? 31 : 32);
  return carry === 0;
}

/** x mod p for x < 2p: x - p = x + 19 - 2^255 when bit 255 of x + 19 is set, else x. */
function canonicalise(x: usize): void {
  let sum: u64 = 0;
  let carry: u64 = 19;
  for (let i = 0; i < WORDS; i++) {
    sum = word(x, i) + carry;
    carry = sum >> 32;
  }
  carry = 19 * ((sum >> 31) & 1);
  for (let i = 0; i < WORDS; i++) {
    sum = word(x, i) + carry;
    setWord(x, i, sum);
    carry = sum >> 32;
  }
  setWord(x, WORDS - 1, sum & TOP_MASK);
}

export function add255(to: usize, a: usize, b: usize): void {
  let carry: u64 = 0;
  for (let i = 0; i < WORDS; i++) {
    const sum = word(a, i) + word(b, i) + carry;
    setWord(to, i, sum);
    carry = sum >> 32;
  }
  canonicalise(to);
}

/** a - b, and p more when that is negative. */
export function sub255(to: usize, a: usize, b: usize): void {
  let borrow: u64 = 0;
  for (let i = 0; i < WORDS; i++) {
    const difference = word(a, i) - word(b, i) - borrow;
    setWord(to, i, difference);
    borrow = difference >> 63;
  }
  // p = 2^255 - 19, as words ffffffed, ffffffff, ..., 7fffffff.
  const mask = 0 - borrow;
  let carry: u64 = 0;
  for (let i = 0; i < WORDS; i++) {
    const p = i === 0 ? MASK - 18 : i === WORDS - 1 ? TOP_MASK : MASK;
    const sum = word(to, i) + (p & mask) + carry;
    setWord(to, i, sum);
    carry = sum >> 32;
  }
}

/** Schoolbook; then 2^256 = 38 folds the upper half, and 2^255 = 19 what is left above. */
export function mul255(to: usize, a: usize, b: usize): void {
  memory.fill(PRODUCT, 0, 64);
  for (let i = 0; i < WORDS; i++) {
    const factor = word(a, i);
    let carry: u64 = 0;
    for (let j = 0; j < WORDS; j++) {
      const sum = factor * word(b, j) + word(PRODUCT, i + j) + carry;
      setWord(PRODUCT, i + j, sum);
      carry = sum >> 32;
    }
    setWord(PRODUCT, i + WORDS, carry);
  }
  let sum: u64 = 0;
  let carry: u64 = 0;
  for (let i = 0; i < WORDS; i++) {
    sum = word(PRODUCT, i) + 38 * word(PRODUCT, i + WORDS) + carry;
    setWord(to, i, sum);
    carry = sum >> 32;
  }
  // carry <= 38, so that at most 77 * 19 comes back and less than 2p remains.
  carry = 19 * (2 * carry + ((sum >> 31) & 1));
  setWord(to, WORDS - 1, sum & TOP_MASK);
  for (let i = 0; i < WORDS; i++) {
    sum = word(to, i) + carry;
    setWord(to, i, sum);
    carry = sum >> 32;
  }
  canonicalise(to);
}

export function neg255(to: usize, a: usize): void {
  sub255(to, ZERO, a);
}

/** `a` when `bit` is 1, zero when it is 0. */
export function mask255(to: usize, a: usize, bit: u32): void {
  const lanes = i32x4.splat(0 - bit);
  v128.store(to, v128.and(v128.load(a), lanes));
  v128.store(to, v128.and(v128.load(a, 16), lanes), 16);
}

/** Becomes `a` when `bit` is 1. */
export function select255(to: usize, a: usize, bit: u32): void {
  const lanes = i32x4.splat(0 - bit);
  v128.store(to, v128.bitselect(v128.load(a), v128.load(to), lanes));
  v128.store(to, v128.bitselect(v128.load(a, 16), v128.load(to, 16), lanes), 16);
}
