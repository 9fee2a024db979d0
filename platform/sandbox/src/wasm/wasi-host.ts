/**
 * What a map in WASI preview 1 gets of its world: standard input to read, standard output to write,
 * and nothing else. Standard error is dropped, the clock stands still at 0, randomness is zeros,
 * there are no arguments and no environment. Whoever asks for a file or the network is ended.
 *
 * Invariant: every address and length that the module gives is held to its memory, every list and
 * text to a bound, and the host's work to its fuel.
 *
 * @module
 */
import { defined } from "@sumus/assert";
import { tooLong } from "../json-rows.ts";
import { type MapLimits, MapStop } from "../map-run.ts";
import type { MeteredInstance } from "./metered-instance.ts";

export const WASI_MODULE = "wasi_snapshot_preview1";

/** Error numbers of WASI. */
const ERRNO = { success: 0, badDescriptor: 8, fault: 21, invalid: 28, notSeekable: 70 } as const;
const DESCRIPTOR = { input: 0, output: 1, error: 2 } as const;
const CHARACTER_DEVICE = 2;
const VECTORS_MAX = 1024;
/** Fuel of a call, of each of its vectors, and of 16 bytes. */
const COST = { call: 500, vector: 20, bytesLog2: 4 } as const;

/** Names that end the run, and what is asked for by them. */
const FORBIDDEN: Readonly<Record<string, string>> = {
  "the network": "sock_accept sock_recv sock_send sock_shutdown",
  "time to pass": "poll_oneoff",
  "a signal": "proc_raise",
  "a file":
    "fd_advise fd_allocate fd_datasync fd_fdstat_set_rights fd_filestat_get fd_filestat_set_size " +
    "fd_filestat_set_times fd_pread fd_pwrite fd_readdir fd_renumber fd_sync fd_tell " +
    "path_create_directory path_filestat_get path_filestat_set_times path_link path_open " +
    "path_readlink path_remove_directory path_rename path_symlink path_unlink_file",
};

/** The end that a map chose: 0 is well. */
export class WasiExit extends Error {
  override readonly name = "WasiExit";
  readonly code: number;

  constructor(code: number) {
    super(`exit with ${code}`);
    this.code = code;
  }
}

type WasiFunction = (...values: readonly (number & bigint)[]) => number;

export class WasiHost {
  readonly #input: Uint8Array;
  readonly #outputBytes: number;
  #read = 0;
  readonly #output: Uint8Array[] = [];
  #written = 0;
  #instance: MeteredInstance | null = null;

  constructor(input: Uint8Array, limits: MapLimits) {
    this.#input = input;
    this.#outputBytes = limits.outputBytes;
  }

  /** Once the instance is made; no function is called before. */
  attach(metered: MeteredInstance): void {
    this.#instance = metered;
  }

  get #metered(): MeteredInstance {
    return defined(this.#instance, "an instance that calls its host");
  }

