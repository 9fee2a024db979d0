/**
 * Runs maps that are commands of WASI preview 1: `_start` reads the rows as JSON from standard
 * input and writes the row as JSON to standard output; no output is no row. An exit with another
 * code than 0 is a failure. Every run has an instance of its own.
 *
 * @module
 */
import { encodeUtf8 } from "@sumus/bytes";
import { type CompiledMaps, keepCompiled } from "../compiled-maps.ts";
import { readRow, writeTables } from "../json-rows.ts";
import {
  type MapLimits,
  type MapMachine,
  type MapOutcome,
  MapStop,
  type MapTable,
  type RefusedMap,
} from "../map-run.ts";
import { refusalOf } from "../refusal.ts";
import { invalidModule } from "./binary-reader.ts";
import { checkExport, compileModule } from "./compile-module.ts";
import { MeteredInstance } from "./metered-instance.ts";
import { WASI_MODULE, WasiExit, WasiHost } from "./wasi-host.ts";
import { decodeOutput } from "./wasm-machine.ts";

const NO_LIMITS = { outputBytes: 0 } as MapLimits;
const OFFERED: ReadonlySet<string> = new Set(
  Object.keys(new WasiHost(new Uint8Array(0), NO_LIMITS).imports()),
);

export function createWasiMachine(): MapMachine {
  const compiled: CompiledMaps<WebAssembly.Module> = keepCompiled();
  return {
    run(source, tables, limits) {
      const compilation = compiled.get(source, limits, () => compile(source, limits));
      if (!compilation.ok) return compilation;
      try {
        return runModule(compilation.map, tables, limits);
      } catch (error) {
        return refusalOf(error);
      }
    },
  };
}

function compile(source: string, limits: MapLimits): WebAssembly.Module | RefusedMap {
  try {
    const module = compileModule(source, limits);
    for (const { kind, module: from, name } of WebAssembly.Module.imports(module)) {
      if (kind === "function" && from === WASI_MODULE && OFFERED.has(name)) continue;
      throw new MapStop(
        "mapForbidden",
        `the map asks for ${from}.${name}; maps in wasi get functions of ${WASI_MODULE}`,
      );
    }
    checkExport(module, "memory", "memory");
    checkExport(module, "_start", "function");
    return module;
  } catch (error) {
    return refusalOf(error);
  }
}

function runModule(
  module: WebAssembly.Module,
  tables: Readonly<Record<string, MapTable>>,
  limits: MapLimits,
): MapOutcome {
  const host = new WasiHost(encodeUtf8(writeTables(tables)), limits);
  const instance = new WebAssembly.Instance(module, { [WASI_MODULE]: host.imports() });
  const metered = new MeteredInstance(instance);
  host.attach(metered);
  metered.refill(limits.fuelSteps);
  metered.guard(() => {
    metered.start();
    runToExit(metered);
  });
  const text = decodeOutput(host.output).trim();
  return { ok: true, row: text === "" ? null : readRow(text), fuelSteps: metered.spentSteps };
}

function runToExit({ exports }: MeteredInstance): void {
  let given: unknown;
  try {
    given = (exports["_start"] as (...values: readonly number[]) => unknown)();
  } catch (error) {
    if (!(error instanceof WasiExit)) throw error;
    if (error.code === 0) return;
    // Not the code: it may say something about the rows.
    throw new MapStop("mapFailed", "the map failed on these rows: its exit code is not 0");
  }
  if (given !== undefined) throw invalidModule("one whose _start gives something back");
}
