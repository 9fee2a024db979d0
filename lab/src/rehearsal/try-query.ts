/**
 * Tries a query on tables without rows, as a vault compiles it, and says what of it cannot be: a
 * query that is none, tables and columns that nobody has, and columns that the result needs and the
 * query does not yield.
 */

import type { MapColumn, MapOutcome, Sandbox } from "@sumus/sandbox";
import type { Study } from "@sumus/study";
import { columnsOf } from "./guess-values.ts";

/** What is wrong with a map, before anybody is asked. */
export interface MapFault {
  readonly message: string;
  readonly remedy: string;
  /** The word in the map that it is about, null when it is about the whole. */
  readonly word: string | null;
}

/**
 * A query may join on the columns that say whose row it is, which needs do not name. By collection:
 * those that the query asks for.
 */
export type PersonColumns = ReadonlyMap<string, readonly string[]>;

export type QueryTrial =
  | { readonly ok: true; readonly personColumns: PersonColumns }
  | { readonly ok: false; readonly fault: MapFault };

const PREFIX = /^the map is not a query on its tables: /;
const NO_COLUMN = [
  /^no such column: (?:.*\.)?(.+)$/,
  /^cannot join using column (.+) - column not present in both tables$/,
];

/** Compiles a query over the tables of the needs and further columns of persons. */
type Compile = (query: string, further: PersonColumns) => MapOutcome;

/**
 * The study's map is a query in SQL.
 *
 * @param known columns that say whose row it is, as far as they are known
 */
export function tryQuery(
  study: Study,
  source: string,
  known: PersonColumns,
  sandbox: Sandbox,
): QueryTrial {
  const compile = compilerOf(study, known, sandbox);
  const found = findPersonColumns(study, source, compile);
  return found.ok ? (resultFault(study, source, found.personColumns, compile) ?? found) : found;
}

function compilerOf({ needs }: Study, known: PersonColumns, sandbox: Sandbox): Compile {
  return (query, further) => {
    const tables = needs.map(({ collection, columns }) => {
      const whose = [...(known.get(collection) ?? []), ...(further.get(collection) ?? [])];
      const all = new Set([...columns, ...whose]);
      const named = Array.from(all, (name): MapColumn => ({ name, type: "TEXT" }));
      return [collection, { columns: named, rows: [] }] as const;
    });
    return sandbox.run({ language: "sql", source: query, tables: Object.fromEntries(tables) });
  };
}

function findPersonColumns(study: Study, source: string, compile: Compile): QueryTrial {
  const first = compile(source, new Map());
  if (first.ok) return { ok: true, personColumns: new Map() };
  const names = study.needs.map(({ collection }) => collection);
  const assumed: string[] = [];
  const everywhere = (): PersonColumns => new Map(names.map((name) => [name, assumed]));
  for (let outcome: MapOutcome = first; !outcome.ok; outcome = compile(source, everywhere())) {
    const column = missingColumn(outcome.message);
    if (column === null || assumed.includes(column) || assumed.length === names.length) {
      return { ok: false, fault: faultOf(study, first) };
    }
    assumed.push(column);
  }
  const without = (name: string, column: string): MapOutcome => {
    const others = assumed.filter((other) => other !== column);
    return compile(source, new Map(everywhere()).set(name, others));
  };
  const needed = new Map(
    names.map((name) => [name, assumed.filter((column) => !without(name, column).ok)]),
  );
  const slip = slipAmong(needed, assumed);
  if (slip === null) return { ok: true, personColumns: needed };
  const [at = ""] = names.filter((name) => needed.get(name)?.includes(slip));
  const said = without(at, slip);
  return { ok: false, fault: faultOf(study, said.ok ? first : said) };
}

/**
 * Of columns that needs do not name, one that cannot say whose row it is: that joins tables, and so
 * is asked for in two, or two of them are in one each.
 */
function slipAmong(needed: PersonColumns, assumed: readonly string[]): string | null {
  const tables = (column: string): number =>
    [...needed.values()].filter((columns) => columns.includes(column)).length;
  const alone = assumed.filter((column) => tables(column) < 2);
  const places = [...needed.values()].filter((columns) =>
    columns.some((column) => alone.includes(column)),
  );
  const isPair = alone.length === assumed.length && places.length > 1;
  return isPair ? null : (alone[0] ?? null);
}

/** Null when the query yields all columns of the result, or when that cannot be seen in this way. */
function resultFault(
  study: Study,
  source: string,
  personColumns: PersonColumns,
  compile: Compile,
): QueryTrial | null {
  const inner = source.replace(/;\s*$/, "");
  for (const column of columnsOf(study)) {
    // In brackets, for SQLite takes an unknown name in double quotes for a text.
    if (column.includes("]")) continue;
    const outer = `SELECT count([${column}]) AS n FROM (\n${inner}\n)`;
    const outcome = compile(outer, personColumns);
    if (outcome.ok || missingColumn(outcome.message) !== column) continue;
    const message = `the map yields no column ${column}, which the result is made of`;
    const remedy = `Add "… AS ${column}" to what the query selects.`;
    return { ok: false, fault: { message, remedy, word: null } };
  }
  return null;
}

function missingColumn(message: string): string | null {
  const said = message.replace(PREFIX, "");
  for (const pattern of NO_COLUMN) {
    const column = pattern.exec(said)?.[1];
    if (column !== undefined) return column;
  }
  return null;
}

function faultOf({ needs }: Study, { message }: { readonly message: string }): MapFault {
  const columns = needs.map((need) => `${need.collection}: ${need.columns.join(", ")}`).join("; ");
  const column = missingColumn(message);
  if (column !== null) {
    const remedy = `Name it in needs, or correct the query; needs has ${columns}.`;
    return { message, remedy, word: column };
  }
  const table = /(?:no such table: |asks to read )([^,\s]+)/.exec(message)?.[1];
  if (table !== undefined) {
    return { message, remedy: `Its tables are those of needs: ${columns}.`, word: table };
  }
  const word =
    /near "([^"]+)"/.exec(message)?.[1] ??
    /(?:function:? |column name: )([^,\s()]+)/.exec(message)?.[1] ??
    null;
  return { message, remedy: "Correct the query.", word };
}
