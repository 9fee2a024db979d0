/** What the module of Poplar1 exports: the IDPF, and vectors over its two fields. */
import { dot } from "./field";
import { squeezeVector } from "./sponge";
import { addVector, areCanonical, mulVector, subVector } from "./vector";

export { expandKey } from "./aes128";
export {
  addVector255,
  areCanonical255,
  dotVector255,
  mulVector255,
  squeezeVector255,
  subVector255,
} from "./field255-vector";
export { hashBlocks } from "./fixed-key-aes128";
export { gather } from "./idpf";
export {
  convertInner,
  correctInner,
  extendInner,
  generateInner,
  sampleInner,
} from "./idpf-inner";
export { correctLeaf, extendLeaf, generateLeaf, sampleLeaf } from "./idpf-leaf";
export { absorb, finish, squeeze, start } from "./sponge";

/** The first address that no kernel uses for itself. */
export function heapBase(): usize {
  return __heap_base;
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

/** Inner product; `to` must not lie in a vector. */
export function dotVector64(to: usize, a: usize, b: usize, n: u32): void {
  dot<u64>(to, a, 1, b, 1, n);
}

export function areCanonical64(a: usize, n: u32): bool {
  return areCanonical<u64>(a, n);
}

export function squeezeVector64(to: usize, n: u32): void {
  squeezeVector<u64>(to, n);
}
