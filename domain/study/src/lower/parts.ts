/**
 * Parts of a column's values, of which shares are sums: one for the values that no share asks about, and
 * one for all that the same shares ask about. People in one part are one number, so that several shares
 * of one column come from one task with all of its budget, whether or not they overlap.
 *
 * @module
 */

import type { Scalar } from "../study.ts";
import { MapTypeError } from "./map-type-error.ts";
import type { PartOfColumn } from "./study-plan.ts";

/** Sets of values of one column and of one type. */
export interface ColumnParts {
  readonly column: string;
  readonly sets: readonly (readonly (number | string)[])[];
}

interface Partition {
  /** At least 2: what is in no set, and what is in some. */
  readonly count: number;
  readonly partOf: ReadonlyMap<number | string, number>;
}

/** Computed before: every row and every cell asks. */
const partitions = new WeakMap<ColumnParts["sets"], Partition>();

function partition(sets: ColumnParts["sets"]): Partition {
  const known = partitions.get(sets);
  if (known !== undefined) return known;
  const membership = new Map<number | string, string>();
  for (const [index, set] of sets.entries()) {
    for (const value of set) membership.set(value, `${membership.get(value) ?? ""} ${index}`);
  }
  const kinds = [...new Set(membership.values())];
  const partOf = new Map([...membership].map(([value, kind]) => [value, 1 + kinds.indexOf(kind)]));
  const made = { count: 1 + kinds.length, partOf };
  partitions.set(sets, made);
  return made;
}

/** Numbers of a cell. */
export function partCount({ sets }: Pick<ColumnParts, "sets">): number {
  return partition(sets).count;
}

/**
 * The part of a value; null when there is none.
 *
 * @throws {MapTypeError} when it is of another type than those sought
 */
export function partOf(value: Scalar, { column, sets }: ColumnParts): number | null {
  if (value === null) return null;
  checkType(value, column, sets[0]);
  return partition(sets).partOf.get(value) ?? 0;
}

/** 1 when a value is one of those sought, else 0; null when there is none. Throws as {@link partOf}. */
export function isOneOf(value: Scalar, { column, of }: PartOfColumn): 0 | 1 | null {
  if (value === null) return null;
  checkType(value, column, of);
  return of.includes(value) ? 1 : 0;
}

function checkType(
  value: number | string,
  column: string,
  sought: readonly (number | string)[] = [],
): void {
  if (typeof value === typeof sought[0]) return;
  const wanted = typeof sought[0] === "number" ? "a number" : "text";
  throw new MapTypeError(column, `expected ${wanted}, got a ${typeof value}`);
}

/** Values that a sentence can hold. */
const VALUES_SAID = 8;

/** `daily or sometimes`; of more than a sentence can hold, the first and how many. */
export function sayValues(values: readonly (number | string)[]): string {
  return values.length <= VALUES_SAID
    ? values.join(" or ")
    : `one of ${values.length} values such as ${values.slice(0, 3).join(", ")}`;
}

/** Of each part, whether it is in a set. */
export function partsIn(
  set: readonly (number | string)[],
  { sets }: ColumnParts,
): readonly boolean[] {
  const { count, partOf: placed } = partition(sets);
  const inside = new Set(set.map((value) => placed.get(value)));
  return Array.from({ length: count }, (_, part) => inside.has(part));
}
