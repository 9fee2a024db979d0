/**
 * A SQLite with an empty database in memory, its limits set and its doors watched, at the moment
 * before a map is compiled. Every compilation begins from this same image.
 *
 * @module
 */
import { assert, defined } from "@sumus/assert";
import { FUEL_UNIT_STEPS, MapStop } from "../map-run.ts";
import { outOfMemory } from "../refusal.ts";
import { refuseAction } from "./authorizer.ts";
import type { Meter } from "./meter.ts";
import { callSqlFunction, SQL_FUNCTIONS } from "./sql-functions.ts";
import { type Address, SQLITE } from "./sqlite-exports.ts";
import { type MemoryImage, SqliteInstance } from "./sqlite-instance.ts";

const VERSION = 3_044_000;
const READ_WRITE_CREATE = 6;
const UTF8_DETERMINISTIC = 1 | 0x800;
const SCALAR = 0;

/** Longest text, blob or record that a map may make, in bytes. */
const TEXT_BYTES_MAX = 256 << 10;
/** Longest map, in bytes. */
export const SOURCE_BYTES_MAX: number = 128 << 10;
/** Columns of a table, of a result, of a grouping. */
export const COLUMNS_MAX = 256;

/** Identifiers and values of sqlite3_limit. Expressions are bounded by the source's length. */
const LIMITS: readonly (readonly [id: number, value: number])[] = [
  [0, TEXT_BYTES_MAX],
  [1, SOURCE_BYTES_MAX],
  [2, COLUMNS_MAX],
  [4, 100], // terms of a compound SELECT
  [5, 250_000], // instructions of a compiled map
  [6, 100], // arguments of a function
  [7, 0], // attached databases
  [8, 128], // bytes of a LIKE or GLOB pattern
  [9, COLUMNS_MAX], // parameters, used by our INSERTs alone
  [10, 0], // depth of triggers
];

/** What the instance's doors lead to at present. Null: our own statements, which may do all. */
interface Watch {
  meter: Meter | null;
  tables: ReadonlySet<string> | null;
  memoryBytesMax: number;
  refused: string | null;
}

export interface SqlMachine {
  readonly instance: SqliteInstance;
  readonly database: Address;
  readonly empty: MemoryImage;
  readonly watch: Watch;
}

export function createSqlMachine(module: WebAssembly.Module, memoryBytesMax: number): SqlMachine {
  const watch: Watch = { meter: null, tables: null, memoryBytesMax, refused: null };
  const instance: SqliteInstance = new SqliteInstance(module, {
    authorize(action, first, second) {
      if (watch.tables === null) return true;
      const refused = refuseAction(watch.tables, action, first, second);
      // The first refusal is the one to name; SQLite may ask on.
      watch.refused ??= refused;
      return refused === null;
    },
    progress() {
      watch.meter?.tick();
    },
    callFunction(key, context, values) {
      const { meter } = watch;
      const charge = (steps: number): void => meter?.charge(steps);
      const sqlFunction = defined(SQL_FUNCTIONS[key], "a registered function");
      callSqlFunction(sqlFunction, context, {
        instance,
        values,
        charge,
        textBytesMax: TEXT_BYTES_MAX,
      });
    },
    memoryBytesMax: () => watch.memoryBytesMax,
  });
  const database = openDatabase(instance);
  return { instance, database, empty: instance.saveImage(), watch };
}

function openDatabase(instance: SqliteInstance): Address {
  const { sqlite } = instance;
  assert(sqlite.libversionNumber() === VERSION, "the pinned version of SQLite");
  const result = instance.allocate(8);
  const name = instance.allocateText(":memory:");
  assert(sqlite.openV2(name.address, result, READ_WRITE_CREATE, 0) === SQLITE.ok, "it opens");
  const database = instance.word(result);
  sqlite.registerExtensionFunctions(database);
  SQL_FUNCTIONS.forEach((sqlFunction, key) => {
    const { address } = instance.allocateText(sqlFunction.name);
    const flags = UTF8_DETERMINISTIC;
    sqlite.createFunction(database, address, sqlFunction.arguments, flags, key, SCALAR);
  });
  sqlite.setAuthorizer(database);
  sqlite.progressHandler(database, FUEL_UNIT_STEPS);
  for (const [id, value] of LIMITS) sqlite.limit(database, id, value);
  return database;
}

/** A compiled statement, null for blanks and comments, and where the rest of the text begins. */
interface Prepared {
  readonly statement: Address | null;
  readonly rest: Address;
}

/** @throws {MapStop} `mapInvalid`, `mapForbidden` or out of a limit */
export function prepare(machine: SqlMachine, sql: Address, length: number): Prepared {
  const { instance, database, watch } = machine;
  const results = instance.allocate(8);
  watch.refused = null;
  const code = instance.sqlite.prepareV2(database, sql, length + 1, results, results + 4);
  if (code !== SQLITE.ok) throw stopFor(machine, code, "mapInvalid");
  const statement = instance.word(results);
  return { statement: statement === 0 ? null : statement, rest: instance.word(results + 4) };
}

/** The reason for a failed call, in words. */
export function stopFor(
  machine: SqlMachine,
  code: number,
  otherwise: "mapInvalid" | "mapFailed",
): MapStop {
  const { instance, database, watch } = machine;
  if (watch.refused !== null) {
    return new MapStop("mapForbidden", `the map asks ${watch.refused}`);
  }
  const said = instance.terminatedText(instance.sqlite.errmsg(database)) ?? `code ${code}`;
  switch (code & 0xff) {
    case SQLITE.noMemory:
      return outOfMemory(watch.memoryBytesMax);
    case SQLITE.tooBig: {
      const allowed = `${TEXT_BYTES_MAX.toLocaleString("en")} bytes allowed`;
      return new MapStop("outOfMemory", `the map makes a text too long: ${allowed} (${said})`);
    }
    default: {
      const reason = otherwise === "mapInvalid" ? said : withoutValues(said);
      return new MapStop(otherwise, `${FAILURE[otherwise]}: ${reason}`);
    }
  }
}

/**
 * SQLite's words for what went wrong on a row, without the row: some of its errors quote a value,
 * and a hostile map could make it quote all of them. What a compiler says quotes only the map.
 */
function withoutValues(said: string): string {
  return RUN_TIME_PHRASES.find((phrase) => said.startsWith(phrase)) ?? "a function refused a value";
}

const RUN_TIME_PHRASES = [
  "integer overflow",
  "malformed JSON",
  "JSON path error",
  "bad JSON path",
  "JSON cannot hold BLOB values",
  "ESCAPE expression must be a single character",
  "LIKE or GLOB pattern too complex",
] as const;

const FAILURE = {
  mapInvalid: "the map is not a query on its tables",
  mapFailed: "the map failed on these rows",
} as const;

/** Compiles a statement of this package's own. */
export function prepareOwn(machine: SqlMachine, sql: string): Address {
  const { address, length } = machine.instance.allocateText(sql);
  return defined(prepare(machine, address, length).statement, "a statement");
}

/** Runs a statement of this package's own to its end. */
export function execute(machine: SqlMachine, sql: string): void {
  const code = machine.instance.sqlite.step(prepareOwn(machine, sql));
  if (code !== SQLITE.done && code !== SQLITE.row) throw stopFor(machine, code, "mapInvalid");
}
