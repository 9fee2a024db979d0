/**
 * A map compiled against its tables, kept as the image of a machine that is about to run: tables
 * made, inserts and map prepared, no row in it yet. Every person's run starts from these same
 * bytes, so nothing of one run can reach the next, and nothing is compiled twice.
 *
 * @module
 */
import { type MapColumn, MapStop } from "../map-run.ts";
import {
  COLUMNS_MAX,
  execute,
  prepare,
  prepareOwn,
  SOURCE_BYTES_MAX,
  type SqlMachine,
} from "./sql-machine.ts";
import type { Address } from "./sqlite-exports.ts";
import type { MemoryImage } from "./sqlite-instance.ts";

/** The tables of a map without their rows. */
export type MapSchema = readonly {
  readonly name: string;
  readonly columns: readonly MapColumn[];
}[];

const TABLES_MAX = 32;
/** Texts up to a third of this need no memory of their own on their way in. */
export const SCRATCH_BYTES: number = 16 << 10;

export interface CompiledMap {
  readonly image: MemoryImage;
  /** Names of the tables that it may read. */
  readonly tables: ReadonlySet<string>;
  readonly inserts: readonly { readonly name: string; readonly statement: Address }[];
  readonly statement: Address;
  readonly scratch: Address;
}

/** Leaves the machine at the image that it returns. @throws {MapStop} */
export function compileMap(machine: SqlMachine, source: string, schema: MapSchema): CompiledMap {
  const { instance, watch } = machine;
  instance.restoreImage(machine.empty);
  watch.tables = null;
  const scratch = instance.allocate(SCRATCH_BYTES);
  // Temporary structures stay in memory; the rows go in and are never written back.
  execute(machine, "PRAGMA temp_store = MEMORY");
  createTables(machine, schema);
  execute(machine, "BEGIN");
  const inserts = schema.map(({ name, columns }) => {
    const places = columns.map(() => "?").join(", ");
    const insert = `INSERT INTO ${quoteName(name)} VALUES (${places})`;
    return { name, statement: prepareOwn(machine, insert) };
  });
  const tables = new Set(schema.map(({ name }) => name));
  watch.tables = tables;
  const statement = prepareOnlyQuery(machine, source);
  return { image: instance.saveImage(), tables, inserts, statement, scratch };
}

function createTables(machine: SqlMachine, schema: MapSchema): void {
  if (schema.length > TABLES_MAX) {
    throw new MapStop("mapInvalid", `expected at most ${TABLES_MAX} tables, got ${schema.length}`);
  }
  for (const { name, columns } of schema) {
    if (columns.length === 0 || columns.length > COLUMNS_MAX) {
      const got = `got ${columns.length} in table ${name}`;
      throw new MapStop("mapInvalid", `expected 1 to ${COLUMNS_MAX} columns, ${got}`);
    }
    const declared = columns.map((column) => `${quoteName(column.name)} ${column.type}`);
    execute(machine, `CREATE TABLE ${quoteName(name)} (${declared.join(", ")})`);
  }
}

function quoteName(name: string): string {
  if (name.includes("\0")) {
    throw new MapStop("mapInvalid", "expected a name as text, got a zero character");
  }
  return `"${name.replaceAll('"', '""')}"`;
}

function prepareOnlyQuery(machine: SqlMachine, source: string): Address {
  const { instance } = machine;
  if (source.includes("\0")) {
    throw new MapStop("mapInvalid", "expected a map as text, got a zero character");
  }
  const { address, length } = instance.allocateText(source);
  if (length > SOURCE_BYTES_MAX) {
    const allowed = SOURCE_BYTES_MAX.toLocaleString("en");
    throw new MapStop("mapInvalid", `expected a map of at most ${allowed} bytes, got ${length}`);
  }
  const { statement, rest } = prepare(machine, address, length);
  if (statement === null) throw new MapStop("mapInvalid", "expected one query, got an empty map");
  const remaining = address + length - rest;
  if (remaining > 0 && prepare(machine, rest, remaining).statement !== null) {
    throw new MapStop("mapInvalid", "expected one query, got several statements");
  }
  if (instance.sqlite.columnCount(statement) === 0) {
    throw new MapStop("mapInvalid", "expected a query (SELECT), got another kind of statement");
  }
  if (instance.sqlite.bindParameterCount(statement) > 0) {
    throw new MapStop("mapInvalid", "expected a query without parameters (?, :name)");
  }
  return statement;
}
