/** Tables: a whole one as it is imported, and the collections of one person. */
import type { CellValue, ColumnType } from "@sumus/sandbox";

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

export type Row = readonly CellValue[];

export interface Table {
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
}

/** A table of one person's rows. */
export interface Collection extends Table {
  readonly name: string;
  /**
   * The column that says whose row it is, where there is one. Maps may join on it, but they see it
   * only when the study asks for it by name.
   */
  readonly personColumn: string | null;
}

export class CollectionError extends Error {
  override readonly name = "CollectionError";
}

/**
 * Gives every person in a table a collection of their own rows, in the table's order; rows and
 * columns are shared, not copied. Rows without a person are left out.
 *
 * @returns collections by person, in the order in which the people appear
 * @throws {CollectionError} when the table has no such column
 */
export function splitByPerson(
  name: string,
  table: Table,
  personColumn: string,
): ReadonlyMap<string, Collection> {
  const index = table.columns.findIndex((column) => column.name === personColumn);
  if (index < 0) {
    const names = table.columns.map((column) => column.name).join(", ");
    throw new CollectionError(
      `expected the person column ${personColumn} in ${name}, got the columns ${names}`,
    );
  }
  const rowsOf = new Map<string, Row[]>();
  for (const row of table.rows) {
    const person = row[index] ?? null;
    if (person === null) continue;
    const rows = rowsOf.get(String(person));
    if (rows === undefined) rowsOf.set(String(person), [row]);
    else rows.push(row);
  }
  const { columns } = table;
  const collections = new Map<string, Collection>();
  for (const [person, rows] of rowsOf) {
    collections.set(person, { name, columns, rows, personColumn });
  }
  return collections;
}
