/** Fetches the module from where the bundler put it. */
import wasmUrl from "wa-sqlite/dist/wa-sqlite.wasm?url";

export async function readWasm(): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(wasmUrl);
  if (!response.ok) {
    throw new Error(`expected SQLite's WebAssembly at ${wasmUrl}, got status ${response.status}`);
  }
  return new Uint8Array(await response.arrayBuffer());
}
