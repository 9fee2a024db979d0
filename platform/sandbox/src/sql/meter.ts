/** Counts what one run spends and ends it at its limits. */
import { FUEL_UNIT_STEPS, type MapLimits, MapStop } from "../map-run.ts";
import { outOfFuel } from "../refusal.ts";

export class Meter {
  readonly #limits: MapLimits;
  readonly #nowMs: () => number;
  readonly #endMs: number;
  #spentSteps = 0;

  constructor(limits: MapLimits, nowMs: () => number) {
    this.#limits = limits;
    this.#nowMs = nowMs;
    this.#endMs = nowMs() + limits.durationMs;
  }

  get spentSteps(): number {
    return this.#spentSteps;
  }

  /** One more {@link FUEL_UNIT_STEPS} of the virtual machine. */
  tick(): void {
    this.charge(FUEL_UNIT_STEPS);
    if (this.#nowMs() > this.#endMs) {
      const allowed = `${this.#limits.durationMs.toLocaleString("en")} ms allowed`;
      throw new MapStop("outOfTime", `the map ran too long: ${allowed}`);
    }
  }

  /** Work inside of one step, in steps. */
  charge(steps: number): void {
    this.#spentSteps += steps;
    if (this.#spentSteps > this.#limits.fuelSteps) {
      throw outOfFuel(this.#limits.fuelSteps);
    }
  }
}
