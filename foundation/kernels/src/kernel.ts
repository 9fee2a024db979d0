import { assert } from "@sumus/assert";
import { encodeVector, type Field } from "@sumus/field";
import { type Address, type FieldExports, instantiate, type SpongeExports } from "./module.ts";

const PAGE_BYTES = 65_536;
/** Elements start at multiples of this. */
const ALIGNMENT_BYTES = 16;
/** Kernels that copy or transform in groups may touch this much behind a vector. */
const SLACK_BYTES = 64;

/**
 * One field's kernels and an arena that only grows. A kernel works on addresses in its own arena;
 * bytes enter by `write` and leave by `read`, as copies. It is not for two callers at once: every
 * call runs to its end, and what a caller left in the arena is the next one's to overwrite.
 */
export interface Kernel {
  readonly field: Field;
  readonly ops: FieldExports;
  readonly sponge: SpongeExports;
  /** Room for `count` field elements. */
  allocate(count: number): Address;
  allocateBytes(length: number): Address;
  /** The address of element `index` of a vector. */
  at(vector: Address, index: number): Address;
  write(to: Address, bytes: Uint8Array): void;
  read(from: Address, length: number): Uint8Array<ArrayBuffer>;
  writeByte(to: Address, value: number): void;
  copyBytes(to: Address, from: Address, length: number): void;
  /** Integers below 2^53 as f64, for `encodeIntegers`. */
  writeIntegers(to: Address, values: readonly number[]): void;
  writeElements(to: Address, values: readonly bigint[]): void;
  /** True when the `length` bytes are all zero; takes the same time whatever they are. */
  isZero(at: Address, length: number): boolean;
  /** Overwrites the arena's first `length` bytes behind `from` with zeros. */
  zero(from: Address, length: number): void;
}

/** A kernel with an arena of its own. */
export function createKernel(field: Field): Kernel {
  const instance = instantiate();
  const { memory } = instance;
  let end = instance.heapBase;
  let bytes = new Uint8Array(memory.buffer);

  function allocateBytes(length: number): Address {
    assert(Number.isSafeInteger(length) && length >= 0, "an allocation has a length");
    const address = Math.ceil(end / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
    end = address + length;
    const missing = Math.ceil((end + SLACK_BYTES - bytes.length) / PAGE_BYTES);
    if (missing > 0) {
      memory.grow(missing);
      bytes = new Uint8Array(memory.buffer);
    }
    return address;
  }

  return {
    field,
    ops: field.encodedSize === 8 ? instance.field64 : instance.field128,
    sponge: instance.sponge,
    allocate: (count) => allocateBytes(count * field.encodedSize),
    allocateBytes,
    at: (vector, index) => vector + index * field.encodedSize,
    write: (to, source) => bytes.set(source, to),
    read: (from, length) => bytes.slice(from, from + length),
    writeByte: (to, value) => {
      bytes[to] = value;
    },
    copyBytes: (to, from, length) => {
      bytes.copyWithin(to, from, from + length);
    },
    writeIntegers: (to, values) => new Float64Array(memory.buffer, to, values.length).set(values),
    writeElements: (to, values) => bytes.set(encodeVector(field, values), to),
    isZero: (at, length) => {
      let bits = 0;
      for (let i = at; i < at + length; i++) bits |= bytes[i] ?? 0;
      return bits === 0;
    },
    zero: (from, length) => {
      bytes.fill(0, from, from + length);
    },
  };
}
