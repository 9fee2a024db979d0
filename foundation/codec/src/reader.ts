import { assert } from "@sumus/assert";
import { DecodeError } from "./decode-error.ts";

const U64_SAFE_MAX = BigInt(Number.MAX_SAFE_INTEGER);

/**
 * Decodes a whole message: `read` must consume every byte.
 *
 * @param path what the message is, for errors
 * @throws {DecodeError} when the bytes are too few, too many, or not what `read` expects
 */
export function decode<T>(path: string, bytes: Uint8Array, read: (reader: Reader) => T): T {
  const reader = new Reader(bytes, path);
  const value = read(reader);
  reader.end();
  return value;
}

/**
 * Reads forward through one message. Byte strings that it returns are copies, so that a later
 * change to the received buffer cannot change a decoded value.
 */
export class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #path: string;
  /** Where `bytes` begins in the whole message, so that errors name places in that. */
  readonly #base: number;
  #offset = 0;

  constructor(bytes: Uint8Array, path: string, base = 0) {
    this.#bytes = bytes;
    this.#base = base;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#path = path;
  }

  /** Bytes not read yet. */
  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  u8(field: string): number {
    return this.#view.getUint8(this.#advance(field, 1));
  }

  u16(field: string): number {
    return this.#view.getUint16(this.#advance(field, 2));
  }

  u32(field: string): number {
    return this.#view.getUint32(this.#advance(field, 4));
  }

  u64(field: string): bigint {
    return this.#view.getBigUint64(this.#advance(field, 8));
  }

  /** A u64 that this program handles as a number; larger values are refused, not rounded. */
  u64Safe(field: string): number {
    const value = this.u64(field);
    if (value > U64_SAFE_MAX) this.fail(field, `expected at most 2^53-1, got ${value}`);
    return Number(value);
  }

  /** Exactly `length` bytes. */
  fixed(field: string, length: number): Uint8Array<ArrayBuffer> {
    const start = this.#advance(field, length);
    return this.#bytes.slice(start, start + length) as Uint8Array<ArrayBuffer>;
  }

  /** `opaque field<min..max>` with the length prefix that `max` asks for, unless `prefix` says. */
  opaque(
    field: string,
    { min = 0, max, prefix }: { min?: number; max: number; prefix?: 1 | 2 | 4 },
  ): Uint8Array<ArrayBuffer> {
    return this.fixed(field, this.#length(field, min, max, prefix));
  }

  /**
   * A vector of items, as long in bytes as its prefix says; `item` must consume exactly that many.
   * At most `countMax` items, since an item may be as small as one byte.
   */
  vector<T>(
    field: string,
    bounds: { min?: number; max: number; prefix?: 1 | 2 | 4; countMax: number },
    item: (reader: Reader) => T,
  ): T[] {
    const length = this.#length(field, bounds.min ?? 0, bounds.max, bounds.prefix);
    const start = this.#advance(field, length);
    const inner = new Reader(
      this.#bytes.subarray(start, start + length),
      this.#join(field),
      this.#base + start,
    );
    const items: T[] = [];
    while (inner.remaining > 0) {
      if (items.length >= bounds.countMax) {
        this.fail(field, `expected at most ${bounds.countMax} items, got more`);
      }
      const before = inner.remaining;
      items.push(item(inner));
      assert(inner.remaining < before, "an item of a vector consumes at least one byte");
    }
    return items;
  }

  /** Everything that is left, at most `max` bytes. */
  rest(field: string, max: number): Uint8Array<ArrayBuffer> {
    if (this.remaining > max) {
      this.fail(field, `expected at most ${max} bytes, got ${this.remaining}`);
    }
    return this.fixed(field, this.remaining);
  }

  /** Refuses trailing bytes. */
  end(): void {
    if (this.remaining > 0) {
      throw new DecodeError(
        this.#path,
        this.#base + this.#offset,
        `expected the end of the message, got ${this.remaining} more bytes`,
      );
    }
  }

  /** Stops decoding with what was expected of `field`. */
  fail(field: string, expectation: string): never {
    throw new DecodeError(this.#join(field), this.#base + this.#offset, expectation);
  }

  #length(field: string, min: number, max: number, prefix: 1 | 2 | 4 = prefixFor(max)): number {
    const length = prefix === 1 ? this.u8(field) : prefix === 2 ? this.u16(field) : this.u32(field);
    if (length < min || length > max) {
      this.fail(field, `expected ${min} to ${max} bytes, got ${length}`);
    }
    return length;
  }

  #advance(field: string, length: number): number {
    if (length > this.remaining) {
      this.fail(field, `expected ${length} bytes, got ${this.remaining}`);
    }
    const start = this.#offset;
    this.#offset += length;
    return start;
  }

  #join(field: string): string {
    return `${this.#path}.${field}`;
  }
}

/** Bytes of length prefix for a vector of at most `max` bytes [RFC 8446, Section 3.4]. */
export function prefixFor(max: number): 1 | 2 | 4 {
  if (max <= 0xff) return 1;
  return max <= 0xffff ? 2 : 4;
}
