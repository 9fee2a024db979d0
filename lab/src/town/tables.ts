/**
 * Tables as people bring them: CSV, gzipped or not, typed as a whole and then divided by person.
 * Whatever is wrong with a file is said with its name and line.
 */

import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import { type Collection, importCsv, splitByPerson, type Table } from "@sumus/vault";
import { LabError } from "../lab-error.ts";

/** A table as a file: what the study calls it, where it lies, whose a row is. */
export interface TableFile {
  readonly name: string;
  readonly file: string;
  readonly personColumn: string;
}

/** A table in memory, divided by person. */
export interface TownTable {
  readonly name: string;
  readonly personColumn: string;
  readonly columns: Table["columns"];
  readonly collections: ReadonlyMap<string, Collection>;
}

/** What an empty table of each name looks like: for people who have none. */
export function schemasOf(
  tables: readonly TownTable[],
): ReadonlyMap<string, Pick<Collection, "columns" | "personColumn">> {
  return new Map(
    tables.map(({ name, columns, personColumn }) => [name, { columns, personColumn }]),
  );
}

/** Unpacked bytes of one file: room for everything on one machine, and no zip bomb. */
const BYTES_MAX = 1 << 30;
/** Broken rows that are told of one by one. */
const PROBLEMS_SHOWN = 5;

const GZIP_MAGIC = [0x1f, 0x8b];

function badFile(file: string, message: string, remedy: string, cause?: unknown): LabError {
  return new LabError("badInput", `${file}: ${message}`, remedy, { cause });
}

async function readBytes(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "ENOENT") throw badFile(file, "there is no such file", "Check the path.", cause);
    if (code === "EISDIR") throw badFile(file, "this is a folder", "Name a CSV file in it.", cause);
    throw badFile(
      file,
      `cannot be read (${String(code ?? cause)})`,
      "Check its permissions.",
      cause,
    );
  }
}

async function readText(file: string): Promise<string> {
  const bytes = await readBytes(file);
  let plain = bytes;
  if (GZIP_MAGIC.every((byte, index) => bytes[index] === byte)) {
    try {
      plain = await promisify(gunzip)(bytes, { maxOutputLength: BYTES_MAX });
    } catch (cause) {
      const remedy = "Is the file complete, and below 1 GB when unpacked?";
      throw badFile(file, "the gzip data cannot be unpacked", remedy, cause);
    }
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(plain);
  } catch (cause) {
    throw badFile(file, "this is not UTF-8 text", "Save the table as CSV in UTF-8.", cause);
  }
}

/**
 * Reads one table, whole. Throws a LabError `badInput` that names file and line when a row is broken:
 * a study over half a table would give a wrong number without anybody noticing.
 */
export async function readRows(
  file: string,
  options: { readonly personColumn?: string },
): Promise<Table> {
  const imported = importCsv(await readText(file), options);
  if (!imported.ok) {
    throw badFile(`${file}:${imported.line}`, imported.reason, "Correct the first line.");
  }
  const { table, problems, problemCount } = imported;
  if (problemCount > 0) {
    const shown = problems.slice(0, PROBLEMS_SHOWN);
    const lines = shown.map(({ line, reason }) => `${file}:${line}: ${reason}`).join("\n");
    const more = problemCount > shown.length ? `\nand ${problemCount - shown.length} more` : "";
    throw new LabError("badInput", `${lines}${more}`, "Correct or remove these rows.");
  }
  if (table.rows.length === 0) {
    throw badFile(file, "the table has no rows", "It needs at least one person's.");
  }
  return table;
}

/**
 * Reads one table and divides it by person.
 *
 * @param importer what a vault does with the table at import, on its owner's device
 * @throws {LabError} as {@link readRows}
 */
export async function readTable(
  { name, file, personColumn }: TableFile,
  importer: (table: Table) => Table = (table) => table,
): Promise<TownTable> {
  const whole = importer(await readRows(file, { personColumn }));
  const collections = splitByPerson(name, whole, personColumn);
  return { name, personColumn, columns: whole.columns, collections };
}
