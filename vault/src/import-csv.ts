/**
 * From the text of a CSV file to a typed table. The first line names the columns. Rows that cannot
 * be read are left out and reported with their line; a file that cannot be a table is refused.
 *
 * @module
 */
import type { ColumnType } from "@sumus/sandbox";
import type { Column, Row, Table } from "./collection.ts";
import { type CsvRecord, readCsv } from "./csv-reader.ts";
import { inferType, readCell } from "./infer-types.ts";

const COLUMNS_MAX = 256;
const NAME_CHARACTERS_MAX = 64;
const CELL_CHARACTERS_MAX = 65_536;
/** Bounds memory: some ten gigabytes of cells at the very most. */
const ROWS_MAX = 20_000_000;
/** Problems listed one by one; the rest is counted. */
const PROBLEMS_LISTED_MAX = 100;

export interface RowProblem {
  /** Counts from 1, the header included. */
  readonly line: number;
  readonly reason: string;
}

export type CsvImport =
  | {
      readonly ok: true;
      readonly table: Table;
      /** Rows left out: the first of them, and how many in all. */
      readonly problems: readonly RowProblem[];
      readonly problemCount: number;
    }
  | { readonly ok: false; readonly line: number; readonly reason: string };

export interface CsvImportOptions {
  /** The column that must say, in every row, whose row it is. */
  readonly personColumn?: string;
}

/** Never throws. */
export function importCsv(text: string, options: CsvImportOptions = {}): CsvImport {
  const records = readCsv(text);
  const first = records.next().value;
  if (first === undefined) {
    return { ok: false, line: 1, reason: "expected a header line, got an empty file" };
  }
  const header = readHeader(first, options);
  if (!header.ok) return header;
  const { names, personIndex } = header;
  const problems: RowProblem[] = [];
  let problemCount = 0;
  const rows: string[][] = [];
  for (const record of records) {
    const reason = record.ok ? checkCells(record.cells, names, personIndex) : record.reason;
    if (reason !== null) {
      problemCount++;
      if (problems.length < PROBLEMS_LISTED_MAX) problems.push({ line: record.line, reason });
    } else if (record.ok) {
      if (rows.push(record.cells) > ROWS_MAX) {
        const most = ROWS_MAX.toLocaleString("en");
        return { ok: false, line: record.line, reason: `expected at most ${most} rows` };
      }
    }
  }
  return { ok: true, table: typed(names, rows), problems, problemCount };
}

type Header =
  | { readonly ok: true; readonly names: readonly string[]; readonly personIndex: number }
  | { readonly ok: false; readonly line: number; readonly reason: string };

function readHeader(record: CsvRecord, { personColumn }: CsvImportOptions): Header {
  const { line } = record;
  const refuse = (reason: string): Header => ({ ok: false, line, reason });
  if (!record.ok) return refuse(record.reason);
  const names = record.cells.map((name) => name.trim());
  if (names.length > COLUMNS_MAX) {
    return refuse(`expected at most ${COLUMNS_MAX} columns, got ${names.length}`);
  }
  const seen = new Set<string>();
  for (const [index, name] of names.entries()) {
    if (name === "")
      return refuse(`column ${index + 1} has no name; give it one in the first line`);
    if (name.length > NAME_CHARACTERS_MAX || /\p{Cc}/u.test(name)) {
      const most = `at most ${NAME_CHARACTERS_MAX} printable characters`;
      return refuse(`expected ${most} in the name of column ${index + 1}`);
    }
    // SQL does not tell upper from lower case in names.
    if (seen.has(name.toLowerCase())) {
      return refuse(`two columns are named ${name}; rename one in the first line`);
    }
    seen.add(name.toLowerCase());
  }
  const personIndex = personColumn === undefined ? -1 : names.indexOf(personColumn);
  if (personColumn !== undefined && personIndex < 0) {
    return refuse(
      `expected the person column ${personColumn}, got the columns ${names.join(", ")}`,
    );
  }
  return { ok: true, names, personIndex };
}

/** What is wrong with a row, or null. */
function checkCells(
  cells: readonly string[],
  names: readonly string[],
  personIndex: number,
): string | null {
  if (cells.length !== names.length) {
    return `expected ${names.length} cells, got ${cells.length}`;
  }
  const long = cells.findIndex((cell) => cell.length > CELL_CHARACTERS_MAX);
  if (long >= 0) {
    const most = CELL_CHARACTERS_MAX.toLocaleString("en");
    return `the cell of column ${names[long]} is longer than ${most} characters`;
  }
  if (personIndex >= 0 && cells[personIndex] === "") {
    return `expected a person in column ${names[personIndex]}, got an empty cell`;
  }
  return null;
}

function typed(names: readonly string[], cells: readonly (readonly string[])[]): Table {
  const types = names.map((_, index) => inferType(columnOf(cells, index)));
  const columns = names.map((name, index): Column => ({ name, type: types[index] ?? "TEXT" }));
  const rows = cells.map(
    (row): Row => row.map((cell, index) => readCell(cell, typeAt(types, index))),
  );
  return { columns, rows };
}

function typeAt(types: readonly ColumnType[], index: number): ColumnType {
  return types[index] ?? "TEXT";
}

function* columnOf(rows: readonly (readonly string[])[], index: number): Generator<string, void> {
  for (const row of rows) yield row[index] ?? "";
}
