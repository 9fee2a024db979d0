import { type Cursor, clip, isPrintable, readLine } from "@sumus/document";
import { NAME_CHARACTERS_MAX } from "../limits.ts";

/** Names that a query can use without quotes, and that every output format can carry. */
const COLUMN = /^[A-Za-z][A-Za-z0-9_]{0,62}$/;
const MEASURE = /^[A-Za-z][A-Za-z0-9_-]{0,62}$/;

/** Words of SQL that cannot name a column without quotes. */
const RESERVED: ReadonlySet<string> = new Set(
  `add all alter and as autoincrement between by case check collate commit constraint create
   cross current_date current_time current_timestamp default deferrable delete distinct drop else
   end escape except exists foreign from full group having if in index inner insert intersect into
   is isnull join left limit natural not nothing notnull null offset on or order outer primary
   references returning right rowid rollback select set table then to transaction union unique
   update using values when where with`.split(/\s+/),
);

/** The name of a column that the map yields. */
export function readColumnName(cursor: Cursor): string | undefined {
  const name = cursor.text("the name of a column");
  return name === undefined || !checkColumnName(name, cursor, "problem") ? undefined : name;
}

/** Whether a key or value can name a column; records why not. */
export function checkColumnName(
  name: string,
  cursor: Cursor,
  where: "problem" | "keyProblem",
): boolean {
  if (!COLUMN.test(name)) {
    const message = `expected the name of a column, got "${clip(name)}"`;
    cursor[where](message, "use letters, digits and _, beginning with a letter, 63 at most");
    return false;
  }
  if (RESERVED.has(name.toLowerCase())) {
    const message = `expected the name of a column, got the reserved word "${name}"`;
    cursor[where](message, `name it otherwise, such as ${name.toLowerCase()}_value`);
    return false;
  }
  return true;
}

/** Whether a key can name a measure; records why not. */
export function checkMeasureName(name: string, cursor: Cursor): boolean {
  if (MEASURE.test(name)) return true;
  const message = `expected the name of a measure, got "${clip(name)}"`;
  cursor.keyProblem(message, "use letters, digits, _ and -, beginning with a letter, 63 at most");
  return false;
}

/** Whether a key can name a collection; records why not. */
export function checkCollectionName(name: string, cursor: Cursor): boolean {
  if (COLUMN.test(name) && !RESERVED.has(name.toLowerCase())) return true;
  const message = `expected the name of a collection, got "${clip(name)}"`;
  cursor.keyProblem(message, "use letters, digits and _, beginning with a letter, no word of SQL");
  return false;
}

/** The name of a column of a collection: as in its source, which may be any header of a table. */
export function readHeader(cursor: Cursor): string | undefined {
  const header = readLine(cursor, "the name of a column", NAME_CHARACTERS_MAX);
  if (header === undefined) return undefined;
  if (/["'`[\]]/.test(header)) {
    const message = `expected the name of a column, got quotes or brackets in "${clip(header)}"`;
    return cursor.problem(message, "rename the column in its collection");
  }
  return header;
}

/** Whether a label of a band can stand in a result; records why not. */
export function checkLabel(label: string, cursor: Cursor): boolean {
  const fits = label !== "" && label.length <= NAME_CHARACTERS_MAX && label.trim() === label;
  if (fits && isPrintable(label)) return true;
  const message = `expected a label of 1 to ${NAME_CHARACTERS_MAX} printable characters`;
  cursor.keyProblem(`${message}, got "${clip(label)}"`, "shorten or correct it");
  return false;
}
