/** Measurements as vectors of zeros and ones, without a branch on the measurement. */
import { at, storeSmall } from "./field";

/**
 * `encode_range_checked_int` [VDAF-20, Section 7.4.2] of `n` integers given as f64, each at most
 * `max` and below 2^53: the weights are 1, 2, 4, .. and the last makes their sum `max`.
 */
export function encodeIntegers<F>(to: usize, values: usize, n: u32, max: f64, bits: u32): void {
  const rest = ((1 as u64) << ((bits - 1) as u64)) - 1;
  const lastWeight = (max as u64) - rest;
  for (let i: u32 = 0; i < n; i++) {
    const value = load<f64>(values + ((i as usize) << 3)) as u64;
    const last = u64(value > rest);
    const low = value - (lastWeight & (0 - last));
    const first = i * bits;
    for (let l: u32 = 0; l + 1 < bits; l++) {
      storeSmall<F>(at<F>(to, first + l), (low >> (l as u64)) & 1);
    }
    storeSmall<F>(at<F>(to, first + bits - 1), last);
  }
}

/** A vector of zeros with one one. */
export function encodeOneHot<F>(to: usize, n: u32, hot: u32): void {
  for (let i: u32 = 0; i < n; i++) storeSmall<F>(at<F>(to, i), u64(i === hot));
}
