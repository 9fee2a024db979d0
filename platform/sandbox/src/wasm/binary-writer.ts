/** Writes the encoding of WebAssembly into a buffer that grows. */
import { assert } from "@sumus/assert";

export class BinaryWriter {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(1024);
  #length = 0;

  byte(byte: number): void {
    if (this.#length === this.#bytes.length) this.#reserve(1);
    this.#bytes[this.#length++] = byte;
  }

  all(...bytes: readonly number[]): void {
    for (const byte of bytes) this.byte(byte);
  }

  unsigned(value: number): void {
    let rest = value;
    while (rest >= 0x80) {
      this.byte((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    this.byte(rest);
  }

  /** Room for a number that {@link settle} writes once it is known. */
  placeholder(): number {
    const at = this.#length;
    this.all(0x80, 0x80, 0x80, 0);
    return at;
  }

  /** A number below 2^27, in the four bytes of a placeholder; fits signed and unsigned readers. */
  settle(at: number, value: number): void {
    assert(value >= 0 && value < 2 ** 27, "a number for four bytes of LEB128");
    for (let index = 0; index < 4; index++) {
      const bits = (value >>> (7 * index)) & 0x7f;
      this.#bytes[at + index] = index < 3 ? bits | 0x80 : bits;
    }
  }

  append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Bytes behind their length. */
  sized(bytes: Uint8Array): void {
    this.unsigned(bytes.length);
    this.append(bytes);
  }

  /** A view of what was written; it goes stale with the next write. */
  get written(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#length + more, 2 * this.#bytes.length));
    grown.set(this.written);
    this.#bytes = grown;
  }
}
