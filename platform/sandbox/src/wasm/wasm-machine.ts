/**
 * Runs maps that are modules of WebAssembly without any import. Rows and row are JSON in the
 * module's memory:
 *
 *     memory                                  its memory, with a declared maximum
 *     allocate(length: i32) -> i32            room for the rows; called once, first
 *     map(address: i32, length: i32) -> i64   the row's address * 2^32 + its length; 0 for none
 *
 * Every run has an instance of its own.
 *
 * @module
 */
import { decodeUtf8, encodeUtf8 } from "@sumus/bytes";
import { type CompiledMaps, keepCompiled } from "../compiled-maps.ts";
import { invalidOutput, readRow, tooLong, writeTables } from "../json-rows.ts";
import {
  type MapLimits,
  type MapMachine,
  type MapOutcome,
  MapStop,
  type MapTable,
  type RefusedMap,
} from "../map-run.ts";
import { outOfMemory, refusalOf } from "../refusal.ts";
import { invalidModule } from "./binary-reader.ts";
import { checkExport, compileModule } from "./compile-module.ts";
import { MeteredInstance } from "./metered-instance.ts";

export function createWasmMachine(): MapMachine {
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
    const [first] = WebAssembly.Module.imports(module);
    if (first !== undefined) {
      const remedy = "maps in wasm import nothing; those in wasi read standard input";
      throw new MapStop(
        "mapForbidden",
        `the map asks for ${first.module}.${first.name}; ${remedy}`,
      );
    }
    checkExport(module, "memory", "memory");
    checkExport(module, "allocate", "function");
    checkExport(module, "map", "function");
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
  const input = encodeUtf8(writeTables(tables));
  const metered = new MeteredInstance(new WebAssembly.Instance(module));
  metered.refill(limits.fuelSteps);
  const memory = metered.exports["memory"] as WebAssembly.Memory;
  const packed = metered.guard(() => {
    metered.start();
    const address = Number(callExport(metered, "allocate", "number", [input.length])) >>> 0;
    if (address + input.length > memory.buffer.byteLength) throw outOfMemory(limits.memoryBytes);
    new Uint8Array(memory.buffer).set(input, address);
    return BigInt(callExport(metered, "map", "bigint", [address, input.length]));
  });
  const row = packed === 0n ? null : readRow(textAt(memory, packed, limits));
  return { ok: true, row, fuelSteps: metered.spentSteps };
}

function callExport(
  { exports }: MeteredInstance,
  name: string,
  result: "number" | "bigint",
  values: readonly number[],
): number | bigint {
  const signatures = "allocate(i32) -> i32 and map(i32, i32) -> i64";
  let given: unknown;
  try {
    given = (exports[name] as (...numbers: readonly number[]) => unknown)(...values);
  } catch (error) {
    // A number where a parameter is an i64; nothing else in a module throws it.
    if (!(error instanceof TypeError)) throw error;
    throw invalidModule(`one whose exports are not ${signatures}`);
  }
  if (typeof given !== result) throw invalidModule(`one whose exports are not ${signatures}`);
  return given as number | bigint;
}

function textAt(memory: WebAssembly.Memory, packed: bigint, { outputBytes }: MapLimits): string {
  const address = Number(BigInt.asUintN(32, packed >> 32n));
  const length = Number(BigInt.asUintN(32, packed));
  if (length > outputBytes) throw tooLong(outputBytes);
  if (address + length > memory.buffer.byteLength) {
    throw invalidOutput("expected a row within the module's memory, got another address");
  }
  return decodeOutput(new Uint8Array(memory.buffer, address, length));
}

/** @throws {MapStop} `outputInvalid` */
export function decodeOutput(bytes: Uint8Array): string {
  try {
    return decodeUtf8(bytes);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw invalidOutput(error.message);
  }
}
