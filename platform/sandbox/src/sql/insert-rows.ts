/** Puts a person's rows into the tables of a machine. */
import { assert } from "@sumus/assert";
import { encodeUtf8 } from "@sumus/bytes";
import type { CellValue, MapTable } from "../map-run.ts";
import { type CompiledMap, SCRATCH_BYTES } from "./compiled-map.ts";
import { type SqlMachine, stopFor } from "./sql-machine.ts";
import { type Address, SQLITE } from "./sqlite-exports.ts";
import type { SqliteInstance } from "./sqlite-instance.ts";

/** sqlite3_bind_text copies the text before it returns. */
const TRANSIENT = -1;
const UTF8_BYTES_PER_UNIT_MAX = 3;
const INT32 = 2 ** 31;
const encoder = new TextEncoder();

/** @throws {MapStop} `outOfMemory` */
export function insertRows(
  machine: SqlMachine,
  compiled: CompiledMap,
  tables: Readonly<Record<string, MapTable>>,
): void {
  const { instance } = machine;
  const { sqlite } = instance;
  for (const { name, statement } of compiled.inserts) {
    const { columns, rows } = tables[name] ?? { columns: [], rows: [] };
    for (const row of rows) {
      columns.forEach(({ constant, index }, place) => {
        const value = constant === undefined ? row[index ?? place] : constant;
        bind(instance, compiled.scratch, statement, place + 1, value);
      });
      const code = sqlite.step(statement);
      if (code !== SQLITE.done) throw stopFor(machine, code, "mapFailed");
      sqlite.reset(statement);
    }
  }
}

function bind(
  instance: SqliteInstance,
  scratch: Address,
  statement: Address,
  place: number,
  value: CellValue | undefined,
): void {
  const { sqlite } = instance;
  if (typeof value === "number") {
    if ((value | 0) === value && !Object.is(value, -0)) {
      sqlite.bindInt(statement, place, value);
    } else if (Number.isSafeInteger(value) && Math.abs(value) >= INT32) {
      sqlite.bindInt64(statement, place, (value % 2 ** 32) | 0, Math.floor(value / 2 ** 32));
    } else {
      assert(Number.isFinite(value), "numbers of a row are finite");
      sqlite.bindDouble(statement, place, value);
    }
  } else if (typeof value === "string") {
    bindText(instance, scratch, statement, place, value);
  } else {
    assert(value === null, "a row holds numbers, strings and nulls");
    sqlite.bindNull(statement, place);
  }
}

function bindText(
  instance: SqliteInstance,
  scratch: Address,
  statement: Address,
  place: number,
  text: string,
): void {
  const { sqlite } = instance;
  if (text.length * UTF8_BYTES_PER_UNIT_MAX <= SCRATCH_BYTES) {
    const room = instance.bytes.subarray(scratch, scratch + SCRATCH_BYTES);
    const { written } = encoder.encodeInto(text, room);
    sqlite.bindText(statement, place, scratch, written, TRANSIENT);
  } else {
    const encoded = encodeUtf8(text);
    const address = instance.allocate(encoded.length);
    instance.bytes.set(encoded, address);
    sqlite.bindText(statement, place, address, encoded.length, sqlite.getSqliteFree());
  }
}
