/**
 * The two fields behind one generic face: F is `u64` for Field64 and `v128` for Field128, which
 * names nothing but the size of an element; asc resolves each branch below at compile time.
 * Elements are passed by address. `to` may be the address of an operand.
 */
import { add64, dot64, fromLimbs64, isCanonical64, mul64, sub64, sum64 } from "./field64";
import {
  add128,
  dot128,
  dotWeights128,
  fromLimbs128,
  isCanonical128,
  mul128,
  sub128,
  sum128,
} from "./field128";

export function elementBytes<F>(): usize {
  return sizeof<F>();
}

/** The address of element `index` of a vector. */
export function at<F>(vector: usize, index: u32): usize {
  return vector + (index as usize) * sizeof<F>();
}

export function isCanonical<F>(a: usize): bool {
  return sizeof<F>() === 8 ? isCanonical64(a) : isCanonical128(a);
}

export function add<F>(to: usize, a: usize, b: usize): void {
  if (sizeof<F>() === 8) add64(to, a, b);
  else add128(to, a, b);
}

export function sub<F>(to: usize, a: usize, b: usize): void {
  if (sizeof<F>() === 8) sub64(to, a, b);
  else sub128(to, a, b);
}

export function mul<F>(to: usize, a: usize, b: usize): void {
  if (sizeof<F>() === 8) mul64(to, a, b);
  else mul128(to, a, b);
}

/** Sum of a[i * aStep] * b[i * bStep] for i < n; steps in elements. */
export function dot<F>(to: usize, a: usize, aStep: u32, b: usize, bStep: u32, n: u32): void {
  const aBytes = (aStep as usize) * sizeof<F>();
  const bBytes = (bStep as usize) * sizeof<F>();
  if (sizeof<F>() === 8) dot64(to, a, aBytes, b, bBytes, n);
  else dot128(to, a, aBytes, b, bBytes, n);
}

/** Inner product with weights whose sum is below 2^53. */
export function dotWeights<F>(to: usize, a: usize, weights: usize, n: u32): void {
  if (sizeof<F>() === 8) dot64(to, a, 8, weights, 8, n);
  else dotWeights128(to, a, weights, n);
}

/** Sum of a[i * step] for i < n. */
export function sum<F>(to: usize, a: usize, step: u32, n: u32): void {
  const bytes = (step as usize) * sizeof<F>();
  if (sizeof<F>() === 8) sum64(to, a, bytes, n);
  else sum128(to, a, bytes, n);
}

/** Stores s0 + s1 2^43 + s2 2^86, limbs below 2^60; s2 is zero in Field64. */
export function fromLimbs<F>(to: usize, s0: u64, s1: u64, s2: u64): void {
  if (sizeof<F>() === 8) fromLimbs64(to, s0, s1);
  else fromLimbs128(to, s0, s1, s2);
}

export function copy<F>(to: usize, a: usize): void {
  store<u64>(to, load<u64>(a));
  if (sizeof<F>() === 16) store<u64>(to, load<u64>(a, 8), 8);
}

/** Stores a value below 2^63. */
export function storeSmall<F>(to: usize, value: u64): void {
  store<u64>(to, value);
  if (sizeof<F>() === 16) store<u64>(to, 0, 8);
}

/** Adds `a` where `mask` is all ones, and zero where it is zero, to what may be any bits. */
export function orMasked<F>(to: usize, a: usize, mask: u64): void {
  store<u64>(to, load<u64>(to) | (load<u64>(a) & mask));
  if (sizeof<F>() === 16) store<u64>(to, load<u64>(to, 8) | (load<u64>(a, 8) & mask), 8);
}
