/** Loads the WebAssembly module: compiled once, instantiated once per arena. */
import { defined } from "@sumus/assert";
import { decodeBase64 } from "@sumus/bytes";
import { kernelsWasm } from "./generated/kernels.wasm.ts";

/** A position in the memory of one instance. */
export type Address = number;

/** Kernels of one field. Lengths, steps and indices count elements; elements are canonical. */
export interface FieldExports {
  add(to: Address, a: Address, b: Address): void;
  sub(to: Address, a: Address, b: Address): void;
  mul(to: Address, a: Address, b: Address): void;
  /** Sum of a[i * aStep] * b[i * bStep] for i < n. */
  dot(to: Address, a: Address, aStep: number, b: Address, bStep: number, n: number): void;
  addVector(to: Address, a: Address, b: Address, n: number): void;
  subVector(to: Address, a: Address, b: Address, n: number): void;
  mulVector(to: Address, a: Address, b: Address, n: number): void;
  copyVector(to: Address, toStep: number, a: Address, aStep: number, n: number): void;
  /** Sum of a[i * step] for i < n; `to` lies outside of the vector. */
  sumVector(to: Address, a: Address, step: number, n: number): void;
  /** 1 when all `n` elements are below p. */
  areCanonical(a: Address, n: number): number;
  /** `n` inner products of groups of `size` elements with the same weights, their sum below 2^53. */
  decodeIntegers(to: Address, a: Address, weights: Address, size: number, n: number): void;
  /** Values at w^i to values at s w^i for i < p, in place. */
  toCoset(a: Address, roots: Address, shift: Address, p: number): void;
  /** The Lagrange weights L_0(t) .. L_(p-1)(t) on the p-th roots of unity. */
  lagrange(to: Address, t: Address, roots: Address, inverse: Address, p: number): void;
  /** t^p for a power of two p. */
  power(to: Address, t: Address, p: number): void;
  /** base^0 .. base^(n-1) */
  powers(to: Address, base: Address, n: number): void;
  /** `n` integers at `values` (f64, at most `max` < 2^53) as `bits` range-checked elements each. */
  encodeIntegers(to: Address, values: Address, n: number, max: number, bits: number): void;
  encodeOneHot(to: Address, n: number, hot: number): void;
  /** The wire polynomials' values from those at the roots; `room` is for 4 `calls` elements. */
  wiresAt(
    to: Address,
    seeds: Address,
    meas: Address,
    length: number,
    weights: Address,
    offset: Address,
    jointRand: Address,
    room: Address,
    calls: number,
    chunk: number,
  ): void;
  gadgetValues(
    to: Address,
    seeds: Address,
    meas: Address,
    length: number,
    jointRand: Address,
    powers: Address,
    a: Address,
    b: Address,
    roots: Address,
    shift: Address,
    calls: number,
    chunk: number,
    p: number,
  ): void;
  gadgetValuesOneHot(
    to: Address,
    seeds: Address,
    hot: number,
    jointRand: Address,
    rows: Address,
    cosetWeights: Address,
    calls: number,
    chunk: number,
    p: number,
  ): void;
  /** The same as `gadgetValues` for a measurement of zeros and ones. */
  gadgetValuesOfBits(
    to: Address,
    seeds: Address,
    meas: Address,
    length: number,
    jointRand: Address,
    records: Address,
    room: Address,
    roots: Address,
    shift: Address,
    cosetWeights: Address,
    cosetSquares: Address,
    pairWeights: Address,
    scale: Address,
    calls: number,
    chunk: number,
    p: number,
  ): void;
  /** `n` elements by rejection sampling from the sponge in hand. */
  squeezeVector(to: Address, n: number): void;
  /** The same, while the other sponge absorbs the elements. */
  squeezeVectorIntoOther(to: Address, n: number): void;
}

/**
 * TurboSHAKE128: two sponges an instance, of which one is in hand; a sponge is used from `start` to the
 * last squeeze.
 */
export interface SpongeExports {
  /** Takes the other sponge in hand. */
  swap(): void;
  start(): void;
  absorb(source: Address, length: number): void;
  finish(domain: number): void;
  squeeze(to: Address, length: number): void;
  /** Keccak-p[1600, 12] on 200 bytes. */
  permute(state: Address): void;
}

export interface Instance {
  readonly sponge: SpongeExports;
  readonly field64: FieldExports;
  readonly field128: FieldExports;
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  /** The first address that no kernel uses for itself. */
  readonly heapBase: Address;
  setByte(address: Address, value: number): void;
}

/** The part of the WebAssembly API used here, which every platform has and ECMAScript lacks. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: object };
};

type RawExports = SpongeExports & {
  readonly memory: Instance["memory"];
  heapBase(): number;
  setByte(address: Address, value: number): void;
} & Readonly<Record<string, unknown>>;

let compiled: object | undefined;

export function instantiate(): Instance {
  compiled ??= new WebAssembly.Module(decodeBase64(kernelsWasm));
  const imports = { env: { abort: () => undefined } };
  const raw = new WebAssembly.Instance(compiled, imports).exports as RawExports;
  const { absorb, finish, permute, squeeze, start, swap } = raw;
  return {
    sponge: { absorb, finish, permute, squeeze, start, swap },
    field64: withSuffix(raw, "64"),
    field128: withSuffix(raw, "128"),
    memory: raw.memory,
    heapBase: raw.heapBase(),
    setByte: raw.setByte,
  };
}

const FIELD_KERNELS = [
  "add",
  "sub",
  "mul",
  "dot",
  "addVector",
  "subVector",
  "mulVector",
  "copyVector",
  "sumVector",
  "areCanonical",
  "decodeIntegers",
  "toCoset",
  "lagrange",
  "power",
  "powers",
  "encodeIntegers",
  "encodeOneHot",
  "wiresAt",
  "gadgetValues",
  "gadgetValuesOneHot",
  "gadgetValuesOfBits",
  "squeezeVector",
  "squeezeVectorIntoOther",
] as const satisfies readonly (keyof FieldExports)[];

function withSuffix(raw: RawExports, suffix: "64" | "128"): FieldExports {
  const entries = FIELD_KERNELS.map((name) => {
    return [name, defined(raw[name + suffix], `the module exports ${name}${suffix}`)] as const;
  });
  return Object.fromEntries(entries) as unknown as FieldExports;
}
