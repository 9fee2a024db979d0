/**
 * SQLite's WebAssembly, with one change: it begins with the memory it needs instead of 16 MiB, so
 * that the memory's length is what was really used and images of it stay small.
 *
 * @module
 */
import { assert } from "@sumus/assert";
import { readSqliteWasm } from "#read-wasm";

const HEADER_BYTES = 8;
const MEMORY_SECTION = 5;
const PAGE_BYTES = 64 << 10;
/** Static data and stack end at 587,648 in wa-sqlite 1.0.0. */
const PAGES_MIN = Math.ceil(587_648 / PAGE_BYTES);
/** [one memory, with a maximum, minimum 256 in LEB128] */
const EXPECTED_LIMITS = [1, 1, 0x80, 0x02];

let compiled: Promise<WebAssembly.Module> | undefined;

/** Compiled once a process. */
export function sqliteModule(): Promise<WebAssembly.Module> {
  compiled ??= readSqliteWasm().then((bytes) => WebAssembly.compile(withSmallMemory(bytes)));
  return compiled;
}

function withSmallMemory(original: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const bytes = original.slice();
  const start = sectionStart(bytes, MEMORY_SECTION);
  const found = EXPECTED_LIMITS.every((byte, index) => bytes[start + index] === byte);
  assert(found, "the module declares one memory of 256 pages");
  // Two bytes of LEB128 stay two bytes: the first says that the second, zero, belongs to it.
  bytes.set([0x80 | PAGES_MIN, 0], start + 2);
  return bytes;
}

function sectionStart(bytes: Uint8Array, id: number): number {
  let at = HEADER_BYTES;
  while (at < bytes.length) {
    const section = bytes[at];
    const { value, end } = readLeb128(bytes, at + 1);
    if (section === id) return end;
    at = end + value;
  }
  return assert(false, `the module has a section ${id}`) as never;
}

function readLeb128(bytes: Uint8Array, at: number): { value: number; end: number } {
  let value = 0;
  for (let index = 0; index < 5; index++) {
    const byte = bytes[at + index] ?? 0;
    value |= (byte & 0x7f) << (7 * index);
    if (byte < 0x80) return { value, end: at + index + 1 };
  }
  return assert(false, "a length of at most five bytes") as never;
}
