/** Reads the encoding of WebAssembly: numbers in LEB128, vectors, sections. */
import { decodeUtf8 } from "@sumus/bytes";
import { MapStop } from "../map-run.ts";

const U32_BYTES_MAX = 5;
const S64_BYTES_MAX = 10;

/**
 * Meant for modules that the engine has validated: what it finds odd is beyond what maps may use,
 * and ends the reading in words.
 */
export class BinaryReader {
  readonly bytes: Uint8Array;
  at: number;
  readonly end: number;

  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  get done(): boolean {
    return this.at >= this.end;
  }

  byte(): number {
    if (this.done) throw invalidModule("bytes that end early");
    return this.bytes[this.at++] ?? 0;
  }

  unsigned(): number {
    let value = 0;
    for (let index = 0; index < U32_BYTES_MAX; index++) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** (7 * index);
      if (byte < 0x80) return value;
    }
    throw invalidModule("a number of too many bytes");
  }

  /** Steps over a signed number of up to 64 bits. */
  skipSigned(): void {
    for (let index = 0; index < S64_BYTES_MAX; index++) if (this.byte() < 0x80) return;
    throw invalidModule("a number of too many bytes");
  }

  /** Steps over bytes, and gives them back as a view. */
  take(length: number): Uint8Array {
    if (length > this.end - this.at) throw invalidModule("bytes that end early");
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }

  name(): string {
    return decodeUtf8(this.take(this.unsigned()));
  }

  /** Calls `read` for each item of a vector. */
  vector<T>(read: (index: number) => T): T[] {
    const count = this.unsigned();
    // Every item takes a byte at least: a count is no licence to allocate.
    if (count > this.end - this.at) throw invalidModule("a list longer than its bytes");
    return Array.from({ length: count }, (_, index) => read(index));
  }
}

export function invalidModule(got: string): MapStop {
  return new MapStop("mapInvalid", `expected a module of WebAssembly, got ${got}`);
}
