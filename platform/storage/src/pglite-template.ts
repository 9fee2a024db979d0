/**
 * An empty database as an archive. `initdb` inside WebAssembly takes 2 to 11 seconds; unpacking
 * its result takes 0.3. It is made once and kept below `node_modules/.cache`; where that is not
 * writable every process makes its own.
 *
 * @module
 */
import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { PGlite } from "@electric-sql/pglite";

/** A release that changes the database's files changes this name. */
const TEMPLATE_NAME = "pglite-0.5.16-empty.tar";

let template: Promise<Blob> | undefined;

/** The archive, for `loadDataDir`. */
export function emptyDatabase(): Promise<Blob> {
  template ??= readOrMake();
  return template;
}

async function readOrMake(): Promise<Blob> {
  const path = cachePath();
  try {
    return new Blob([await readFile(path)]);
  } catch {
    // Not there or not readable, which comes to the same: make it.
  }
  const database = await PGlite.create();
  const archive = await database.dumpDataDir("none");
  await database.close();
  await keep(path, new Uint8Array(await archive.arrayBuffer()));
  return archive;
}

/** Renaming makes the file appear whole, also when several processes make it at the same time. */
async function keep(path: string, bytes: Uint8Array): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(draft, bytes);
    await rename(draft, path);
  } catch {
    // Why: the cache is a convenience; a read-only installation works without it.
    await rm(draft, { force: true });
  }
}

function cachePath(): string {
  const entry = fileURLToPath(import.meta.resolve("@electric-sql/pglite"));
  const modules = entry.slice(0, entry.lastIndexOf(`${sep}node_modules${sep}`));
  return join(modules, "node_modules", ".cache", "sumus", TEMPLATE_NAME);
}
