/** Vectors over Field255, whose elements are too large for the generic ones. */
import { add255, isCanonical255, mul255, sub255 } from "./field255";
import { squeeze } from "./sponge";

const ELEMENT_BYTES: u32 = 32;
const TERM: usize = memory.data(32, 16);

function at(vector: usize, index: u32): usize {
  return vector + (index as usize) * ELEMENT_BYTES;
}

export function addVector255(to: usize, a: usize, b: usize, n: u32): void {
  for (let i: u32 = 0; i < n; i++) add255(at(to, i), at(a, i), at(b, i));
}

export function subVector255(to: usize, a: usize, b: usize, n: u32): void {
  for (let i: u32 = 0; i < n; i++) sub255(at(to, i), at(a, i), at(b, i));
}

export function mulVector255(to: usize, a: usize, b: usize, n: u32): void {
  for (let i: u32 = 0; i < n; i++) mul255(at(to, i), at(a, i), at(b, i));
}

/** Inner product; `to` must not lie in a vector. */
export function dotVector255(to: usize, a: usize, b: usize, n: u32): void {
  memory.fill(to, 0, ELEMENT_BYTES);
  for (let i: u32 = 0; i < n; i++) {
    mul255(TERM, at(a, i), at(b, i));
    add255(to, to, TERM);
  }
}

export function areCanonical255(a: usize, n: u32): bool {
  for (let i: u32 = 0; i < n; i++) if (!isCanonical255(at(a, i))) return false;
  return true;
}

/** `next_vec`: candidates of 255 bits, dropped when not below p (19 in 2^255). */
export function squeezeVector255(to: usize, n: u32): void {
  for (let i: u32 = 0; i < n; ) {
    const element = at(to, i);
    squeeze(element, ELEMENT_BYTES);
    store<u8>(element, load<u8>(element, 31) & 0x7f, 31);
    i += u32(isCanonical255(element));
  }
}
