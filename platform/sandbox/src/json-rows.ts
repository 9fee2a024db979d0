/**
 * Rows as JSON, for the languages that are not SQL. In goes an object of tables, each a list of
 * rows by column name; out comes one row, or null for none.
 *
 * @module
 */
import { assert } from "@sumus/assert";
import { type CellValue, type MapRow, MapStop, type MapTable } from "./map-run.ts";

export const OUTPUT_COLUMNS_MAX = 64;

/** Such as `{"person":[{"age":44,"sex":"female"}]}`. */
export function writeTables(tables: Readonly<Record<string, MapTable>>): string {
  const written = Object.entries(tables).map(([name, table]) => {
    return `${JSON.stringify(name)}:[${writeRows(table)}]`;
  });
  return `{${written.join(",")}}`;
}

function writeRows({ columns, rows }: MapTable): string {
  const keys = columns.map(({ name }) => `${JSON.stringify(name)}:`);
  const written = rows.map((row) => {
    const cells = columns.map(({ constant, index }, place) => {
      const value = constant === undefined ? row[index ?? place] : constant;
      assert(value !== undefined, "a row has a cell for each column");
      assert(typeof value !== "number" || Number.isFinite(value), "numbers of a row are finite");
      return `${keys[place]}${JSON.stringify(value)}`;
    });
    return `{${cells.join(",")}}`;
  });
  return written.join(",");
}

/**
 * Reads what a map gives back. A list in a column becomes its JSON text, as SQL's
 * `json_group_array` makes one.
 *
 * @throws {MapStop} `outputInvalid`
 */
export function readRow(text: string): MapRow | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // SyntaxError and nothing else; its message would quote what may be a person's.
    throw invalidOutput("expected a row as JSON, got another text");
  }
  if (value === null) return null;
  if (Array.isArray(value)) {
    throw invalidOutput("expected at most one row, got a list; aggregate");
  }
  if (typeof value !== "object") {
    throw invalidOutput(`expected a row as an object of columns, got a ${typeof value}`);
  }
  const cells = Object.entries(value);
  if (cells.length > OUTPUT_COLUMNS_MAX) {
    throw invalidOutput(`expected at most ${OUTPUT_COLUMNS_MAX} columns, got ${cells.length}`);
  }
  // Unlike an assignment, this makes even "__proto__" a plain column.
  return Object.fromEntries(cells.map(([name, cell], index) => [name, readCell(cell, index + 1)]));
}

/** @param place its column, counted from 1: a map may have made the column's name from a person's row */
function readCell(value: unknown, place: number): CellValue {
  if (value === null || typeof value === "string") return value;
  if (typeof value === "number") {
    if (Number.isFinite(value)) return value + 0;
    throw invalidOutput(`expected finite numbers, got another in column ${place}`);
  }
  if (Array.isArray(value) && value.every((item) => isListed(item))) return JSON.stringify(value);
  const other = typeof value === "boolean" ? "true or false" : "an object";
  const got = Array.isArray(value) ? "a list of other things" : other;
  throw invalidOutput(`expected numbers, texts and lists of them, got ${got} in column ${place}`);
}

function isListed(item: unknown): boolean {
  return typeof item === "string" || (typeof item === "number" && Number.isFinite(item));
}

export function invalidOutput(message: string): MapStop {
  return new MapStop("outputInvalid", message);
}

/** @throws {MapStop} when the output is longer than its bound */
export function tooLong(outputBytes: number): MapStop {
  const allowed = outputBytes.toLocaleString("en");
  return invalidOutput(`expected a row of at most ${allowed} bytes, got more`);
}
