/**
 * Named transactions over PostgreSQL: embedded in this process (PGlite), or a server.
 *
 * @module
 */
export { FolderLockedError } from "./folder-lock.ts";
export { type Migration, MigrationError } from "./migrations.ts";
export { openMemoryStore, openPostgresStore, openStore } from "./open-store.ts";
export type { PostgresLimits } from "./postgres-driver.ts";
export {
  createSealer,
  SealError,
  type SealedPlace,
  type Sealer,
  STORE_KEY_BYTES,
  type StoreKeys,
} from "./sealing.ts";
export {
  CommitUnknownError,
  ConnectionLostError,
  SqlError,
  type SqlParameter,
  StoreFullError,
  type Transaction,
} from "./sql.ts";
export { createStore, type Store, type TransactionMetrics } from "./store.ts";
