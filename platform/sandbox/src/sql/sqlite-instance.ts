/**
 * One instance of SQLite with nothing around it: no file system, no clock, no randomness, no
 * environment. WebAssembly is the wall; the few imports below are its only doors, and each one
 * either answers from its arguments or ends the run.
 *
 * All state of an instance is its memory and its stack pointer, so a copy of the memory is a
 * complete {@link MemoryImage}: restoring one undoes everything that happened since, a crash or a
 * corrupted heap included.
 *
 * @module
 */
import { assert } from "@sumus/assert";
import { decodeUtf8, encodeUtf8 } from "@sumus/bytes";
import { MapStop } from "../map-run.ts";
import { outOfMemory } from "../refusal.ts";
import {
  type Address,
  IMPORT_NAMES,
  MEMORY_NAME,
  nameExports,
  type SqliteFunctions,
} from "./sqlite-exports.ts";

const PAGE_BYTES = 64 << 10;

const lenientDecoder = new TextDecoder();

/** What the module asks of its surroundings. Each may throw a {@link MapStop}. */
export interface SqliteHost {
  /** Whether a statement may do `action` (a code of sqlite3_set_authorizer). */
  authorize(action: number, first: string | null, second: string | null): boolean;
  progress(): void;
  callFunction(key: number, context: Address, values: readonly Address[]): void;
  memoryBytesMax(): number;
}

/** The whole memory at one moment. */
export type MemoryImage = Uint8Array;

export class SqliteInstance {
  readonly sqlite: SqliteFunctions;
  readonly #memory: WebAssembly.Memory;
  readonly #stackTop: Address;
  readonly #host: SqliteHost;
  #bytes: Uint8Array = new Uint8Array(0);

  constructor(module: WebAssembly.Module, host: SqliteHost) {
    this.#host = host;
    const { exports } = new WebAssembly.Instance(module, { a: this.#imports(module) });
    this.sqlite = nameExports(exports);
    this.#memory = exports[MEMORY_NAME] as WebAssembly.Memory;
    this.#stackTop = this.sqlite.stackSave();
    this.sqlite.construct();
    const failed = this.sqlite.main(0, 0);
    assert(failed === 0, "SQLite initialises itself");
  }

  /** The memory now; a view goes stale with the next call into the module. */
  get bytes(): Uint8Array {
    const { buffer } = this.#memory;
    // A grown memory has another buffer, and the view on the old one has shrunk to nothing.
    if (this.#bytes.length !== buffer.byteLength) this.#bytes = new Uint8Array(buffer);
    return this.#bytes;
  }

  saveImage(): MemoryImage {
    return this.bytes.slice();
  }

  /** Back to the moment of the image, whatever happened since. */
  restoreImage(image: MemoryImage): void {
    if (image.length > this.bytes.length) this.#grow(image.length);
    this.bytes.set(image);
    this.bytes.fill(0, image.length);
    this.sqlite.stackRestore(this.#stackTop);
  }

  word(address: Address): number {
    return new DataView(this.#memory.buffer).getUint32(address, true);
  }

  /** @throws {RangeError} when the bytes are not UTF-8 */
  text(address: Address, length: number): string {
    return decodeUtf8(this.bytes.subarray(address, address + length));
  }

  /** A zero-terminated string of the module's own, null for address 0. */
  terminatedText(address: Address): string | null {
    if (address === 0) return null;
    const { bytes } = this;
    // SQLite's messages quote the map, and may cut a character of it in two.
    return lenientDecoder.decode(bytes.subarray(address, bytes.indexOf(0, address)));
  }

  /** A fresh zero-terminated copy; nobody frees it but a restored image. */
  allocateText(text: string): { readonly address: Address; readonly length: number } {
    const encoded = encodeUtf8(text);
    const address = this.allocate(encoded.length + 1);
    this.bytes.set(encoded, address);
    this.bytes[address + encoded.length] = 0;
    return { address, length: encoded.length };
  }

  allocate(length: number): Address {
    const address = this.sqlite.malloc(length) >>> 0;
    if (address === 0) throw outOfMemory(this.#host.memoryBytesMax());
    return address;
  }

  #grow(bytes: number): void {
    const missing = bytes - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE_BYTES));
  }

  #imports(module: WebAssembly.Module): WebAssembly.ModuleImports {
    const imports: WebAssembly.ModuleImports = {};
    for (const { name } of WebAssembly.Module.imports(module)) {
      imports[name] = () => forbid("a file or a device");
    }
    const clock = (): never => forbid("the time");
    imports[IMPORT_NAMES.dateNow] = clock;
    imports[IMPORT_NAMES.monotonicNow] = clock;
    imports[IMPORT_NAMES.localTime] = () => forbid("the time zone");
    imports[IMPORT_NAMES.timeZone] = () => forbid("the time zone");
    imports[IMPORT_NAMES.environment] = () => 0;
    imports[IMPORT_NAMES.environmentSizes] = (count: Address, size: Address) => {
      const view = new DataView(this.#memory.buffer);
      view.setUint32(count, 0, true);
      view.setUint32(size, 0, true);
      return 0;
    };
    imports[IMPORT_NAMES.resizeHeap] = (bytes: number) => this.#resize(bytes >>> 0);
    imports[IMPORT_NAMES.progress] = () => {
      this.#host.progress();
      return 0;
    };
    imports[IMPORT_NAMES.authorize] = (
      _: number,
      action: number,
      first: Address,
      second: Address,
    ) => this.#authorize(action, first, second);
    imports[IMPORT_NAMES.callFunction] = (
      key: number,
      context: Address,
      count: number,
      values: Address,
    ) => {
      this.#host.callFunction(key, context, [
        ...new Uint32Array(this.#memory.buffer, values, count),
      ]);
    };
    return imports;
  }

  /** Grows by no more than is asked for, so that the memory's length is its high-water mark. */
  #resize(bytes: number): 0 | 1 {
    if (bytes > this.#host.memoryBytesMax()) return 0;
    try {
      this.#grow(bytes);
      return 1;
    } catch (error) {
      // The platform itself has no more; SQLite reports it like any other lack of memory.
      if (error instanceof RangeError) return 0;
      throw error;
    }
  }

  #authorize(action: number, first: Address, second: Address): number {
    const [one, two] = [this.terminatedText(first), this.terminatedText(second)];
    return this.#host.authorize(action, one, two) ? 0 : 1;
  }
}

function forbid(what: string): never {
  throw new MapStop("mapForbidden", `the map asks for ${what}; maps know nothing but their rows`);
}
