/** Reads modules from their packages. */
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const { resolve } = createRequire(import.meta.url);

async function read(name: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await readFile(resolve(name)));
}

export function readSqliteWasm(): Promise<Uint8Array<ArrayBuffer>> {
  return read("wa-sqlite/dist/wa-sqlite.wasm");
}

export function readQuickJsWasm(): Promise<Uint8Array<ArrayBuffer>> {
  return read("@jitl/quickjs-wasmfile-release-sync/wasm");
}
