/** An instance of a metered module: gives it fuel, and says what became of a run. */
import { assert } from "@sumus/assert";
import { MapStop } from "../map-run.ts";
import { NESTS_TOO_DEEPLY, outOfFuel } from "../refusal.ts";
import { METER_EXPORTS } from "./meter-module.ts";

/** Instructions of a step of fuel: no longer than a step of SQLite takes, at most 0.25 µs. */
const INSTRUCTIONS_PER_STEP = 256;
/**
 * Slots of 8 bytes that all frames may take: 256 KiB, where engines give a thread 500 KiB or more.
 * It is reached before the engine's own end, so that the depth of calls has the same bound in all.
 */
const STACK_SLOTS = 32_768;

export class MeteredInstance {
  readonly exports: WebAssembly.Exports;
  readonly #fuel: WebAssembly.Global<"i64">;
  readonly #stack: WebAssembly.Global<"i32">;
  #steps = 0;

  constructor(instance: WebAssembly.Instance) {
    this.exports = instance.exports;
    const fuel = this.exports[METER_EXPORTS.fuel];
    const stack = this.exports[METER_EXPORTS.stack];
    assert(fuel instanceof WebAssembly.Global, "a metered module exports its fuel");
    assert(stack instanceof WebAssembly.Global, "a metered module exports its stack");
    this.#fuel = fuel as WebAssembly.Global<"i64">;
    this.#stack = stack as WebAssembly.Global<"i32">;
  }

  /** Before a run. */
  refill(steps: number): void {
    this.#steps = steps;
    this.#fuel.value = BigInt(steps) * BigInt(INSTRUCTIONS_PER_STEP);
    this.#stack.value = STACK_SLOTS;
  }

  get spentSteps(): number {
    const left = Math.ceil(Number(this.#fuel.value) / INSTRUCTIONS_PER_STEP);
    return this.#steps - left;
  }

  /** Runs what the module wanted to run by itself when it was instantiated. */
  start(): void {
    const start = this.exports[METER_EXPORTS.start];
    if (typeof start === "function") start();
  }

  /** For work that the host does on the module's behalf. */
  charge(instructions: number): void {
    this.#fuel.value -= BigInt(instructions);
    if (this.#fuel.value < 0n) throw outOfFuel(this.#steps);
  }

  /** @throws {MapStop} when the module ends otherwise than by returning in time */
  guard<T>(run: () => T): T {
    try {
      const result = run();
      // Segments without a loop pay without looking.
      if (this.#fuel.value < 0n) throw outOfFuel(this.#steps);
      return result;
    } catch (error) {
      throw this.#stopFor(error);
    }
  }

  #stopFor(error: unknown): unknown {
    if (error instanceof MapStop) return error;
    const trapped = error instanceof WebAssembly.RuntimeError;
    if (trapped && this.#fuel.value < 0n) return outOfFuel(this.#steps);
    // The engine's own end of the stack, should it ever come first, is a RangeError.
    if ((trapped && this.#stack.value < 0) || error instanceof RangeError) {
      return new MapStop("outOfMemory", NESTS_TOO_DEEPLY);
    }
    return error;
  }
}