  get output(): Uint8Array {
    const joined = new Uint8Array(this.#written);
    let at = 0;
    for (const part of this.#output) {
      joined.set(part, at);
      at += part.length;
    }
    return joined;
  }

  imports(): Record<string, WasiFunction> {
    const functions: Record<string, (...values: never[]) => number> = {
      args_sizes_get: (count: number, size: number) => this.#words(count, size),
      args_get: () => ERRNO.success,
      environ_sizes_get: (count: number, size: number) => this.#words(count, size),
      environ_get: () => ERRNO.success,
      clock_res_get: (_: number, result: number) => this.#zeros(result, 8),
      clock_time_get: (_: number, __: bigint, result: number) => this.#zeros(result, 8),
      random_get: (start: number, length: number) => this.#zeros(start, length >>> 0),
      sched_yield: () => ERRNO.success,
      fd_prestat_get: () => ERRNO.badDescriptor,
      fd_prestat_dir_name: () => ERRNO.badDescriptor,
      fd_close: (descriptor: number) => standing(descriptor),
      fd_fdstat_set_flags: (descriptor: number) => standing(descriptor),
      fd_seek: (descriptor: number) => standing(descriptor) || ERRNO.notSeekable,
      fd_fdstat_get: (descriptor: number, result: number) => this.#describe(descriptor, result),
      fd_read: (descriptor: number, vectors: number, count: number, result: number) =>
        this.#transfer(vectors, count, result, descriptor === DESCRIPTOR.input, (room) =>
          this.#readInto(room),
        ),
      fd_write: (descriptor: number, vectors: number, count: number, result: number) =>
        this.#transfer(vectors, count, result, isOutput(descriptor), (bytes) =>
          this.#write(descriptor, bytes),
        ),
      proc_exit: (code: number) => {
        throw new WasiExit(code);
      },
    };
    for (const [what, names] of Object.entries(FORBIDDEN)) {
      for (const name of names.split(" ")) {
        functions[name] = () => {
          const words = `the map asks for ${what}; maps know nothing but their rows`;
          throw new MapStop("mapForbidden", words);
        };
      }
    }
    return this.#charged(functions);
  }

  #charged(
    functions: Record<string, (...values: never[]) => number>,
  ): Record<string, WasiFunction> {
    const charged = Object.entries(functions).map(([name, call]) => {
      const paid: WasiFunction = (...values) => {
        this.#metered.charge(COST.call);
        return call(...(values as never[]));
      };
      return [name, paid] as const;
    });
    return Object.fromEntries(charged);
  }

  /** The bytes of the module's memory at an address; null where there are none. */
  #bytes(start: number, length: number): Uint8Array | null {
    const { buffer } = this.#metered.exports["memory"] as WebAssembly.Memory;
    const [from, count] = [start >>> 0, length >>> 0];
    return from + count <= buffer.byteLength ? new Uint8Array(buffer, from, count) : null;
  }

  #zeros(start: number, length: number): number {
    this.#metered.charge(length >>> COST.bytesLog2);
    const bytes = this.#bytes(start, length);
    bytes?.fill(0);
    return bytes === null ? ERRNO.fault : ERRNO.success;
  }

  #words(first: number, second: number): number {
    return this.#zeros(first, 4) || this.#zeros(second, 4);
  }

  #describe(descriptor: number, result: number): number {
    const failed = standing(descriptor) || this.#zeros(result, 24);
    if (failed !== ERRNO.success) return failed;
    this.#bytes(result, 1)?.fill(CHARACTER_DEVICE);
    // Rights: all of them, to whatever is there.
    this.#bytes((result >>> 0) + 8, 16)?.fill(0xff);
    return ERRNO.success;
  }

  /** Goes through a list of (address, length) until `move` takes less than it is given. */
  #transfer(
    vectors: number,
    count: number,
    result: number,
    open: boolean,
    move: (bytes: Uint8Array) => number,
  ): number {
    if (!open) return ERRNO.badDescriptor;
    if (count >>> 0 > VECTORS_MAX) return ERRNO.invalid;
    const list = this.#bytes(vectors, 8 * count);
    const moved = this.#bytes(result, 4);
    if (list === null || moved === null) return ERRNO.fault;
    const words = new DataView(list.buffer, list.byteOffset, list.length);
    let total = 0;
    for (let index = 0; index < count; index++) {
      const length = words.getUint32(8 * index + 4, true);
      const bytes = this.#bytes(words.getUint32(8 * index, true), length);
      if (bytes === null) return ERRNO.fault;
      const taken = move(bytes);
      this.#metered.charge(COST.vector + (taken >>> COST.bytesLog2));
      total += taken;
      if (taken < length) break;
    }
    new DataView(moved.buffer, moved.byteOffset, 4).setUint32(0, total, true);
    return ERRNO.success;
  }

  #readInto(room: Uint8Array): number {
    const part = this.#input.subarray(this.#read, this.#read + room.length);
    room.set(part);
    this.#read += part.length;
    return part.length;
  }

  #write(descriptor: number, bytes: Uint8Array): number {
    if (descriptor !== DESCRIPTOR.output || bytes.length === 0) return bytes.length;
    if (this.#written + bytes.length > this.#outputBytes) throw tooLong(this.#outputBytes);
    this.#output.push(bytes.slice());
    this.#written += bytes.length;
    return bytes.length;
  }
}

function standing(descriptor: number): number {
  return descriptor >= 0 && descriptor <= DESCRIPTOR.error ? ERRNO.success : ERRNO.badDescriptor;
}

function isOutput(descriptor: number): boolean {
  return descriptor === DESCRIPTOR.output || descriptor === DESCRIPTOR.error;
}
