import { assert, defined, unreachable } from "@sumus/assert";
import type { Band, Dimension, MapRow, Scalar } from "../study.ts";
import { createGeohashGrid, gridSize } from "./geohash-grid.ts";
import { createH3Grid, type H3Grid } from "./h3-grid.ts";
import { MapTypeError } from "./map-type-error.ts";

/** Characters of the JSON list that a column with several values may hold. */
const LIST_CHARACTERS_MAX = 1_000_000;

/** The cells that people are counted in: every combination of the dimensions' values, numbered. */
export interface GroupCells {
  /** At least 1: without dimensions everybody is in one cell. */
  readonly count: number;
  /** What a cell is called, by dimension; null when there are no dimensions. */
  labels(cell: number): Readonly<Record<string, string>> | null;
  /**
   * The cells that a row belongs to, without repetition: none when a value is null or outside its
   * domain, one, or up to `at_most` of them, the first in the order of the column's list.
   *
   * @throws {MapTypeError} when a column is missing or holds another type than declared
   */
  locate(row: MapRow): readonly number[];
}

/** One dimension, ready for use. */
interface Axis {
  readonly dimension: Dimension;
  readonly size: number;
  label(index: number): string;
  /** The index of one value, null when it is outside the domain. */
  index(value: Item): number | null;
}

/** What a list holds: values, or places as [latitude, longitude] where cells are counted. */
type Item = number | string | readonly [latitude: number, longitude: number];

/** How many values a dimension has. */
function dimensionSize(dimension: Dimension): number {
  switch (dimension.kind) {
    case "domain":
      return dimension.values.length;
    case "bands":
      return dimension.bands.length;
    case "geohash":
      return gridSize(dimension.precision, dimension.area);
    case "h3":
      return createH3Grid(dimension.resolution, dimension.area).size;
    default:
      return unreachable(dimension);
  }
}

/** How many cells the dimensions make together. */
export function cellCount(dimensions: readonly Dimension[]): number {
  return dimensions.reduce((cells, dimension) => cells * dimensionSize(dimension), 1);
}

/** How many values of a dimension a person may have in a list; null when it takes one value. */
export function severalOf(dimension: Dimension): number | null {
  return dimension.kind === "bands" ? null : dimension.atMost;
}

/** The cells of sorted dimensions; those of the last dimension lie side by side. */
export function createGroupCells(dimensions: readonly Dimension[]): GroupCells {
  const axes = dimensions.map(createAxis);
  return {
    count: cellCount(dimensions),
    labels(cell: number): Readonly<Record<string, string>> | null {
      if (axes.length === 0) return null;
      const entries: [string, string][] = [];
      let rest = cell;
      for (const axis of axes.toReversed()) {
        entries.unshift([axis.dimension.column, axis.label(rest % axis.size)]);
        rest = Math.floor(rest / axis.size);
      }
      assert(rest === 0, "a cell's number lies below the count of cells");
      return Object.fromEntries(entries);
    },
    locate(row: MapRow): readonly number[] {
      let cells: readonly number[] = [0];
      // Every axis is looked at even when one has no place for the row: types are always checked.
      for (const axis of axes) {
        const indices = indicesOf(axis, row);
        const { size } = axis;
        cells = cells.flatMap((cell) => indices.map((index) => cell * size + index));
      }
      return cells;
    },
  };
}

function createAxis(dimension: Dimension): Axis {
  switch (dimension.kind) {
    case "domain": {
      const { values } = dimension;
      const indices = new Map(values.map((value, index) => [value, index]));
      return {
        dimension,
        size: values.length,
        label: (index) => String(defined(values[index], "a value's index lies in its domain")),
        index: (value) => (typeof value === "object" ? null : (indices.get(value) ?? null)),
      };
    }
    case "bands": {
      const { bands } = dimension;
      return {
        dimension,
        size: bands.length,
        label: (index) => defined(bands[index], "a band's index lies among its bands").label,
        index: (value) => (typeof value === "number" ? bandOf(value, bands) : null),
      };
    }
    case "geohash": {
      const grid = createGeohashGrid(dimension.precision, dimension.area);
      return {
        dimension,
        size: grid.width * grid.height,
        label: (index) => grid.cell(index),
        index: (value) => locateIn(grid, value),
      };
    }
    case "h3": {
      const grid = createH3Grid(dimension.resolution, dimension.area);
      return {
        dimension,
        size: grid.size,
        label: (index) => grid.cell(index),
        index: (value) => locateIn(grid, value),
      };
    }
    default:
      return unreachable(dimension);
  }
}

