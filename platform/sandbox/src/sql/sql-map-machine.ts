/**
 * Runs maps written in SQL. Nothing a map does can throw past `run`, outlive its run, or reach
 * anything but the rows it was given.
 *
 * Fuel, memory and the watched clock bound a run to about a second on this thread. A kill that
 * does not rely on SQLite looking at its watch needs a thread or process of its own around this.
 *
 * @module
 */
import { assert } from "@sumus/assert";
import {
  type MapLimits,
  type MapMachine,
  type MapOutcome,
  MapStop,
  type MapTable,
  type RefusedMap,
} from "../map-run.ts";
import { refusalOf } from "../refusal.ts";
import { type CompiledMap, compileMap, type MapSchema } from "./compiled-map.ts";
import { insertRows } from "./insert-rows.ts";
import { Meter } from "./meter.ts";
import { readRow } from "./output-row.ts";
import { createSqlMachine, type SqlMachine, stopFor } from "./sql-machine.ts";
import { SQLITE } from "./sqlite-exports.ts";
import { sqliteModule } from "./sqlite-module.ts";

/** Maps that stay compiled; an image is about a megabyte. */
const COMPILED_MAX = 16;
const MEMORY_BYTES_MIN = 2 << 20;
/** A machine that grew beyond this is thrown away, because wiping it would cost more. */
const KEPT_BYTES_MAX = 4 << 20;

type Tables = Readonly<Record<string, MapTable>>;
type Compilation =
  | { readonly map: CompiledMap; readonly refused: null }
  | { readonly map: null; readonly refused: RefusedMap };

/**
 * Loads SQLite, once a process.
 *
 * @param nowMs milliseconds of a clock that never goes back
 */
export async function createSqlMapMachine(nowMs: () => number): Promise<MapMachine> {
  return new SqlMapMachine(await sqliteModule(), nowMs);
}

class SqlMapMachine implements MapMachine {
  readonly #module: WebAssembly.Module;
  readonly #nowMs: () => number;
  /** In order of last use. */
  readonly #compiled = new Map<string, Compilation>();
  #machine: SqlMachine | null = null;

  constructor(module: WebAssembly.Module, nowMs: () => number) {
    this.#module = module;
    this.#nowMs = nowMs;
  }

  run(source: string, tables: Tables, limits: MapLimits): MapOutcome {
    assert(limits.memoryBytes >= MEMORY_BYTES_MIN, "memory for an empty database");
    const machine = this.#machineWithin(limits.memoryBytes);
    const outcome = this.#guard(machine, () => {
      const { map, refused } = this.#compile(machine, source, tables, limits);
      return refused ?? this.#runCompiled(machine, map, tables, limits);
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

  #compile(machine: SqlMachine, source: string, tables: Tables, limits: MapLimits): Compilation {
    const schema = Object.entries(tables).map(([name, { columns }]) => ({ name, columns }));
    const key = JSON.stringify([source, schema, limits]);
    const known = this.#compiled.get(key);
    const compilation = known ?? this.#compileFresh(machine, source, schema, limits);
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
    tables: Tables,
    limits: MapLimits,
  ): MapOutcome {
    const { instance, watch } = machine;
    instance.restoreImage(map.image);
    watch.meter = null;
    watch.tables = map.tables;
    watch.refused = null;
    insertRows(machine, map, tables);
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
