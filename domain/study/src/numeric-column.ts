import type { NumericColumn } from "./study.ts";

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
