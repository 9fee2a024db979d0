/**
 * One instance of QuickJS with nothing around it: no clock, no functions of the host, no files, no
 * modules to load. WebAssembly is the wall; the few imports that are answered are its only doors.
 *
 * @module
 */
import { encodeUtf8 } from "@sumus/bytes";
import { MapStop } from "../map-run.ts";
import { type MemoryImage, restoreImage, saveImage } from "../memory-image.ts";
import { outOfMemory } from "../refusal.ts";
import { MeteredInstance } from "../wasm/metered-instance.ts";
import { PAGES_MIN } from "./quickjs-module.ts";
import {
  type Address,
  IMPORT_NAMES,
  MEMORY_NAME,
  nameExports,
  type QuickJsFunctions,
} from "./quickjs-names.ts";

const PAGE_BYTES = 64 << 10;
/** What the module's import of its memory declares. */
const PAGES_MAX = 32_768;

const lenientDecoder = new TextDecoder();

export class QuickJsInstance {
  readonly quickJs: QuickJsFunctions;
  readonly metered: MeteredInstance;
  readonly #memory: WebAssembly.Memory;
  readonly #stackTop: Address;
  memoryBytesMax: number;
  #booting = true;

  constructor(module: WebAssembly.Module, memoryBytesMax: number) {
    this.memoryBytesMax = memoryBytesMax;
    this.#memory = new WebAssembly.Memory({ initial: PAGES_MIN, maximum: PAGES_MAX });
    const imports = this.#imports(module);
    const instance = new WebAssembly.Instance(module, { a: imports });
    this.metered = new MeteredInstance(instance);
    this.metered.refill(Number.MAX_SAFE_INTEGER);
    this.metered.start();
    this.quickJs = nameExports(instance.exports);
    this.#stackTop = this.quickJs.stackGet();
  }

  /** Ends the time in which the clock is answered: QuickJS asks for it while it starts. */
  booted(): void {
    this.#booting = false;
  }

  /** The memory now; a view goes stale with the next call into the module. */
  get bytes(): Uint8Array {
    return new Uint8Array(this.#memory.buffer);
  }

  saveImage(): MemoryImage {
    return saveImage(this.bytes);
  }

  /** Back to the moment of the image, whatever happened since. */
  restoreImage(image: MemoryImage): void {
    this.#grow(image.length);
    restoreImage(this.bytes, image);
    this.metered.refill(Number.MAX_SAFE_INTEGER);
    this.quickJs.stackRestore(this.#stackTop);
  }

  /** A fresh zero-terminated copy; nobody frees it but a restored image. */
  allocateText(text: string): { readonly address: Address; readonly length: number } {
    const encoded = encodeUtf8(text);
    const address = this.allocate(encoded.length + 1);
    const { bytes } = this;
    bytes.set(encoded, address);
    bytes[address + encoded.length] = 0;
    return { address, length: encoded.length };
  }

  allocate(length: number): Address {
    const address = this.quickJs.malloc(length) >>> 0;
    if (address === 0) throw outOfMemory(this.memoryBytesMax);
    return address;
  }

  setWords(address: Address, words: readonly number[]): void {
    const view = new DataView(this.#memory.buffer);
    words.forEach((word, index) => {
      view.setUint32(address + 4 * index, word, true);
    });
  }

  /** A zero-terminated text; null when it has more than `bytesMax` bytes. */
  terminatedText(start: Address, bytesMax: number): string | null {
    const window = this.bytes.subarray(start, start + bytesMax + 1);
    const length = window.indexOf(0);
    return length < 0 ? null : lenientDecoder.decode(window.subarray(0, length));
  }

  #grow(bytes: number): void {
    const missing = bytes - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE_BYTES));
  }

  #imports(module: WebAssembly.Module): WebAssembly.ModuleImports {
    const imports: WebAssembly.ModuleImports = {};
    for (const { kind, name } of WebAssembly.Module.imports(module)) {
      if (kind === "function") imports[name] = () => forbid("a function of its host");
    }
    imports[MEMORY_NAME] = this.#memory;
    imports[IMPORT_NAMES.dateNow] = () => (this.#booting ? 0 : forbid("the time"));
    imports[IMPORT_NAMES.environment] = () => 0;
    imports[IMPORT_NAMES.environmentSizes] = (count: Address, size: Address) => {
      this.setWords(count, [0]);
      this.setWords(size, [0]);
      return 0;
    };
    imports[IMPORT_NAMES.resizeHeap] = (bytes: number) => this.#resize(bytes >>> 0);
    return imports;
  }

  /** Grows by no more than is asked for, so that the memory's length is its high-water mark. */
  #resize(bytes: number): 0 | 1 {
    if (bytes > this.memoryBytesMax) return 0;
    try {
      this.#grow(bytes);
      return 1;
    } catch (error) {
      // The platform itself has no more; QuickJS reports it like any other lack of memory.
      if (error instanceof RangeError) return 0;
      throw error;
    }
  }
}

function forbid(what: string): never {
  throw new MapStop("mapForbidden", `the map asks for ${what}; maps know nothing but their rows`);
}
