import { createHash } from "node:crypto";
import type { SqlDriver, Transaction } from "./sql.ts";

/** The advisory lock of this schema's migrations: "sumus" in ASCII. */
const MIGRATION_LOCK = 0x73756d7573;

/** One step of the schema. Once released, neither its name nor its statements ever change. */
export interface Migration {
  readonly name: string;
  readonly statements: readonly string[];
}

/** The folder or database holds a schema that this program did not write. */
export class MigrationError extends Error {
  override readonly name = "MigrationError";
  readonly code = "migrationMismatch";
}

/**
 * Brings the schema up to date: runs, in order and in one transaction each, the migrations that
 * the database has not recorded yet.
 *
 * @throws {MigrationError} when what is recorded is not a beginning of `migrations`
 */
export async function migrate(driver: SqlDriver, migrations: readonly Migration[]): Promise<void> {
  await inTurn(driver, (transaction) =>
    transaction.query(`
      CREATE TABLE IF NOT EXISTS schema_migrations (
        position integer PRIMARY KEY,
        name text NOT NULL,
        sha256 text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now()
      )`),
  );
  for (const [position, migration] of migrations.entries()) {
    await inTurn(driver, (transaction) => apply(transaction, position, migration));
  }
  await inTurn(driver, (transaction) => refuseNewer(transaction, migrations.length));
}

/**
 * Replicas that start together take turns. READ COMMITTED, because a snapshot from before the wait
 * would not show what the replica before us wrote.
 */
async function inTurn<T>(
  driver: SqlDriver,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  return await driver.transaction(async (transaction) => {
    await transaction.query("SET TRANSACTION ISOLATION LEVEL READ COMMITTED");
    await transaction.query("SELECT pg_advisory_xact_lock($1)", [MIGRATION_LOCK]);
    return await work(transaction);
  });
}

async function apply(
  transaction: Transaction,
  position: number,
  migration: Migration,
): Promise<void> {
  const digest = createHash("sha256").update(migration.statements.join(";\n")).digest("hex");
  const [recorded] = await transaction.query<{ name: string; sha256: string }>(
    "SELECT name, sha256 FROM schema_migrations WHERE position = $1",
    [position],
  );
  if (recorded !== undefined) {
    if (recorded.name === migration.name && recorded.sha256 === digest) return;
    throw new MigrationError(
      `expected migration ${position} to be "${migration.name}" as this program has it, ` +
        `got "${recorded.name}" recorded in the store; open it with the program that wrote it`,
    );
  }
  for (const statement of migration.statements) await transaction.query(statement);
  await transaction.query(
    "INSERT INTO schema_migrations (position, name, sha256) VALUES ($1, $2, $3)",
    [position, migration.name, digest],
  );
}

async function refuseNewer(transaction: Transaction, known: number): Promise<void> {
  const [newer] = await transaction.query<{ name: string }>(
    "SELECT name FROM schema_migrations WHERE position >= $1 ORDER BY position LIMIT 1",
    [known],
  );
  if (newer !== undefined) {
    throw new MigrationError(
      `expected a store of this program's version, got one with migration "${newer.name}"; ` +
        "use the newer program that wrote it",
    );
  }
}
