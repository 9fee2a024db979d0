/** Turns measurements into vectors of field elements [VDAF-20, Section 7.4], in the arena. */
import type { Address, Kernel } from "@sumus/kernels";
import type { Circuit } from "./circuit.ts";
import type { Measurement, ResolvedPrio3Config } from "./config.ts";
import { bitLength } from "./config.ts";
import { VdafError } from "./vdaf-error.ts";

/**
 * Writes the encoded `measurement` to `to`. `values` is room for as many f64 as the measurement has
 * numbers, and one more.
 *
 * @throws {VdafError} when the measurement is not one that `config` admits
 */
export function encodeMeasurement(
  kernel: Kernel,
  config: ResolvedPrio3Config,
  circuit: Circuit,
  measurement: Measurement,
  to: Address,
  values: Address,
): void {
  const { ops } = kernel;
  switch (config.kind) {
    case "count":
    case "sum":
      kernel.writeIntegers(values, [requireInteger(measurement, circuit.max)]);
      ops.encodeIntegers(to, values, 1, circuit.max, circuit.bits);
      return;
    case "histogram":
      ops.encodeOneHot(to, config.length, requireInteger(measurement, config.length - 1));
      return;
    case "sumVec":
    case "multihotCountVec":
    case "l1BoundSum": {
      const numbers = requireVector(measurement, config.length, circuit.max);
      kernel.writeIntegers(values, numbers);
      ops.encodeIntegers(to, values, config.length, circuit.max, circuit.bits);
      if (config.kind === "sumVec") return;
      const max = config.kind === "l1BoundSum" ? config.maxValue : config.maxWeight;
      kernel.writeIntegers(values, [requireSum(numbers, max)]);
      const tail = kernel.at(to, config.length * circuit.bits);
      ops.encodeIntegers(tail, values, 1, max, bitLength(max));
      return;
    }
  }
}

function requireInteger(measurement: Measurement, max: number): number {
  if (typeof measurement !== "number") throw measurementError("an integer", "a vector");
  if (!Number.isInteger(measurement) || measurement < 0 || measurement > max) {
    throw measurementError(`an integer from 0 to ${max}`, "another number");
  }
  return measurement;
}

function requireVector(measurement: Measurement, length: number, max: number): readonly number[] {
  if (typeof measurement === "number") throw measurementError("a vector", "a number");
  if (measurement.length !== length) {
    throw measurementError(`a vector of ${length} integers`, `${measurement.length}`);
  }
  for (const value of measurement) requireInteger(value, max);
  return measurement;
}

function requireSum(numbers: readonly number[], max: number): number {
  let sum = 0;
  for (const value of numbers) sum += value;
  if (sum > max) throw measurementError(`elements whose sum is at most ${max}`, "a larger sum");
  return sum;
}

/** Measurements are secret: the message tells what was expected and the type of what came. */
function measurementError(expected: string, got: string): VdafError {
  return new VdafError("vdafMeasurementError", `measurement: expected ${expected}, got ${got}`);
}
