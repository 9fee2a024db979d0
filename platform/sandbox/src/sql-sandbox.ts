/**
 * Runs maps written in SQL. Nothing a map does can throw past {@link SqlSandbox.run}, outlive its
 * run, or reach anything but the rows it was given.
 *
 * Fuel, memory and the watched clock bound a run to about a second on this thread. A kill that
 * does not rely on SQLite looking at its watch needs a thread or process of its own around this.
 *
 * @module
 */
import { assert } from "@sumus/assert";
import { type CompiledMap, compileMap, type MapSchema } from "./compiled-map.ts";
import { insertRows } from "./insert-rows.ts";
import {
  DEFAULT_LIMITS,
  type MapLimits,
  type MapOutcome,
  type MapRequest,
  MapStop,
} from "./map-run.ts";
import { Meter } from "./meter.ts";
import { readRow } from "./output-row.ts";
import { createSqlMachine, type SqlMachine, stopFor } from "./sql-machine.ts";
import { SQLITE } from "./sqlite-exports.ts";
import { sqliteModule } from "./wasm-binary.ts";

/** Maps that stay compiled; an image is about a megabyte. */
const COMPILED_MAX = 16;
const MEMORY_BYTES_MIN = 2 << 20;
/** A machine that grew beyond this is thrown away, because wiping it would cost more. */
const KEPT_BYTES_MAX = 4 << 20;

export interface SqlSandboxOptions {
  /** Milliseconds of a clock that never goes back; the platform's when left out. */
  readonly nowMs?: () => number;
}

export interface SqlSandbox {
  /** Runs a map on the rows of one person, synchronously. */
  run(request: MapRequest): MapOutcome;
}

type Refused = Extract<MapOutcome, { ok: false }>;
type Compilation =
  | { readonly map: CompiledMap; readonly refused: null }
  | { readonly map: null; readonly refused: Refused };

/** Loads SQLite, once a process; the sandbox itself is then synchronous. */
export async function createSqlSandbox(options: SqlSandboxOptions = {}): Promise<SqlSandbox> {
  const module = await sqliteModule();
  return new CachingSqlSandbox(module, options.nowMs ?? (() => performance.now()));
}

class CachingSqlSandbox implements SqlSandbox {
  readonly #module: WebAssembly.Module;
  readonly #nowMs: () => number;
  /** In order of last use. */
  readonly #compiled = new Map<string, Compilation>();
  #machine: SqlMachine | null = null;

  constructor(module: WebAssembly.Module, nowMs: () => number) {
    this.#module = module;
    this.#nowMs = nowMs;
  }

  run(request: MapRequest): MapOutcome {
    const limits = { ...DEFAULT_LIMITS, ...request.limits };
    assert(limits.memoryBytes >= MEMORY_BYTES_MIN, "memory for an empty database");
    const machine = this.#machineWithin(limits.memoryBytes);
    const outcome = this.#guard(machine, () => {
      const { map, refused } = this.#compile(machine, request, limits);
      return refused ?? this.#runCompiled(machine, map, request, limits);
    });
    // A machine that only shrinks by being replaced is replaced when wiping it would cost more.
    if (machine.instance.bytes.length > KEPT_BYTES_MAX) this.#machine = null;
    return outcome;
  }

  #machineWithin(memoryBytes: number): SqlMachine {
    const kept = this.#machine;
    const machine =
      kept !== null && kept.instance.bytes.length <= memoryBytes
        ? kept
        : createSqlMachine(this.#module, memoryBytes);
    machine.watch.memoryBytesMax = memoryBytes;
    this.#machine = machine;
    return machine;
  }

  /** Turns whatever ends a run into its outcome, and leaves no row behind. */
  #guard(machine: SqlMachine, run: () => MapOutcome): MapOutcome {
    try {
      return run();
    } catch (error) {
      const refused = refusalOf(error);
      if (!(error instanceof MapStop)) this.#machine = null;
      return refused;
    } finally {
      machine.watch.meter = null;
      machine.instance.restoreImage(machine.empty);
    }
  }

  #compile(machine: SqlMachine, request: MapRequest, limits: MapLimits): Compilation {
    const schema = Object.entries(request.tables).map(([name, { columns }]) => ({ name, columns }));
    const key = JSON.stringify([request.source, schema, limits]);
    const known = this.#compiled.get(key);
    const compilation = known ?? this.#compileFresh(machine, request.source, schema, limits);
    this.#compiled.delete(key);
    // The wall clock may decide otherwise next time; all else would end the same.
    if (compilation.refused?.reason !== "outOfTime") this.#compiled.set(key, compilation);
    for (const oldest of this.#compiled.keys()) {
      if (this.#compiled.size <= COMPILED_MAX) break;
      this.#compiled.delete(oldest);
    }
    return compilation;
  }

  #compileFresh(
    machine: SqlMachine,
    source: string,
    schema: MapSchema,
    limits: MapLimits,
  ): Compilation {
    machine.watch.meter = new Meter(limits, this.#nowMs);
    try {
      return { map: compileMap(machine, source, schema), refused: null };
    } catch (error) {
      if (!(error instanceof MapStop)) this.#machine = null;
      return { map: null, refused: refusalOf(error) };
    }
  }

  #runCompiled(
    machine: SqlMachine,
    map: CompiledMap,
    request: MapRequest,
    limits: MapLimits,
  ): MapOutcome {
    const { instance, watch } = machine;
    instance.restoreImage(map.image);
    watch.meter = null;
    watch.tables = map.tables;
    watch.refused = null;
    insertRows(machine, map, request.tables);
    const meter = new Meter(limits, this.#nowMs);
    watch.meter = meter;
    const { statement } = map;
    const first = instance.sqlite.step(statement);
    if (first === SQLITE.done) return { ok: true, row: null, fuelSteps: meter.spentSteps };
    if (first !== SQLITE.row) throw stopFor(machine, first, "mapFailed");
    const row = readRow(machine, statement, limits.outputBytes);
    const second = instance.sqlite.step(statement);
    if (second === SQLITE.row) {
      throw new MapStop("outputInvalid", "expected at most one row, got several; aggregate them");
    }
    if (second !== SQLITE.done) throw stopFor(machine, second, "mapFailed");
    return { ok: true, row, fuelSteps: meter.spentSteps };
  }
}

/** What ended a run, in words. @throws whatever the map cannot be blamed for */
function refusalOf(error: unknown): Refused {
  if (error instanceof MapStop) {
    return { ok: false, reason: error.reason, message: error.message };
  }
  if (error instanceof RangeError) {
    const message = "the map nests too deeply, or is too long a chain of operators";
    return { ok: false, reason: "outOfMemory", message };
  }
  if (error instanceof WebAssembly.RuntimeError) {
    const message = "the map broke the machine that it ran in, and was ended";
    return { ok: false, reason: "mapFailed", message };
  }
  throw error;
}
