/**
 * What a map may do: read the tables it was given, and call functions that give the same answer
 * everywhere and always. SQLite asks while it compiles the map; whatever is not listed is refused.
 *
 * @module
 */

/** Action codes of sqlite3_set_authorizer. */
const ACTION = {
  pragma: 19,
  read: 20,
  select: 21,
  attach: 24,
  function: 31,
  recursive: 33,
} as const;

const WRITES: Readonly<Record<number, string>> = {
  9: "to delete rows",
  18: "to insert rows",
  22: "to open a transaction",
  23: "to change rows",
  [ACTION.pragma]: "to change settings (PRAGMA)",
  [ACTION.attach]: "to open another database (ATTACH)",
  25: "to close a database (DETACH)",
  32: "to open a savepoint",
};

/** Writing to these is how SQLite makes tables. */
const SCHEMA_TABLES: ReadonlySet<string> = new Set(["sqlite_master", "sqlite_temp_master"]);

const AGGREGATES =
  "avg count group_concat json_group_array json_group_object max min stdev string_agg sum total variance";
const WINDOWS =
  "cume_dist dense_rank first_value lag last_value lead nth_value ntile percent_rank rank row_number";
const CONDITIONS = "coalesce ifnull iif likelihood likely nullif typeof unlikely";
const NUMBERS =
  "abs acos asin atan atan2 ceil cos degrees exp floor log10 pi power radians round sign sin sqrt square tan";
const TEXTS =
  "char concat concat_ws format glob hex instr length like lower ltrim octet_length printf quote replace rtrim substr substring trim unicode upper";
const TIMES = "date datetime julianday strftime time timediff unixepoch";
const JSON_FUNCTIONS =
  "-> ->> json json_array json_array_length json_error_position json_extract json_insert json_object json_quote json_remove json_replace json_set json_type json_valid";
const PLACES = "geohash h3";

/** Functions that a map may call, all deterministic. */
export const ALLOWED_FUNCTIONS: ReadonlySet<string> = new Set(
  [AGGREGATES, WINDOWS, CONDITIONS, NUMBERS, TEXTS, TIMES, JSON_FUNCTIONS, PLACES].flatMap(
    (names) => names.split(" "),
  ),
);

const TABLE_FUNCTIONS: ReadonlySet<string> = new Set(["json_each", "json_tree"]);

const CLOCKS: ReadonlySet<string> = new Set(["current_date", "current_time", "current_timestamp"]);
const CHANCE: ReadonlySet<string> = new Set(["random", "randomblob"]);

/**
 * @param tables names of the tables that the map was given
 * @returns null when allowed, else what the map wants and may not, to follow "the map asks"
 */
export function refuseAction(
  tables: ReadonlySet<string>,
  action: number,
  first: string | null,
  second: string | null,
): string | null {
  switch (action) {
    case ACTION.select:
    case ACTION.recursive:
      return null;
    case ACTION.read:
      return refuseTable(tables, first ?? "", second ?? "");
    case ACTION.function:
      return refuseFunction((second ?? "").toLowerCase());
    default:
      return (SCHEMA_TABLES.has(first ?? "") ? null : WRITES[action]) ?? "to change the tables";
  }
}

/** SQLite names a column, or none when only the rows of a table are counted. */
function refuseTable(tables: ReadonlySet<string>, name: string, column: string): string | null {
  if (tables.has(name) || TABLE_FUNCTIONS.has(name)) return null;
  // Without a column, the name may be the map's own (WITH name AS ...). Nothing else goes by it:
  // the database has the given tables, SQLite's own, and one for each pragma.
  if (column === "" && !/^(sqlite|pragma)_/i.test(name)) return null;
  return `to read ${name}, which is not among its tables (${[...tables].join(", ")})`;
}

function refuseFunction(name: string): string | null {
  if (ALLOWED_FUNCTIONS.has(name)) return null;
  if (CLOCKS.has(name)) return `for the time (${name}); maps have no clock`;
  if (CHANCE.has(name)) return `for chance (${name}); maps have no randomness`;
  return `for the function ${name}, which is not among those that maps may use`;
}
