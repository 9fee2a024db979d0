/** Fetches modules from where the bundler put them. */
import quickJsUrl from "@jitl/quickjs-wasmfile-release-sync/wasm?url";
import sqliteUrl from "wa-sqlite/dist/wa-sqlite.wasm?url";

async function read(name: string, url: string): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url);
  if (!response.ok) {
    throw new Error(`expected the WebAssembly of ${name} at ${url}, got status ${response.status}`);
  }
  return new Uint8Array(await response.arrayBuffer());
}

export function readSqliteWasm(): Promise<Uint8Array<ArrayBuffer>> {
  return read("SQLite", sqliteUrl);
}

export function readQuickJsWasm(): Promise<Uint8Array<ArrayBuffer>> {
  return read("QuickJS", quickJsUrl);
}
