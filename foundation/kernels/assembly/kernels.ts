/** What the module exports: every kernel once for Field64 and once for Field128. */
import { gadgetValuesOfBits } from "./bit-products";
import { add, dot, mul, sub, sum } from "./field";
import { encodeIntegers, encodeOneHot } from "./measurement";
import { gadgetValues, gadgetValuesOneHot, wiresAt } from "./parallel-sum";
import { lagrange, power, powers, toCoset } from "./polynomial";
import { squeezeVector, squeezeVectorIntoOther } from "./sponge";
import {
  addVector,
  areCanonical,
  copyVector,
  decodeIntegers,
  mulVector,
  subVector,
} from "./vector";

export { permute } from "./keccak";
export { absorb, finish, squeeze, start, swap } from "./sponge";

/** The first address that no kernel uses for itself. */
export function heapBase(): usize {
  return __heap_base;
}

export function setByte(address: usize, value: u32): void {
  store<u8>(address, value as u8);
}

export function add64(to: usize, a: usize, b: usize): void {
  add<u64>(to, a, b);
}

export function sub64(to: usize, a: usize, b: usize): void {
  sub<u64>(to, a, b);
}

export function mul64(to: usize, a: usize, b: usize): void {
  mul<u64>(to, a, b);
}

export function dot64(to: usize, a: usize, aStep: u32, b: usize, bStep: u32, n: u32): void {
  dot<u64>(to, a, aStep, b, bStep, n);
}

export function squeezeVector64(target: usize, count: u32): void {
  squeezeVector<u64>(target, count);
}

export function squeezeVectorIntoOther64(target: usize, count: u32): void {
  squeezeVectorIntoOther<u64>(target, count);
}

export function addVector64(to: usize, a: usize, b: usize, n: u32): void {
  addVector<u64>(to, a, b, n);
}

export function subVector64(to: usize, a: usize, b: usize, n: u32): void {
  subVector<u64>(to, a, b, n);
}

export function mulVector64(to: usize, a: usize, b: usize, n: u32): void {
  mulVector<u64>(to, a, b, n);
}

export function copyVector64(to: usize, toStep: u32, a: usize, aStep: u32, n: u32): void {
  copyVector<u64>(to, toStep, a, aStep, n);
}

export function sumVector64(to: usize, a: usize, step: u32, n: u32): void {
  sum<u64>(to, a, step, n);
}

export function areCanonical64(a: usize, n: u32): bool {
  return areCanonical<u64>(a, n);
}

export function decodeIntegers64(to: usize, a: usize, weights: usize, size: u32, n: u32): void {
  decodeIntegers<u64>(to, a, weights, size, n);
}

export function toCoset64(a: usize, roots: usize, shift: usize, p: u32): void {
  toCoset<u64>(a, roots, shift, p);
}

export function lagrange64(to: usize, t: usize, roots: usize, inverse: usize, p: u32): void {
  lagrange<u64>(to, t, roots, inverse, p);
}

export function power64(to: usize, t: usize, p: u32): void {
  power<u64>(to, t, p);
}

export function powers64(to: usize, base: usize, n: u32): void {
  powers<u64>(to, base, n);
}

export function encodeIntegers64(to: usize, values: usize, n: u32, max: f64, bits: u32): void {
  encodeIntegers<u64>(to, values, n, max, bits);
}

export function encodeOneHot64(to: usize, n: u32, hot: u32): void {
  encodeOneHot<u64>(to, n, hot);
}

export function wiresAt64(
  to: usize,
  seeds: usize,
  meas: usize,
  length: u32,
  weights: usize,
  offset: usize,
  jointRand: usize,
  room: usize,
  calls: u32,
  chunk: u32,
): void {
  wiresAt<u64>(to, seeds, meas, length, weights, offset, jointRand, room, calls, chunk);
}

export function gadgetValues64(
  to: usize,
  seeds: usize,
  meas: usize,
  length: u32,
  jointRand: usize,
  powers: usize,
  a: usize,
  b: usize,
  roots: usize,
  shift: usize,
  calls: u32,
  chunk: u32,
  p: u32,
): void {
  gadgetValues<u64>(
    to,
    seeds,
    meas,
    length,
    jointRand,
    powers,
    a,
    b,
    roots,
    shift,
    calls,
    chunk,
    p,
  );
}

export function gadgetValuesOneHot64(
  to: usize,
  seeds: usize,
  hot: u32,
  jointRand: usize,
  rows: usize,
  cosetWeights: usize,
  calls: u32,
  chunk: u32,
  p: u32,
): void {
  gadgetValuesOneHot<u64>(to, seeds, hot, jointRand, rows, cosetWeights, calls, chunk, p);
}

export function add128(to: usize, a: usize, b: usize): void {
  add<v128>(to, a, b);
}

export function sub128(to: usize, a: usize, b: usize): void {
  sub<v128>(to, a, b);
}

