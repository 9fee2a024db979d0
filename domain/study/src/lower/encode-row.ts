import { defined, unreachable } from "@sumus/assert";
import type { TaskMeasurement, VdafConfig } from "@sumus/dap";
import type { Measurement } from "@sumus/vdaf";
import type { MapRow, NumericColumn } from "../study.ts";
import { columnOf, type GroupCells } from "./group-cells.ts";
import { MapTypeError } from "./map-type-error.ts";
import { momentsOf } from "./moments.ts";
import { packPlace } from "./numbered-places.ts";
import { levelOf, levelsOf } from "./numeric-column.ts";
import { type ColumnParts, isOneOf, partCount, partOf } from "./parts.ts";
import type { PartOfColumn, Quantity, TaskPlan } from "./study-plan.ts";
import { valueLevels, weightedOf, weightLevel, weightLevels } from "./weighted.ts";

/**
 * The one way from a map's row to what leaves the vault, before it is split into shares: one
 * measurement per task. See `StudyPlan.encode`.
 *
 * @throws {MapTypeError} when the row is not of the declared type
 */
export function encodeRow(
  row: MapRow | null,
  tasks: readonly TaskPlan[],
): readonly TaskMeasurement[] {
  const places = new Map<GroupCells, readonly number[]>();
  for (const { cells } of tasks) {
    if (!places.has(cells)) places.set(cells, row === null ? [] : cells.locate(row));
  }
  return tasks.map(({ cells, quantity, vdaf }) => {
    const located = places.get(cells) ?? [];
    switch (quantity.kind) {
      case "people":
        return encodePeople(vdaf, located);
      case "moments":
        return encodeMoments(quantity, vdaf, numberOf(row, quantity.numeric.column), located);
      case "spread": {
        const value = numberOf(row, quantity.column);
        const [cell] = located;
        if (value === null || cell === undefined) return absentOf(vdaf);
        return cell * (quantity.edges.length - 1) + binOf(value, quantity.edges);
      }
      case "parts":
        return encodePart(quantity, vdaf, row, located);
      case "weighted":
        return encodeWeighted(quantity, vdaf, row, located);
      case "prefixes":
        return encodePrefix(quantity, { vdaf, cells }, textOf(row, quantity.column), located);
      default:
        return unreachable(quantity);
    }
  });
}

function encodePeople(vdaf: VdafConfig, located: readonly number[]): Measurement {
  if (vdaf.kind === "multihotCountVec") {
    const vector = Array<number>(vdaf.length).fill(0);
    for (const cell of located) vector[cell] = 1;
    return vector;
  }
  if (vdaf.kind === "count") return located.length;
  return located[0] ?? absentOf(vdaf);
}

function encodeMoments(
  { numeric, degree }: Quantity & { kind: "moments" },
  vdaf: VdafConfig,
  value: number | null,
  located: readonly number[],
): Measurement {
  const [cell] = located;
  if (value === null || cell === undefined) return vectorOf(vdaf, 0, []);
  return vectorOf(vdaf, cell, momentsOf(levelOf(value, numeric), levelsOf(numeric), degree));
}

/** Zeros but for the numbers of one cell. */
function vectorOf(vdaf: VdafConfig, cell: number, numbers: readonly number[]): Measurement {
  if (vdaf.kind !== "l1BoundSum") throw new TypeError(`expected an L1BoundSum, got ${vdaf.kind}`);
  const vector = Array<number>(vdaf.length).fill(0);
  for (const [index, value] of numbers.entries()) vector[cell * numbers.length + index] = value;
  return vector;
}

function encodePart(
  parts: ColumnParts,
  vdaf: VdafConfig,
  row: MapRow | null,
  [cell]: readonly number[],
): Measurement {
  const part = row === null ? null : partOf(columnOf(row, parts.column), parts);
  return part === null || cell === undefined ? absentOf(vdaf) : cell * partCount(parts) + part;
}

function encodeWeighted(
  { value, weight }: Quantity & { kind: "weighted" },
  vdaf: VdafConfig,
  row: MapRow | null,
  [cell]: readonly number[],
): Measurement {
  const level = valueLevel(value, row);
  const counts = numberOf(row, weight.column);
  if (level === null || counts === null || cell === undefined) return vectorOf(vdaf, 0, []);
  const ofWeight = [weightLevel(counts, weight), weightLevels(weight)] as const;
  return vectorOf(vdaf, cell, weightedOf([level, valueLevels(value)], ofWeight));
}

/** The steps of a value above its min; null when there is none. */
function valueLevel(value: NumericColumn | PartOfColumn, row: MapRow | null): number | null {
  if (row === null) return null;
  if (!("resolution" in value)) return isOneOf(columnOf(row, value.column), value);
  const number = numberOf(row, value.column);
  return number === null ? null : levelOf(number, value);
}

function encodePrefix(
  { candidates }: Quantity & { kind: "prefixes" },
  { vdaf, cells }: Pick<TaskPlan, "vdaf" | "cells">,
  text: string | null,
  located: readonly number[],
): TaskMeasurement {
  const [cell] = located;
  const counted =
    text === null || cell === undefined
      ? []
      : candidates.flatMap((candidate, index) =>
          text.startsWith(candidate) ? [cell * candidates.length + index] : [],
        );
  if (vdaf.kind === "poplar1") {
    const nobodys = cells.count * candidates.length;
    return packPlace(counted[0] ?? nobodys, vdaf.bits);
  }
  if (vdaf.kind !== "multihotCountVec") return counted[0] ?? absentOf(vdaf);
  const vector = Array<number>(vdaf.length).fill(0);
  for (const index of counted) vector[index] = 1;
  return vector;
}

/** The last bucket of a histogram: those who are in no cell. */
function absentOf(vdaf: VdafConfig): number {
  if (vdaf.kind !== "histogram") throw new TypeError(`expected a histogram, got ${vdaf.kind}`);
  return vdaf.length - 1;
}

/** A value of a numeric column; null when there is no row or no value. */
function numberOf(row: MapRow | null, column: string): number | null {
  if (row === null) return null;
  const value = columnOf(row, column);
  if (value === null || typeof value === "number") return value;
  throw new MapTypeError(column, `expected a number, got a ${typeof value}`);
}

/** A value of a column of texts; null when there is no row or no value. */
function textOf(row: MapRow | null, column: string): string | null {
  if (row === null) return null;
  const value = columnOf(row, column);
  if (value === null || typeof value === "string") return value;
  throw new MapTypeError(column, `expected text, got a ${typeof value}`);
}

/**
 * The bin of a value: the last edge at or below it begins its bin. Values below the first edge are
 * in the first bin; the last bin holds its upper edge and everything above.
 */
function binOf(value: number, edges: readonly number[]): number {
  let low = 0;
  let high = edges.length - 1;
  // Invariant: the bin is in [low, high).
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (value >= defined(edges[middle], "an index between two edges has an edge")) low = middle;
    else high = middle;
  }
  return low;
}
