/**
 * Polynomials in the Lagrange basis: values at w^0, w^1, ... for a p-th root of unity w
 * [VDAF-20, Section 6.1.3]. `roots` holds the powers s^0 .. s^(2p-1) of a 2p-th root s, s^2 = w.
 */
import { add, at, copy, mul, storeSmall, sub } from "./field";

const FIRST: usize = memory.data(16, 16);
const SECOND: usize = memory.data(16, 16);
const POWERS: usize = memory.data(1024, 16);

/**
 * Values at w^i to values at s w^i, in place: an inverse transform, a shift of each coefficient's
 * scale, and a transform. Between them the coefficients stand in bit-reversed order, and so does
 * `shift`: s^m / p for the coefficient m.
 */
export function toCoset<F>(a: usize, roots: usize, shift: usize, p: u32): void {
  const mask = 2 * p - 1;
  for (let half = p >> 1; half > 0; half >>= 1) {
    const stride = p / half;
    for (let begin: u32 = 0; begin < p; begin += 2 * half) {
      const middle = begin + half;
      add<F>(FIRST, at<F>(a, begin), at<F>(a, middle));
      sub<F>(at<F>(a, middle), at<F>(a, begin), at<F>(a, middle));
      copy<F>(at<F>(a, begin), FIRST);
      for (let j: u32 = 1; j < half; j++) {
        const u = at<F>(a, begin + j);
        const v = at<F>(a, middle + j);
        sub<F>(FIRST, u, v);
        add<F>(u, u, v);
        mul<F>(v, FIRST, at<F>(roots, (2 * p - j * stride) & mask));
      }
    }
  }
  for (let i: u32 = 0; i < p; i++) mul<F>(at<F>(a, i), at<F>(a, i), at<F>(shift, i));
  for (let half: u32 = 1; half < p; half <<= 1) {
    const stride = p / half;
    for (let begin: u32 = 0; begin < p; begin += 2 * half) {
      const middle = begin + half;
      copy<F>(FIRST, at<F>(a, middle));
      sub<F>(at<F>(a, middle), at<F>(a, begin), FIRST);
      add<F>(at<F>(a, begin), at<F>(a, begin), FIRST);
      for (let j: u32 = 1; j < half; j++) {
        const u = at<F>(a, begin + j);
        const v = at<F>(a, middle + j);
        mul<F>(FIRST, v, at<F>(roots, j * stride));
        sub<F>(v, u, FIRST);
        add<F>(u, u, FIRST);
      }
    }
  }
}

/**
 * The weights L_0(t) .. L_(p-1)(t) with f(t) = sum of L_k(t) f(w^k), without a division:
 * L_k(t) = w^k (t^p - 1) / (p (t - w^k)), and t^2m - 1 over t^m - y is (t^m + y) times the same
 * quotient one level below, for every m-th root y. `inverse` is 1 / p.
 */
export function lagrange<F>(to: usize, t: usize, roots: usize, inverse: usize, p: u32): void {
  // POWERS[l] = t^(2^l)
  let levels: u32 = 0;
  copy<F>(POWERS, t);
  for (let m = p; m > 2; m >>= 1) {
    mul<F>(at<F>(POWERS, levels + 1), at<F>(POWERS, levels), at<F>(POWERS, levels));
    levels++;
  }
  copy<F>(to, inverse);
  let level = levels;
  for (let half: u32 = 1; half < p; half <<= 1) {
    const power = at<F>(POWERS, level);
    const stride = p / half;
    for (let j: u32 = 0; j < half; j++) {
      const low = at<F>(to, j);
      const root = at<F>(roots, j * stride);
      add<F>(FIRST, power, root);
      sub<F>(SECOND, power, root);
      mul<F>(at<F>(to, j + half), SECOND, low);
      mul<F>(low, FIRST, low);
    }
    level--;
  }
  for (let k: u32 = 1; k < p; k++) mul<F>(at<F>(to, k), at<F>(to, k), at<F>(roots, 2 * k));
}

/** t^p for a power of two p. */
export function power<F>(to: usize, t: usize, p: u32): void {
  copy<F>(to, t);
  for (let m = p; m > 1; m >>= 1) mul<F>(to, to, to);
}

/** Fills `to` with base^0 .. base^(n-1). */
export function powers<F>(to: usize, base: usize, n: u32): void {
  storeSmall<F>(to, 1);
  for (let i: u32 = 1; i < n; i++) mul<F>(at<F>(to, i), at<F>(to, i - 1), base);
}
