/** A bundler's way to name a file: the module is its address. */
declare module "wa-sqlite/dist/wa-sqlite.wasm?url" {
  const url: string;
  // biome-ignore lint/style/noDefaultExport: bundlers give the address as the default export
  export default url;
}

declare module "@jitl/quickjs-wasmfile-release-sync/wasm?url" {
  const url: string;
  // biome-ignore lint/style/noDefaultExport: bundlers give the address as the default export
  export default url;
}
