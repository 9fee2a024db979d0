/**
 * Takes a module from its text to what can be run: decoded, found valid by the engine, held to the
 * bounds of maps, metered, compiled.
 */
import { decodeBase64 } from "@sumus/bytes";
import { type MapLimits, MapStop } from "../map-run.ts";
import { invalidModule } from "./binary-reader.ts";
import { type MeteredModule, meterModule } from "./meter-module.ts";

const PAGE_BYTES = 64 << 10;
const MODULE_BYTES_MAX = 256 << 10;
const TABLE_ELEMENTS_MAX = 10_000;

/** @throws {MapStop} `mapInvalid` */
export function compileModule(source: string, limits: MapLimits): WebAssembly.Module {
  const original = decodeModule(source);
  if (!WebAssembly.validate(original)) throw invalidModule("bytes that are none");
  const metered = meterModule(original);
  checkMemory(metered, limits);
  try {
    return new WebAssembly.Module(metered.bytes);
  } catch (error) {
    // The original is valid: it can only have exports of the same names as the meter's.
    if (!(error instanceof WebAssembly.CompileError)) throw error;
    throw invalidModule("one with names that begin with sumus:");
  }
}

function decodeModule(source: string): Uint8Array<ArrayBuffer> {
  if (source.length > Math.ceil(MODULE_BYTES_MAX / 3) * 4) {
    const allowed = MODULE_BYTES_MAX.toLocaleString("en");
    throw invalidModule(`more than ${allowed} bytes`);
  }
  try {
    return decodeBase64(source);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new MapStop("mapInvalid", `${error.message}, as the text of a module`);
  }
}

function checkMemory({ memories, tables }: MeteredModule, { memoryBytes }: MapLimits): void {
  const [memory, ...others] = memories;
  if (memory === undefined) throw invalidModule("one without a memory of its own");
  // Each would have bounds of its own, and a thousand tables take a gigabyte before any fuel is spent.
  if (others.length > 0) throw invalidModule("one with several memories");
  if (tables.length > 1) throw invalidModule("one with several tables");
  const pagesMax = Math.floor(memoryBytes / PAGE_BYTES);
  if (memory.maximum === null || memory.maximum > pagesMax) {
    const got = memory.maximum === null ? "none" : `${memory.maximum} pages`;
    const remedy = `link it with --max-memory=${pagesMax * PAGE_BYTES}`;
    const expected = `expected a memory that declares at most ${pagesMax} pages`;
    throw new MapStop("mapInvalid", `${expected}, got ${got}: ${remedy}`);
  }
  for (const { minimum } of tables) {
    if (minimum > TABLE_ELEMENTS_MAX) {
      throw invalidModule(
        `a table of more than ${TABLE_ELEMENTS_MAX.toLocaleString("en")} elements`,
      );
    }
  }
}

/** A module's own memory, if it exports it by the usual name. @throws {MapStop} `mapInvalid` */
export function checkExport(
  module: WebAssembly.Module,
  name: string,
  kind: WebAssembly.ImportExportKind,
): void {
  const found = WebAssembly.Module.exports(module).some((entry) => {
    return entry.name === name && entry.kind === kind;
  });
  if (!found) throw invalidModule(`one that does not export its ${kind} ${name}`);
}
