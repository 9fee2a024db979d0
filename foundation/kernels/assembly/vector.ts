/** Vectors of field elements. */
import { add, at, copy, dotWeights, elementBytes, isCanonical, mul, sub } from "./field";

export function addVector<F>(to: usize, a: usize, b: usize, n: u32): void {
  for (let i: u32 = 0; i < n; i++) add<F>(at<F>(to, i), at<F>(a, i), at<F>(b, i));
}

export function subVector<F>(to: usize, a: usize, b: usize, n: u32): void {
  for (let i: u32 = 0; i < n; i++) sub<F>(at<F>(to, i), at<F>(a, i), at<F>(b, i));
}

export function mulVector<F>(to: usize, a: usize, b: usize, n: u32): void {
  for (let i: u32 = 0; i < n; i++) mul<F>(at<F>(to, i), at<F>(a, i), at<F>(b, i));
}

/** Copies a[i * aStep] to to[i * toStep] for i < n. */
export function copyVector<F>(to: usize, toStep: u32, a: usize, aStep: u32, n: u32): void {
  for (let i: u32 = 0; i < n; i++) copy<F>(at<F>(to, i * toStep), at<F>(a, i * aStep));
}

export function areCanonical<F>(a: usize, n: u32): bool {
  for (let i: u32 = 0; i < n; i++) if (!isCanonical<F>(at<F>(a, i))) return false;
  return true;
}

/**
 * `n` integers from groups of `size` elements: inner products with the same weights, whose sum is below
 * 2^53.
 */
export function decodeIntegers<F>(to: usize, a: usize, weights: usize, size: u32, n: u32): void {
  for (let i: u32 = 0; i < n; i++) dotWeights<F>(at<F>(to, i), at<F>(a, i * size), weights, size);
}

export function zero<F>(to: usize, n: u32): void {
  memory.fill(to, 0, (n as usize) * elementBytes<F>());
}