function locateIn(grid: Pick<H3Grid, "locate" | "locatePoint">, value: Item): number | null {
  if (typeof value === "object") return grid.locatePoint(...value);
  return typeof value === "string" ? grid.locate(value) : null;
}

function bandOf(value: number, bands: readonly Band[]): number | null {
  const index = bands.findIndex(({ low, high }) => value >= low && value < high);
  if (index >= 0) return index;
  return value === bands.at(-1)?.high ? bands.length - 1 : null;
}

function indicesOf(axis: Axis, row: MapRow): readonly number[] {
  const { dimension } = axis;
  const value = columnOf(row, dimension.column);
  if (value === null) return [];
  const several = severalOf(dimension);
  if (several === null) {
    checkType(dimension, value);
    const index = axis.index(value);
    return index === null ? [] : [index];
  }
  const indices = new Set<number>();
  for (const item of listOf(dimension, value)) {
    checkType(dimension, item);
    const index = axis.index(item);
    if (index !== null && indices.size < several) indices.add(index);
  }
  return [...indices];
}

function checkType(dimension: Dimension, value: Item): void {
  if (typeof value === "object") return;
  const expected = typeOf(dimension);
  if (typeof value !== expected) {
    const wanted = expected === "number" ? "a number" : "text";
    throw new MapTypeError(dimension.column, `expected ${wanted}, got a ${typeof value}`);
  }
}

function typeOf(dimension: Dimension): "number" | "string" {
  if (dimension.kind === "bands") return "number";
  if (dimension.kind === "geohash" || dimension.kind === "h3") return "string";
  return typeof dimension.values[0] === "number" ? "number" : "string";
}

function isOfCells({ kind }: Dimension): boolean {
  return kind === "geohash" || kind === "h3";
}

/** The values of a column that holds a JSON list; nulls in it are left out. */
function listOf(dimension: Dimension, value: number | string): readonly Item[] {
  const { column } = dimension;
  const wanted = "expected a JSON list as text, as json_group_array makes it";
  if (typeof value !== "string" || value.length > LIST_CHARACTERS_MAX) {
    throw new MapTypeError(column, `${wanted}, got a ${typeof value}`);
  }
  let list: unknown;
  try {
    list = JSON.parse(value);
  } catch (cause) {
    // JSON.parse throws SyntaxError and nothing else.
    throw new MapTypeError(column, `${wanted}, got another text`, { cause });
  }
  if (!Array.isArray(list)) throw new MapTypeError(column, `${wanted}, got another value`);
  return list.filter((item: unknown): item is Item => {
    if (typeof item === "number" || typeof item === "string") return true;
    if (item === null) return false;
    if (isOfCells(dimension) && isPlace(item)) return true;
    const what = isOfCells(dimension) ? "cells or [latitude, longitude]" : "numbers or texts";
    throw new MapTypeError(column, `expected ${what} in the list, got a ${typeof item}`);
  });
}

function isPlace(item: unknown): boolean {
  return (
    Array.isArray(item) && item.length === 2 && item.every((degrees) => Number.isFinite(degrees))
  );
}

/**
 * The value of a declared column.
 *
 * @throws {MapTypeError} when the row has no such column, or a number in it is not finite
 */
export function columnOf(row: MapRow, column: string): Scalar {
  if (!Object.hasOwn(row, column)) {
    throw new MapTypeError(column, "expected this column in the map's row, got none");
  }
  const value = row[column] ?? null;
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new MapTypeError(column, "expected a finite number, got another");
  }
  return value;
}
