/**
 * Named transactions over PostgreSQL: embedded in this process (PGlite) or, later, a server.
 *
 * @module
 */
export { FolderLockedError } from "./folder-lock.ts";
export { type Migration, MigrationError } from "./migrations.ts";
export { openMemoryStore, openStore } from "./open-store.ts";
export { SqlError, type SqlParameter, type Transaction } from "./sql.ts";
export { createStore, type Store, type TransactionMetrics } from "./store.ts";
