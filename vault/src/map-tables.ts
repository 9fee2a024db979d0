/** Chooses what a study's map may see of a person's collections: the declared columns alone. */
import type { MapColumn, MapTable } from "@sumus/sandbox";
import type { Need } from "@sumus/study";
import type { Collection } from "./collection.ts";

export type MapTables = Readonly<Record<string, MapTable>>;

export type Selection =
  | { readonly ok: true; readonly tables: MapTables }
  | { readonly ok: false; readonly reason: string };

/** A map can join on the person column of its tables without learning who it is: it sees this. */
const SOMEBODY = 1;

/** Tables of a study's needs; a person takes part only with rows in each of them. */
export function selectTables(
  needs: readonly Need[],
  collections: readonly Collection[],
): Selection {
  const held = new Map(collections.map((collection) => [collection.name, collection]));
  const chosen: [name: string, table: MapTable][] = [];
  // The person column is either hidden in all tables or shown in all: joins must not tear.
  const showsPerson = needs.some(({ collection, columns }) => {
    const personColumn = held.get(collection)?.personColumn ?? null;
    return personColumn !== null && columns.includes(personColumn);
  });
  for (const { collection: name, columns } of needs) {
    const collection = held.get(name);
    if (collection === undefined || collection.rows.length === 0) {
      return { ok: false, reason: `you hold no rows of ${name}, which the study needs` };
    }
    const missing = columns.find((column) => indexOf(collection, column) < 0);
    if (missing !== undefined) {
      return { ok: false, reason: `your ${name} has no column ${missing}, which the study needs` };
    }
    const visible = columns.map((column) => visibleColumn(collection, column));
    const { personColumn } = collection;
    if (personColumn !== null && !columns.includes(personColumn)) {
      visible.push(
        showsPerson
          ? visibleColumn(collection, personColumn)
          : { name: personColumn, type: "INTEGER", constant: SOMEBODY },
      );
    }
    chosen.push([name, { columns: visible, rows: collection.rows }]);
  }
  return { ok: true, tables: Object.fromEntries(chosen) };
}

/** The same tables with other rows: of a person who is made up. */
export function withRows(tables: MapTables, rows: "none" | "one of nulls"): MapTables {
  const entries = Object.entries(tables).map(([name, { columns }]) => {
    const nulls = columns.map(() => null);
    const placed = columns.map((column, index) => ({ ...column, index }));
    return [name, { columns: placed, rows: rows === "none" ? [] : [nulls] }] as const;
  });
  return Object.fromEntries(entries);
}

function visibleColumn(collection: Collection, name: string): MapColumn {
  const index = indexOf(collection, name);
  return { name, type: collection.columns[index]?.type ?? "TEXT", index };
}

function indexOf(collection: Collection, name: string): number {
  return collection.columns.findIndex((column) => column.name === name);
}
