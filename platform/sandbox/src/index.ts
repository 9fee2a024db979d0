/**
 * Where maps run: on the rows they are given, in a machine without clock, randomness, files or
 * memory of earlier runs, within limits.
 *
 * @module
 */
export { ALLOWED_FUNCTIONS } from "./authorizer.ts";
export { geohash } from "./geohash.ts";
export {
  type CellValue,
  type ColumnType,
  DEFAULT_LIMITS,
  FUEL_UNIT_STEPS,
  type MapColumn,
  type MapLimits,
  type MapOutcome,
  type MapRefusal,
  type MapRequest,
  type MapRow,
  type MapTable,
} from "./map-run.ts";
export { createSqlSandbox, type SqlSandbox, type SqlSandboxOptions } from "./sql-sandbox.ts";
