/**
 * Where maps run: on the rows they are given, in a machine without clock, randomness, files or
 * memory of earlier runs, within limits.
 *
 * @module
 */

export {
  type CellValue,
  type ColumnType,
  DEFAULT_LIMITS,
  FUEL_UNIT_STEPS,
  MAP_LANGUAGES,
  type MapColumn,
  type MapLanguage,
  type MapLimits,
  type MapOutcome,
  type MapRefusal,
  type MapRequest,
  type MapRow,
  type MapTable,
} from "./map-run.ts";
export { createMapPool, type MapPool, type MapPoolOptions } from "./pool/map-pool.ts";
export { createSandbox, type Sandbox, type SandboxOptions } from "./sandbox.ts";
export { ALLOWED_FUNCTIONS } from "./sql/authorizer.ts";
export { geohash } from "./sql/geohash.ts";
