/**
 * Runs maps written in JavaScript: one expression whose value is a function from tables to a row.
 *
 *     ({ person: [one] }) => ({ age: one.age, sex: one.sex })
 *
 * A map is compiled once, and kept as the image of a machine that is about to call it. Every run
 * starts from those bytes: nothing is compiled twice, nothing of one run reaches the next.
 *
 * @module
 */
import { assert } from "@sumus/assert";
import { type CompiledMaps, keepCompiled } from "../compiled-maps.ts";
import { readRow, tooLong, writeTables } from "../json-rows.ts";
import {
  type MapLimits,
  type MapMachine,
  type MapOutcome,
  MapStop,
  type MapTable,
  type RefusedMap,
} from "../map-run.ts";
import type { MemoryImage } from "../memory-image.ts";
import { outOfMemory, refusalOf } from "../refusal.ts";
import { HARNESS } from "./harness.ts";
import { nameError, nameFailure } from "./javascript-errors.ts";
import { QuickJsInstance } from "./quickjs-instance.ts";
import { quickJsModule } from "./quickjs-module.ts";
import { type Address, INTRINSICS } from "./quickjs-names.ts";

const SOURCE_BYTES_MAX = 128 << 10;
/** Static data and stack. */
const FIXED_BYTES = 6 << 20;
const MEMORY_BYTES_MIN = 8 << 20;
/** A machine that grew beyond this is thrown away, because wiping it would cost more. */
const KEPT_BYTES_MAX = 12 << 20;
/** Of the module's own stack: JavaScript meets an error of its own before the meter's end. */
const SCRIPT_STACK_BYTES = 64 << 10;
/** Of a map before it sees a row. */
const COMPILATION_STEPS = 2_000_000;
const STRICT = 1 << 3;
const MESSAGE_BYTES_MAX = 4096;

interface CompiledScript {
  readonly image: MemoryImage;
  /** Values in the image: the map, and what calls it with a text. */
  readonly map: Address;
  readonly harness: Address;
}

/** A machine before any map. */
interface Blank {
  readonly image: MemoryImage;
  readonly context: Address;
  readonly harness: Address;
}

export async function createJavaScriptMachine(): Promise<MapMachine> {
  return new JavaScriptMachine(await quickJsModule());
}

class JavaScriptMachine implements MapMachine {
  readonly #module: WebAssembly.Module;
  readonly #compiled: CompiledMaps<CompiledScript> = keepCompiled();
  #blank: Blank | null = null;
  #instance: QuickJsInstance | null = null;

  constructor(module: WebAssembly.Module) {
    this.#module = module;
  }

  run(source: string, tables: Readonly<Record<string, MapTable>>, limits: MapLimits): MapOutcome {
    assert(limits.memoryBytes >= MEMORY_BYTES_MIN, "memory for an empty machine");
    const compilation = this.#compiled.get(source, limits, () => this.#compile(source, limits));
    if (!compilation.ok) return compilation;
    const instance = this.#instanceWithin(limits.memoryBytes);
    try {
      return this.#call(instance, compilation.map, writeTables(tables), limits);
    } catch (error) {
      return refusalOf(error);
    } finally {
      this.#leave(instance);
    }
  }

