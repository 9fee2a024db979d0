/**
 * An empty database as an archive. `initdb` inside WebAssembly takes 2 to 11 seconds; unpacking
 * its result takes 0.1, or 0.5 where PGlite does it. It is made once and kept below `node_modules/.cache`; where that is not
 * writable every process makes its own.
 *
 * @module
 */
import { randomUUID } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { PGlite } from "@electric-sql/pglite";

/** A release that changes the database's files changes this name. */
const TEMPLATE_NAME = "pglite-0.5.16-empty.tar";

/** A ustar archive: headers of a block, each before its file's bytes in whole blocks. */
const BLOCK_BYTES = 512;
const FOLDER_TYPE = "5";
/** Of the process that made the archive; another would take it for one that still runs. */
const PROCESS_FILE = "/postmaster.pid";

let template: Promise<Blob> | undefined;

/** The archive, for `loadDataDir`. */
export function emptyDatabase(): Promise<Blob> {
  template ??= readOrMake();
  return template;
}

/** Puts the files of an empty database into an empty folder. */
export async function unpackEmptyDatabase(folder: string): Promise<void> {
  const archive = Buffer.from(await (await emptyDatabase()).arrayBuffer());
  const text = (from: number, to: number): string =>
    archive.toString("latin1", from, to).replace(/\0.*$/s, "");
  for (let at = 0; archive[at] !== undefined && archive[at] !== 0; ) {
    // The long names that ustar splits in two do not occur in a data folder.
    const name = text(at, at + 100);
    const size = Number.parseInt(text(at + 124, at + 136), 8);
    const content = at + BLOCK_BYTES;
    if (text(at + 156, at + 157) === FOLDER_TYPE) {
      mkdirSync(join(folder, name), { recursive: true, mode: 0o700 });
    } else if (name !== PROCESS_FILE) {
      mkdirSync(dirname(join(folder, name)), { recursive: true, mode: 0o700 });
      writeFileSync(join(folder, name), archive.subarray(content, content + size), { mode: 0o600 });
    }
    at = content + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES;
  }
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
