import { MapTypeError } from "./map-type-error.ts";
import type { Scalar } from "./study.ts";
import type { PartOfColumn } from "./study-plan.ts";

/** Numbers of a cell: people whose value is another, people whose value is one of those sought. */
export const PARTS = 2;

/**
 * 1 when a value is one of those sought, else 0; null when there is none.
 *
 * @throws {MapTypeError} when it is of another type than they are
 */
export function partOf(value: Scalar, { column, of }: PartOfColumn): 0 | 1 | null {
  if (value === null) return null;
  if (typeof value !== typeof of[0]) {
    const wanted = typeof of[0] === "number" ? "a number" : "text";
    throw new MapTypeError(column, `expected ${wanted}, got a ${typeof value}`);
  }
  return of.includes(value) ? 1 : 0;
}
