/**
 * The names of QuickJS as `@jitl/quickjs-wasmfile-release-sync` 0.32.0 builds it, which its linker
 * shortened. The package's loader is not used: it would bring a clock, and functions of the host.
 * `quickjs-build-node.test.ts` pins the build by its hash and checks this table against the loader.
 *
 * @module
 */

/** A position in the module's memory. */
export type Address = number;

/** Functions of the module, called with numbers and giving back a number, if anything. */
export const FUNCTION_NAMES = {
  construct: "u",
  malloc: "v",
  setMaxStackSize: "D",
  getUndefined: "E",
  newRuntime: "K",
  newContext: "N",
  newString: "_",
  getString: "$",
  call: "ma",
  resolveException: "na",
  evaluate: "pa",
  typeOf: "ra",
  stackRestore: "Ma",
  stackGet: "Oa",
} as const;

export const MEMORY_NAME = "a";

/** The imports that are answered; all others end the run. */
export const IMPORT_NAMES = {
  resizeHeap: "k",
  environment: "e",
  environmentSizes: "f",
  dateNow: "p",
} as const;

/** What QuickJS's own intrinsics are called by their bits. */
export const INTRINSICS = {
  baseObjects: 0x001,
  evaluate: 0x004,
  stringNormalize: 0x008,
  regExp: 0x010,
  regExpCompiler: 0x020,
  json: 0x040,
  mapSet: 0x100,
  typedArrays: 0x200,
  promise: 0x400,
  bigInt: 0x800,
} as const;

type NativeFunction = (...numbers: readonly number[]) => number;

export type QuickJsFunctions = Readonly<Record<keyof typeof FUNCTION_NAMES, NativeFunction>>;

/** Exports under their proper names. */
export function nameExports(raw: WebAssembly.Exports): QuickJsFunctions {
  const named = Object.entries(FUNCTION_NAMES).map(([name, short]) => [name, raw[short]] as const);
  const missing = named.filter(([, value]) => typeof value !== "function").map(([name]) => name);
  if (missing.length > 0) {
    throw new TypeError(`expected the exports of QuickJS, missing: ${missing.join(", ")}`);
  }
  return Object.fromEntries(named) as unknown as QuickJsFunctions;
}