export function mul128(to: usize, a: usize, b: usize): void {
  mul<v128>(to, a, b);
}

export function dot128(to: usize, a: usize, aStep: u32, b: usize, bStep: u32, n: u32): void {
  dot<v128>(to, a, aStep, b, bStep, n);
}

export function squeezeVector128(target: usize, count: u32): void {
  squeezeVector<v128>(target, count);
}

export function squeezeVectorIntoOther128(target: usize, count: u32): void {
  squeezeVectorIntoOther<v128>(target, count);
}

export function addVector128(to: usize, a: usize, b: usize, n: u32): void {
  addVector<v128>(to, a, b, n);
}

export function subVector128(to: usize, a: usize, b: usize, n: u32): void {
  subVector<v128>(to, a, b, n);
}

export function mulVector128(to: usize, a: usize, b: usize, n: u32): void {
  mulVector<v128>(to, a, b, n);
}

export function copyVector128(to: usize, toStep: u32, a: usize, aStep: u32, n: u32): void {
  copyVector<v128>(to, toStep, a, aStep, n);
}

export function sumVector128(to: usize, a: usize, step: u32, n: u32): void {
  sum<v128>(to, a, step, n);
}

export function areCanonical128(a: usize, n: u32): bool {
  return areCanonical<v128>(a, n);
}

export function decodeIntegers128(to: usize, a: usize, weights: usize, size: u32, n: u32): void {
  decodeIntegers<v128>(to, a, weights, size, n);
}

export function toCoset128(a: usize, roots: usize, shift: usize, p: u32): void {
  toCoset<v128>(a, roots, shift, p);
}

export function lagrange128(to: usize, t: usize, roots: usize, inverse: usize, p: u32): void {
  lagrange<v128>(to, t, roots, inverse, p);
}

export function power128(to: usize, t: usize, p: u32): void {
  power<v128>(to, t, p);
}

export function powers128(to: usize, base: usize, n: u32): void {
  powers<v128>(to, base, n);
}

export function encodeIntegers128(to: usize, values: usize, n: u32, max: f64, bits: u32): void {
  encodeIntegers<v128>(to, values, n, max, bits);
}

export function encodeOneHot128(to: usize, n: u32, hot: u32): void {
  encodeOneHot<v128>(to, n, hot);
}

export function wiresAt128(
  to: usize,
  seeds: usize,
  meas: usize,
  length: u32,
  weights: usize,
  offset: usize,
  jointRand: usize,
  room: usize,
  calls: u32,
  chunk: u32,
): void {
  wiresAt<v128>(to, seeds, meas, length, weights, offset, jointRand, room, calls, chunk);
}

export function gadgetValues128(
  to: usize,
  seeds: usize,
  meas: usize,
  length: u32,
  jointRand: usize,
  powers: usize,
  a: usize,
  b: usize,
  roots: usize,
  shift: usize,
  calls: u32,
  chunk: u32,
  p: u32,
): void {
  gadgetValues<v128>(
    to,
    seeds,
    meas,
    length,
    jointRand,
    powers,
    a,
    b,
    roots,
    shift,
    calls,
    chunk,
    p,
  );
}

export function gadgetValuesOneHot128(
  to: usize,
  seeds: usize,
  hot: u32,
  jointRand: usize,
  rows: usize,
  cosetWeights: usize,
  calls: u32,
  chunk: u32,
  p: u32,
): void {
  gadgetValuesOneHot<v128>(to, seeds, hot, jointRand, rows, cosetWeights, calls, chunk, p);
}

export function gadgetValuesOfBits64(
  to: usize,
  seeds: usize,
  meas: usize,
  length: u32,
  jointRand: usize,
  records: usize,
  room: usize,
  roots: usize,
  shift: usize,
  cosetWeights: usize,
  cosetSquares: usize,
  pairWeights: usize,
  scale: usize,
  calls: u32,
  chunk: u32,
  p: u32,
): void {
  gadgetValuesOfBits<u64>(
    to,
    seeds,
    meas,
    length,
    jointRand,
    records,
    room,
    roots,
    shift,
    cosetWeights,
    cosetSquares,
    pairWeights,
    scale,
    calls,
    chunk,
    p,
  );
}

export function gadgetValuesOfBits128(
  to: usize,
  seeds: usize,
  meas: usize,
  length: u32,
  jointRand: usize,
  records: usize,
  room: usize,
  roots: usize,
  shift: usize,
  cosetWeights: usize,
  cosetSquares: usize,
  pairWeights: usize,
  scale: usize,
  calls: u32,
  chunk: u32,
  p: u32,
): void {
  gadgetValuesOfBits<v128>(
    to,
    seeds,
    meas,
    length,
    jointRand,
    records,
    room,
    roots,
    shift,
    cosetWeights,
    cosetSquares,
    pairWeights,
    scale,
    calls,
    chunk,
    p,
  );
}
