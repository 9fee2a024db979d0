/** What a person writes for a measurement, as what a task's VDAF takes. */

import { isPoplar1, type TaskMeasurement, type TaskVdaf } from "@sumus/dap";
import { packBits, type ResolvedPrio3Config } from "@sumus/vdaf";

/** A measurement, or why the task does not take it. */
export type MeasurementReading =
  | { readonly ok: true; readonly measurement: TaskMeasurement }
  | { readonly ok: false; readonly expected: string };

/**
 * Reads a number, numbers with commas between them or as a list, or for Poplar1 a text of zeros and
 * ones.
 */
export function readMeasurement(vdaf: TaskVdaf, value: unknown): MeasurementReading {
  if (isPoplar1(vdaf)) return readBits(value, vdaf.bits);
  const numbers = toNumbers(value);
  const expected = describe(vdaf.config);
  if (numbers === undefined) return { ok: false, expected };
  const { length, max, total } = boundsOf(vdaf.config);
  const fits =
    numbers.length === (length ?? 1) &&
    numbers.every((number) => Number.isSafeInteger(number) && number >= 0 && number <= max) &&
    numbers.reduce((sum, number) => sum + number, 0) <= total;
  if (!fits) return { ok: false, expected };
  const [first = 0] = numbers;
  return { ok: true, measurement: length === undefined ? first : numbers };
}

function readBits(value: unknown, bits: number): MeasurementReading {
  if (typeof value === "string" && value.length === bits && /^[01]+$/.test(value)) {
    return { ok: true, measurement: packBits(Array.from(value, (bit) => bit === "1")) };
  }
  return { ok: false, expected: `a text of ${bits} zeros and ones` };
}

function toNumbers(value: unknown): readonly number[] | undefined {
  if (typeof value === "number") return [value];
  if (Array.isArray(value)) {
    return value.every((item) => typeof item === "number") ? value : undefined;
  }
  if (typeof value !== "string") return undefined;
  const parts = value.split(",").map((part) => part.trim());
  return parts.every((part) => /^\d{1,16}$/.test(part)) ? parts.map(Number) : undefined;
}

interface Bounds {
  /** Numbers of a vector; undefined when the measurement is one number. */
  readonly length: number | undefined;
  readonly max: number;
  /** Of all numbers together. */
  readonly total: number;
}

function boundsOf(config: ResolvedPrio3Config): Bounds {
  const unbounded = Number.POSITIVE_INFINITY;
  switch (config.kind) {
    case "count":
      return { length: undefined, max: 1, total: unbounded };
    case "sum":
      return { length: undefined, max: config.maxMeasurement, total: unbounded };
    case "histogram":
      return { length: undefined, max: config.length - 1, total: unbounded };
    case "sumVec":
      return { length: config.length, max: config.maxMeasurement, total: unbounded };
    case "multihotCountVec":
      return { length: config.length, max: 1, total: config.maxWeight };
    case "l1BoundSum":
      return { length: config.length, max: config.maxValue, total: config.maxValue };
  }
}

function describe(config: ResolvedPrio3Config): string {
  const { length, max, total } = boundsOf(config);
  const range = `from 0 to ${max}`;
  if (length === undefined) return `a whole number ${range}`;
  const together = Number.isFinite(total) ? `, at most ${total} together` : "";
  return `${length} whole numbers ${range}${together}`;
}
