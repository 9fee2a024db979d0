/** Vectors of field elements as their encodings: what Poplar1 computes with, over both its fields. */
import { assert } from "@sumus/assert";
import { withPoplar1 } from "./poplar1-module.ts";

/**
 * Arithmetic on vectors, each the concatenation of its elements' little-endian encodings. Operands
 * have the same length and are canonical, and so is every result. Takes the same time whatever the
 * values are.
 */
export interface FieldVectors {
  /** Bytes of an encoded element: 8 for Field64, 32 for Field255. */
  readonly encodedSize: 8 | 32;
  add(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer>;
  sub(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer>;
  /** Element by element. */
  mul(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer>;
  /** The inner product, one element. */
  dot(a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer>;
  /** Whether every element is below the modulus. */
  areCanonical(a: Uint8Array): boolean;
}

/** Field64: p = 2^64 - 2^32 + 1 [VDAF-20, "Parameters"]. */
export const FIELD64_VECTORS: FieldVectors = createFieldVectors(8, "64");
/** Field255: p = 2^255 - 19 [VDAF-20, "Parameters"]. */
export const FIELD255_VECTORS: FieldVectors = createFieldVectors(32, "255");

function createFieldVectors(encodedSize: 8 | 32, suffix: "64" | "255"): FieldVectors {
  const combine =
    (name: "addVector" | "subVector" | "mulVector" | "dotVector") =>
    (a: Uint8Array, b: Uint8Array): Uint8Array<ArrayBuffer> =>
      withPoplar1(({ ops, put, allocate, read }) => {
        assert(a.length === b.length, "vectors have the same length");
        const length = name === "dotVector" ? encodedSize : a.length;
        const to = allocate(length);
        ops[`${name}${suffix}`](to, put(a), put(b), countOf(a));
        return read(to, length);
      });
  const countOf = (vector: Uint8Array): number => {
    assert(vector.length % encodedSize === 0, "a vector holds whole elements");
    return vector.length / encodedSize;
  };
  return {
    encodedSize,
    add: combine("addVector"),
    sub: combine("subVector"),
    mul: combine("mulVector"),
    dot: combine("dotVector"),
    areCanonical: (a) =>
      withPoplar1(({ ops, put }) => ops[`areCanonical${suffix}`](put(a), countOf(a)) === 1),
  };
}

/** How many elements to draw of which field. */
export type VectorRequest = readonly [field: FieldVectors, count: number];

/**
 * Consecutive vectors from one stream of TurboSHAKE128 with domain byte 1: `next_vec`, once for
 * each request [VDAF-20, "Extendable Output Functions (XOFs)"].
 */
export function squeezeFieldVectors<const Requests extends readonly VectorRequest[]>(
  message: Uint8Array,
  requests: Requests,
): { readonly [Index in keyof Requests]: Uint8Array<ArrayBuffer> } {
  return withPoplar1(({ ops, put, allocate, read }) => {
    ops.start();
    ops.absorb(put(message), message.length);
    ops.finish(1);
    return requests.map(([{ encodedSize }, count]) => {
      const to = allocate(count * encodedSize);
      if (encodedSize === 8) ops.squeezeVector64(to, count);
      else ops.squeezeVector255(to, count);
      return read(to, count * encodedSize);
    }) as { readonly [Index in keyof Requests]: Uint8Array<ArrayBuffer> };
  });
}
