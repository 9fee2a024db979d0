/** Loads the WebAssembly module of Poplar1, once a thread: no call leaves state for the next one. */
import { assert } from "@sumus/assert";
import { decodeBase64 } from "@sumus/bytes";
import { poplar1Wasm } from "./generated/poplar1.wasm.ts";

/** A position in the module's memory. */
export type Address = number;

type Elementwise = (to: Address, a: Address, b: Address, n: number) => void;

interface Poplar1Exports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  heapBase(): Address;

  start(): void;
  absorb(source: Address, length: number): void;
  finish(domain: number): void;
  squeeze(to: Address, length: number): void;
  squeezeVector64(to: Address, n: number): void;
  squeezeVector255(to: Address, n: number): void;

  readonly addVector64: Elementwise;
  readonly subVector64: Elementwise;
  readonly mulVector64: Elementwise;
  readonly dotVector64: Elementwise;
  areCanonical64(a: Address, n: number): number;
  readonly addVector255: Elementwise;
  readonly subVector255: Elementwise;
  readonly mulVector255: Elementwise;
  readonly dotVector255: Elementwise;
  areCanonical255(a: Address, n: number): number;

  expandKey(schedule: Address, key: Address): void;
  hashBlocks(schedule: Address, blocks: Address, n: number): void;

  gather(
    toSeeds: Address,
    toControls: Address,
    seeds: Address,
    controls: Address,
    parents: Address,
    n: number,
  ): void;
  extendInner(
    schedules: Address,
    correction: Address,
    seeds: Address,
    controls: Address,
    bits: Address,
    n: number,
  ): void;
  sampleInner(schedules: Address, values: Address, seeds: Address, n: number): void;
  convertInner(schedules: Address, seeds: Address, n: number): void;
  correctInner(
    to: Address,
    values: Address,
    index: number,
    controls: Address,
    correction: Address,
    negate: number,
    n: number,
  ): void;
  generateInner(
    schedules: Address,
    correction: Address,
    state: Address,
    bit: number,
    beta: Address,
  ): void;
  extendLeaf(
    prefix: Address,
    prefixBytes: number,
    nonce: Address,
    correction: Address,
    seeds: Address,
    controls: Address,
    bits: Address,
    n: number,
  ): void;
  sampleLeaf(
    prefix: Address,
    prefixBytes: number,
    nonce: Address,
    values: Address,
    seeds: Address,
    n: number,
  ): void;
  correctLeaf(
    to: Address,
    values: Address,
    index: number,
    controls: Address,
    correction: Address,
    negate: number,
    n: number,
  ): void;
  generateLeaf(
    extendPrefix: Address,
    convertPrefix: Address,
    prefixBytes: number,
    nonce: Address,
    correction: Address,
    state: Address,
    bit: number,
    beta: Address,
  ): void;
}

/** The module's functions, and its memory, which is empty again for every use. */
export interface Session {
  readonly ops: Poplar1Exports;
  /** Room for `length` bytes, of any content. */
  allocate(length: number): Address;
  /** A copy of bytes in the module's memory. */
  put(bytes: Uint8Array): Address;
  write(to: Address, bytes: Uint8Array): void;
  /** A copy of what lies in the module's memory. */
  read(from: Address, length: number): Uint8Array<ArrayBuffer>;
}

/** The part of the WebAssembly API used here, which every platform has and ECMAScript lacks. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};

const PAGE_BYTES = 65_536;
const ALIGNMENT_BYTES = 16;
/** Kernels take blocks in groups of four and may write this much behind the last one. */
const SLACK_BYTES = 48;

let instance: Poplar1Exports | undefined;
let inUse = false;

/** Runs `work` on an empty arena. What it allocated is gone afterwards, to be overwritten. */
export function withPoplar1<T>(work: (session: Session) => T): T {
  assert(!inUse, "one piece of work at a time uses the module");
  inUse = true;
  try {
    instance ??= instantiate();
    return work(openSession(instance));
  } finally {
    inUse = false;
  }
}

function instantiate(): Poplar1Exports {
  const module = new WebAssembly.Module(decodeBase64(poplar1Wasm));
  const imports = { env: { abort: () => undefined } };
  return new WebAssembly.Instance(module, imports).exports as Poplar1Exports;
}

function openSession(ops: Poplar1Exports): Session {
  let end = ops.heapBase();
  let bytes = new Uint8Array(ops.memory.buffer);

  const allocate = (length: number): Address => {
    const address = Math.ceil(end / ALIGNMENT_BYTES) * ALIGNMENT_BYTES;
    end = address + length + SLACK_BYTES;
    const missing = Math.ceil((end - bytes.length) / PAGE_BYTES);
    if (missing > 0) {
      ops.memory.grow(missing);
      bytes = new Uint8Array(ops.memory.buffer);
    }
    return address;
  };
  return {
    ops,
    allocate,
    put: (source) => {
      const address = allocate(source.length);
      bytes.set(source, address);
      return address;
    },
    write: (to, source) => bytes.set(source, to),
    read: (from, length) => bytes.slice(from, from + length),
  };
}
