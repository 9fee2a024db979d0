/** Reads the module from its package. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const { resolve } = createRequire(import.meta.url);

export async function readWasm(): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await readFile(resolve("wa-sqlite/dist/wa-sqlite.wasm")));
}