  #compile(source: string, limits: MapLimits): CompiledScript | RefusedMap {
    const instance = this.#instanceWithin(limits.memoryBytes);
    const blank = this.#blankOf(instance);
    instance.restoreImage(blank.image);
    try {
      const { address, length } = instance.allocateText(checkSource(source));
      instance.metered.refill(COMPILATION_STEPS);
      return instance.metered.guard(() => {
        const map = evaluate(instance, blank.context, address, length);
        const failed = errorOf(instance, blank.context, map);
        if (failed !== null) throw nameError(failed, limits);
        const type = textOf(instance, instance.quickJs.typeOf(blank.context, map));
        if (type === "function") return { image: imageOf(instance), map, harness: blank.harness };
        const example = "such as ({ person }) => ({ people: person.length })";
        const message = `expected a function from tables to a row, ${example}, got ${type}`;
        throw new MapStop("mapInvalid", message);
      });
    } catch (error) {
      return refusalOf(error);
    } finally {
      this.#leave(instance);
    }
  }

  #call(
    instance: QuickJsInstance,
    compiled: CompiledScript,
    rows: string,
    limits: MapLimits,
  ): MapOutcome {
    const { metered, quickJs } = instance;
    const context = this.#blankOf(instance).context;
    instance.restoreImage(compiled.image);
    const { address } = instance.allocateText(rows);
    const values = instance.allocate(8);
    metered.refill(limits.fuelSteps);
    const text = metered.guard(() => {
      instance.setWords(values, [compiled.map, quickJs.newString(context, address)]);
      const nobody = quickJs.getUndefined();
      const result = quickJs.call(context, compiled.harness, nobody, 2, values);
      const failed = errorOf(instance, context, result);
      if (failed !== null) throw nameFailure(failed, limits);
      const start = quickJs.getString(context, result) >>> 0;
      if (start === 0) throw outOfMemory(limits.memoryBytes);
      return instance.terminatedText(start, limits.outputBytes);
    });
    if (text === null) throw tooLong(limits.outputBytes);
    return { ok: true, row: readRow(text), fuelSteps: metered.spentSteps };
  }

  #instanceWithin(memoryBytes: number): QuickJsInstance {
    const kept = this.#instance;
    const instance =
      kept !== null && kept.bytes.length <= memoryBytes
        ? kept
        : new QuickJsInstance(this.#module, memoryBytes);
    instance.memoryBytesMax = memoryBytes;
    this.#instance = instance;
    return instance;
  }

  /** Started once; every later instance begins with the same image. */
  #blankOf(instance: QuickJsInstance): Blank {
    this.#blank ??= startBlank(instance);
    instance.booted();
    return this.#blank;
  }

  /** Leaves no row behind. */
  #leave(instance: QuickJsInstance): void {
    if (instance.bytes.length > KEPT_BYTES_MAX) this.#instance = null;
    else instance.bytes.fill(0);
  }
}

function startBlank(instance: QuickJsInstance): Blank {
  const { quickJs } = instance;
  quickJs.construct();
  const runtime = quickJs.newRuntime();
  quickJs.setMaxStackSize(runtime, SCRIPT_STACK_BYTES);
  const intrinsics = Object.values(INTRINSICS).reduce((sum, bit) => sum | bit, 0);
  const context = quickJs.newContext(runtime, intrinsics);
  const { address, length } = instance.allocateText(HARNESS);
  const harness = evaluate(instance, context, address, length);
  assert(errorOf(instance, context, harness) === null, "the harness stands");
  return { image: instance.saveImage(), context, harness };
}

function evaluate(
  instance: QuickJsInstance,
  context: Address,
  source: Address,
  length: number,
): Address {
  const name = instance.allocateText("map").address;
  return instance.quickJs.evaluate(context, source, length, name, 0, STRICT);
}

/** What an error says of itself, when a value is one; empty when it cannot even say that. */
function errorOf(instance: QuickJsInstance, context: Address, value: Address): string | null {
  const { quickJs } = instance;
  const error = quickJs.resolveException(context, value);
  if (error === 0) return null;
  return textOf(instance, quickJs.getString(context, error));
}

function textOf(instance: QuickJsInstance, address: number): string {
  const start = address >>> 0;
  return start === 0 ? "" : (instance.terminatedText(start, MESSAGE_BYTES_MAX) ?? "");
}

/** A map that is about to run. */
function imageOf(instance: QuickJsInstance): MemoryImage {
  if (instance.bytes.length <= KEPT_BYTES_MAX) return instance.saveImage();
  const allowed = `${(KEPT_BYTES_MAX - FIXED_BYTES) >> 20} MiB allowed`;
  const message = `the map needs too much memory before it sees a row: ${allowed}`;
  throw new MapStop("outOfMemory", message);
}

function checkSource(source: string): string {
  if (source.includes("\0")) {
    throw new MapStop("mapInvalid", "expected a map as text, got a zero character");
  }
  if (source.length > SOURCE_BYTES_MAX) {
    const allowed = SOURCE_BYTES_MAX.toLocaleString("en");
    const message = `expected a map of at most ${allowed} characters, got ${source.length}`;
    throw new MapStop("mapInvalid", message);
  }
  return source;
}
