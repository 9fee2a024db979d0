/**
 * QuickJS's WebAssembly, with two changes: it begins with the memory it needs instead of 16 MiB, so
 * that images of it stay small; and it counts what it does. Fuel therefore covers all that
 * JavaScript can ask of it, a regular expression or a search through a long list included.
 *
 * @module
 */
import { assert } from "@sumus/assert";
import { readQuickJsWasm } from "#read-wasm";
import { meterModule } from "../wasm/meter-module.ts";

const PAGE_BYTES = 64 << 10;
/** Static data and stack end at 5,333,088 in this build. */
export const PAGES_MIN: number = Math.ceil(5_333_088 / PAGE_BYTES) + 1;
/** The import of the memory: `a` of module `a`, with a maximum, minimum 256 in LEB128. */
const MEMORY_IMPORT = [1, 0x61, 1, 0x61, 2, 1, 0x80, 0x02];

let compiled: Promise<WebAssembly.Module> | undefined;

/** Compiled once a process. */
export function quickJsModule(): Promise<WebAssembly.Module> {
  compiled ??= readQuickJsWasm().then((bytes) => {
    return WebAssembly.compile(meterModule(withSmallMemory(bytes)).bytes);
  });
  return compiled;
}

function withSmallMemory(original: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const at = original.findIndex((_, start) => {
    return MEMORY_IMPORT.every((byte, index) => original[start + index] === byte);
  });
  assert(at >= 0, "the module imports one memory of 256 pages");
  const bytes = original.slice();
  // Two bytes of LEB128 stay two bytes: the first says that the second, zero, belongs to it.
  bytes.set([0x80 | PAGES_MIN, 0], at + MEMORY_IMPORT.length - 2);
  return bytes;
}
