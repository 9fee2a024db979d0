/**
 * The names of wa-sqlite 1.0.0's synchronous build, which its linker shortened. Its own loader
 * brings a file system, a clock and randomness; this sandbox must not have them, so it binds the
 * module itself. `wa-sqlite-build-node.test.ts` pins the build by its hash and checks this table
 * against the loader's source.
 *
 * @module
 */

/** A position in the module's memory. */
export type Address = number;

/** A result code of SQLite, of those that this package looks at. */
export const SQLITE = {
  ok: 0,
  deny: 1,
  noMemory: 7,
  tooBig: 18,
  misuse: 21,
  row: 100,
  done: 101,
} as const;

export const VALUE_TYPE = { integer: 1, real: 2, text: 3, blob: 4, null: 5 } as const;

/** Functions of the module, called with numbers and giving back a number, if anything. */
export const FUNCTION_NAMES = {
  construct: "ua",
  main: "Db",
  stackSave: "Hb",
  stackRestore: "Ib",
  /** The upper half of a 64-bit result. */
  getTempRet0: "Gb",
  malloc: "wa",
  getSqliteFree: "Cb",
  libversionNumber: "mb",
  openV2: "qb",
  limit: "pb",
  registerExtensionFunctions: "vb",
  setAuthorizer: "wb",
  createFunction: "xb",
  progressHandler: "Ab",
  errmsg: "jb",
  prepareV2: "ya",
  step: "za",
  finalize: "Ca",
  reset: "Da",
  bindParameterCount: "fb",
  bindInt: "bb",
  bindInt64: "cb",
  bindDouble: "ab",
  bindNull: "db",
  bindText: "eb",
  columnCount: "Ta",
  columnName: "_a",
  columnType: "Za",
  columnInt64: "Aa",
  columnDouble: "Xa",
  columnText: "Ya",
  columnBytes: "Wa",
  valueType: "La",
  valueText: "Ga",
  valueBlob: "Fa",
  valueBytes: "Ha",
  valueDouble: "Ia",
  resultInt: "Pa",
  resultNull: "Ra",
  resultText: "Sa",
} as const;

export const MEMORY_NAME = "ta";

/** The imports that are answered; all others end the run. */
export const IMPORT_NAMES = {
  dateNow: "e",
  monotonicNow: "d",
  localTime: "k",
  timeZone: "s",
  resizeHeap: "o",
  environmentSizes: "B",
  environment: "A",
  authorize: "sa",
  progress: "ca",
  callFunction: "ha",
} as const;

type NativeFunction = (...numbers: readonly number[]) => number;

/** Named as in C, in camel case and without `sqlite3_`. Pointers come back signed. */
export type SqliteFunctions = Readonly<Record<keyof typeof FUNCTION_NAMES, NativeFunction>>;

/** Exports under their proper names. */
export function nameExports(raw: WebAssembly.Exports): SqliteFunctions {
  const named = Object.entries(FUNCTION_NAMES).map(([name, short]) => [name, raw[short]] as const);
  const missing = named.filter(([, value]) => typeof value !== "function").map(([name]) => name);
  if (missing.length > 0) {
    throw new TypeError(`expected the exports of wa-sqlite 1.0.0, missing: ${missing.join(", ")}`);
  }
  return Object.fromEntries(named) as unknown as SqliteFunctions;
}
