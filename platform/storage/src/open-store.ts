import { lockFolder } from "./folder-lock.ts";
import { type Migration, migrate } from "./migrations.ts";
import { createPgliteDriver } from "./pglite-driver.ts";
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
