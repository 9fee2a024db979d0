/** Reads the row that a map gives back, and refuses what no result type can hold. */
import { invalidOutput, OUTPUT_COLUMNS_MAX } from "../json-rows.ts";
import type { CellValue, MapRow } from "../map-run.ts";
import type { SqlMachine } from "./sql-machine.ts";
import { type Address, VALUE_TYPE } from "./sqlite-exports.ts";

/** @throws {MapStop} `outputInvalid` */
export function readRow(machine: SqlMachine, statement: Address, outputBytes: number): MapRow {
  const { sqlite } = machine.instance;
  const count = sqlite.columnCount(statement);
  if (count > OUTPUT_COLUMNS_MAX) {
    throw invalidOutput(`expected at most ${OUTPUT_COLUMNS_MAX} columns, got ${count}`);
  }
  const row = new Map<string, CellValue>();
  let textBytes = 0;
  for (let index = 0; index < count; index++) {
    const name = machine.instance.terminatedText(sqlite.columnName(statement, index)) ?? "";
    if (row.has(name))
      throw invalidOutput(`expected columns of different names, got two "${name}"`);
    if (sqlite.columnType(statement, index) === VALUE_TYPE.text) {
      textBytes += sqlite.columnBytes(statement, index);
      if (textBytes > outputBytes) {
        const allowed = outputBytes.toLocaleString("en");
        throw invalidOutput(
          `expected at most ${allowed} bytes of text, got more in column "${name}"`,
        );
      }
    }
    row.set(name, readCell(machine, statement, index, name));
  }
  // Unlike an assignment, this makes even "__proto__" a plain column.
  return Object.fromEntries(row);
}

function readCell(
  { instance }: SqlMachine,
  statement: Address,
  index: number,
  name: string,
): CellValue {
  const { sqlite } = instance;
  switch (sqlite.columnType(statement, index)) {
    case VALUE_TYPE.null:
      return null;
    case VALUE_TYPE.integer: {
      const lower = sqlite.columnInt64(statement, index) >>> 0;
      const value = sqlite.getTempRet0() * 2 ** 32 + lower;
      if (Number.isSafeInteger(value)) return value;
      throw invalidOutput(
        `expected whole numbers below 2^53, got a larger one in column "${name}"`,
      );
    }
    case VALUE_TYPE.real: {
      const value = sqlite.columnDouble(statement, index);
      if (Number.isFinite(value)) return value;
      throw invalidOutput(`expected finite numbers, got ${value} in column "${name}"`);
    }
    case VALUE_TYPE.text: {
      const address = sqlite.columnText(statement, index) >>> 0;
      return readText(instance, address, sqlite.columnBytes(statement, index), name);
    }
    default:
      throw invalidOutput(`expected numbers and texts, got bytes (a BLOB) in column "${name}"`);
  }
}

function readText(
  instance: SqlMachine["instance"],
  address: Address,
  length: number,
  name: string,
): string {
  try {
    return instance.text(address, length);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw invalidOutput(`${error.message} in column "${name}"`);
  }
}
