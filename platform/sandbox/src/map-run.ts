/**
 * What goes into a run of a map and what comes out: rows in, at most one row out, or a reason in
 * words. These shapes are the same for every language that maps are written in.
 *
 * @module
 */

/**
 * What maps are written in. `none` is no code at all: the one row of the one table, as it is.
 */
export const MAP_LANGUAGES = ["sql", "javascript", "wasm", "wasi", "none"] as const;
export type MapLanguage = (typeof MAP_LANGUAGES)[number];

export type ColumnType = "INTEGER" | "REAL" | "TEXT";

/** INTEGER columns hold safe integers, REAL columns finite numbers, TEXT columns strings. */
export type CellValue = number | string | null;

export interface MapColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** Where this column stands in each row; its own place among the columns when left out. */
  readonly index?: number;
  /** What this column holds in every row, whatever the row says. */
  readonly constant?: CellValue;
}

/** A table as the map sees it. Rows may hold more cells than the columns named here. */
export interface MapTable {
  readonly columns: readonly MapColumn[];
  readonly rows: readonly (readonly CellValue[])[];
}

export interface MapLimits {
  /**
   * Steps of SQLite's virtual machine, or 256 instructions of WebAssembly each, which takes about as
   * long: the same map on the same rows always takes as many.
   */
  readonly fuelSteps: number;
  /** Memory of the whole machine, the person's rows included. */
  readonly memoryBytes: number;
  /** Text of all columns of the row together, in UTF-8; where the row is JSON, all of it. */
  readonly outputBytes: number;
  /**
   * The wall clock's veto, for work that SQLite's steps do not count. A map that it ends has no
   * reproducible outcome, so fuel should end it first. The other languages have no such work.
   */
  readonly durationMs: number;
}

/** Two million steps are a tenth of a second; honest maps take a few hundred. */
export const DEFAULT_LIMITS: MapLimits = {
  fuelSteps: 2_000_000,
  memoryBytes: 32 << 20,
  outputBytes: 64 << 10,
  durationMs: 1_000,
};

export interface MapRequest {
  readonly language: MapLanguage;
  /** Text in the language; a module of WebAssembly in base64; empty for `none`. */
  readonly source: string;
  readonly tables: Readonly<Record<string, MapTable>>;
  readonly limits?: Partial<MapLimits>;
}

/**
 * - `mapInvalid`: not one query, function or module that the language understands
 * - `mapForbidden`: asks for what no map may have (clock, chance, files, writing, other tables)
 * - `mapFailed`: went wrong on these rows
 * - `outOfFuel`, `outOfMemory`, `outOfTime`: a limit ended it
 * - `outputInvalid`: gave back something else than at most one row of numbers and short texts
 */
export type MapRefusal =
  | "mapInvalid"
  | "mapForbidden"
  | "mapFailed"
  | "outOfFuel"
  | "outOfMemory"
  | "outOfTime"
  | "outputInvalid";

export type MapRow = Readonly<Record<string, CellValue>>;

export type MapOutcome =
  | {
      readonly ok: true;
      /** Null when the map yields no row for this person. */
      readonly row: MapRow | null;
      /** Steps taken, rounded down; in SQL to whole {@link FUEL_UNIT_STEPS}. */
      readonly fuelSteps: number;
    }
  | {
      readonly ok: false;
      readonly reason: MapRefusal;
      /** For the person and the commissioner; may quote the map, and the rows it ran on. */
      readonly message: string;
    };

/** How often a run in SQL looks at its fuel and its clock. */
export const FUEL_UNIT_STEPS = 100;

/** Ends a run from within, wherever it stands. */
export class MapStop extends Error {
  override readonly name = "MapStop";
  readonly reason: MapRefusal;

  constructor(reason: MapRefusal, message: string) {
    super(message);
    this.reason = reason;
  }
}

export type RefusedMap = Extract<MapOutcome, { ok: false }>;

/** One language: what it makes of a map and a person's rows. Never throws for either. */
export interface MapMachine {
  run(source: string, tables: Readonly<Record<string, MapTable>>, limits: MapLimits): MapOutcome;
}
