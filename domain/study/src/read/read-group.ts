import type { Cursor } from "@sumus/document";
import { compareNames } from "../canonical-order.ts";
import { DIMENSIONS_MAX, ELEMENTS_MAX } from "../limits.ts";
import { cellCount, severalOf } from "../lower/group-cells.ts";
import type { Dimension } from "../study.ts";
import { readDimension } from "./read-dimension.ts";
import { checkColumnName } from "./text-rules.ts";

/** Reads `group`: the columns by which people are told apart, all of them combined. */
export function readGroup(cursor: Cursor): readonly Dimension[] | undefined {
  const entries = cursor.entries("group");
  if (entries === undefined) return undefined;
  if (entries.size > DIMENSIONS_MAX) {
    const message = `expected at most ${DIMENSIONS_MAX} dimensions, got ${entries.size}`;
    return cursor.problem(message, "group by fewer columns");
  }
  const dimensions: Dimension[] = [];
  for (const [column, field] of entries) {
    const named = checkColumnName(column, field, "keyProblem");
    const dimension = readDimension(field, column);
    if (named && dimension !== undefined) dimensions.push(dimension);
  }
  if (dimensions.length < entries.size) return undefined;
  dimensions.sort((left, right) => compareNames(left.column, right.column));
  return checkSeveral(cursor, dimensions) && checkCells(cursor, dimensions)
    ? dimensions
    : undefined;
}

function checkSeveral(cursor: Cursor, dimensions: readonly Dimension[]): boolean {
  const several = dimensions.filter((dimension) => severalOf(dimension) !== null);
  if (several.length <= 1) return true;
  const names = several.map(({ column }) => column).join(" and ");
  cursor.keyProblem(
    `expected at most one dimension with at_most, got ${names}`,
    "ask two studies, or drop at_most from all but one",
  );
  return false;
}

function checkCells(cursor: Cursor, dimensions: readonly Dimension[]): boolean {
  const cells = cellCount(dimensions);
  if (cells < ELEMENTS_MAX) return true;
  cursor.keyProblem(
    `expected fewer than ${ELEMENTS_MAX} cells, got ${cells}`,
    "group by fewer or coarser dimensions",
  );
  return false;
}
