import { assert } from "@sumus/assert";
import { prefixFor } from "./reader.ts";

const CAPACITY_FIRST = 256;

/** Appends fields in the TLS presentation language. Values out of range are programmer errors. */
export class Writer {
  #bytes = new Uint8Array(CAPACITY_FIRST);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /** The message of everything that `write` appends. */
  static encode(write: (writer: Writer) => void): Uint8Array<ArrayBuffer> {
    const writer = new Writer();
    write(writer);
    return writer.finish();
  }

  u8(value: number): this {
    assert(Number.isInteger(value) && value >= 0 && value <= 0xff, `${value} is no uint8`);
    const start = this.#reserve(1);
    this.#view.setUint8(start, value);
    return this;
  }

  u16(value: number): this {
    assert(Number.isInteger(value) && value >= 0 && value <= 0xffff, `${value} is no uint16`);
    const start = this.#reserve(2);
    this.#view.setUint16(start, value);
    return this;
  }

  u32(value: number): this {
    assert(Number.isInteger(value) && value >= 0 && value <= 0xffff_ffff, `${value} is no uint32`);
    const start = this.#reserve(4);
    this.#view.setUint32(start, value);
    return this;
  }

  u64(value: bigint | number): this {
    const big = BigInt(value);
    assert(big >= 0n && big <= 0xffff_ffff_ffff_ffffn, `${value} is no uint64`);
    const start = this.#reserve(8);
    this.#view.setBigUint64(start, big);
    return this;
  }

  /** The bytes as they are, without a length. */
  fixed(bytes: Uint8Array): this {
    const start = this.#reserve(bytes.length);
    this.#bytes.set(bytes, start);
    return this;
  }

  /** `opaque<min..max>` with the length prefix that `max` asks for, unless `prefix` says. */
  opaque(
    bytes: Uint8Array,
    { min = 0, max, prefix }: { min?: number; max: number; prefix?: 1 | 2 | 4 },
  ): this {
    assert(
      bytes.length >= min && bytes.length <= max,
      `a byte string of ${min} to ${max} bytes has ${bytes.length}`,
    );
    this.#prefix(bytes.length, prefix ?? prefixFor(max));
    return this.fixed(bytes);
  }

  /** A vector of items behind one length in bytes. */
  vector<T>(
    items: Iterable<T>,
    bounds: { min?: number; max: number; prefix?: 1 | 2 | 4 },
    item: (writer: Writer, value: T) => void,
  ): this {
    const inner = new Writer();
    for (const value of items) item(inner, value);
    return this.opaque(inner.finish(), bounds);
  }

  /** The message so far; the writer may go on. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#length);
  }

  #prefix(length: number, prefix: 1 | 2 | 4): void {
    if (prefix === 1) this.u8(length);
    else if (prefix === 2) this.u16(length);
    else this.u32(length);
  }

  /** Call it before naming `#bytes` or `#view`: it replaces both when they are full. */
  #reserve(count: number): number {
    const start = this.#length;
    const needed = start + count;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    this.#length = needed;
    return start;
  }
}
