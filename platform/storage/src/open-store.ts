import type { Secret } from "@sumus/bytes";
import { lockFolder } from "./folder-lock.ts";
import { type Migration, migrate } from "./migrations.ts";
import { createPgliteDriver } from "./pglite-driver.ts";
import { createPostgresDriver, DEFAULT_LIMITS, type PostgresLimits } from "./postgres-driver.ts";
import { createStore, type Store } from "./store.ts";

/**
 * Opens the embedded database in `folder`, creating it when it does not exist, and brings its
 * schema up to date. The folder belongs to this process until the store is closed.
 *
 * @throws {FolderLockedError} when another process holds the folder
 * @throws {MigrationError} when the folder was written by another program or a newer one
 */
export async function openStore(folder: string, migrations: readonly Migration[]): Promise<Store> {
  const lock = await lockFolder(folder);
  try {
    const driver = await createPgliteDriver(folder);
    await migrate(driver, migrations);
    // Why: two openers that replace the same dead lock can both come this far; one turns back.
    await lock.verify();
    const store = createStore(driver);
    return {
      ...store,
      async close() {
        await store.close();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** A store that dies with this process, for tests and trials. */
export async function openMemoryStore(migrations: readonly Migration[]): Promise<Store> {
  const driver = await createPgliteDriver();
  await migrate(driver, migrations);
  return createStore(driver);
}

/**
 * Opens a database of a PostgreSQL server, version 15 or newer, and brings its schema up to date.
 * Other processes may do the same at the same time.
 *
 * @param url `postgres://user:password@host:5432/database`, TLS by `?sslmode=verify-full`; over a
 *   Unix socket `postgres://user@/database?host=/run/postgresql`
 * @throws {RangeError} when the URL is of another kind; it is not repeated, since it holds a password
 * @throws {ConnectionLostError} when the server cannot be reached or does not let us in
 * @throws {MigrationError} when the database was written by another program or a newer one
 */
export async function openPostgresStore(
  url: Secret<string>,
  migrations: readonly Migration[],
  limits: Partial<PostgresLimits> = {},
): Promise<Store> {
  if (!/^postgres(ql)?:\/\//.test(url.reveal())) {
    throw new RangeError("expected a URL that begins with postgres://, got another text");
  }
  const driver = createPostgresDriver(url, { ...DEFAULT_LIMITS, ...limits });
  try {
    await migrate(driver, migrations);
  } catch (error) {
    await driver.close();
    throw error;
  }
  return createStore(driver);
}
