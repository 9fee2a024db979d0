import { LEVELS_DEFAULT_MIN } from "../limits.ts";
import type { NumericColumn } from "../study.ts";

/** Resolutions for columns that declare none: fractions of a unit, so that whole numbers stay exact. */
const DEFAULT_RESOLUTIONS = [1, 0.1, 0.01, 0.001, 1e-4, 1e-5, 1e-6];

/** Whether the range is a whole number of steps, but for the rounding of binary fractions. */
export function isWholeSteps({ min, max, resolution }: Omit<NumericColumn, "column">): boolean {
  const levels = (max - min) / resolution;
  const whole = Math.round(levels);
  return whole >= 1 && Math.abs(levels - whole) <= 1e-9 * whole;
}

/**
 * The coarsest usual resolution that rounds no value by more than half a thousandth of the range. The
 * noise does not depend on it, only the size of reports does, by some bits a value.
 */
export function defaultResolution(min: number, max: number): number {
  const fits = (resolution: number): boolean =>
    (max - min) / resolution >= LEVELS_DEFAULT_MIN && isWholeSteps({ min, max, resolution });
  return DEFAULT_RESOLUTIONS.find(fits) ?? (max - min) / LEVELS_DEFAULT_MIN;
}

/** The steps of the resolution from min to max: values travel as 0 to this many steps. */
export function levelsOf({ min, max, resolution }: NumericColumn): number {
  return Math.round((max - min) / resolution);
}

/** The steps above min of a value, clipped to the bounds and rounded to the nearest step. */
export function levelOf(value: number, column: NumericColumn): number {
  const { min, max, resolution } = column;
  const clipped = Math.min(Math.max(value, min), max);
  return Math.min(Math.round((clipped - min) / resolution), levelsOf(column));
}

/** Steps in the column's unit. Tenths are divided by ten, not multiplied by 0.1: that is exact. */
export function unitsOf(steps: number, resolution: number): number {
  const stepsPerUnit = Math.round(1 / resolution);
  return stepsPerUnit * resolution === 1 ? steps / stepsPerUnit : steps * resolution;
}
