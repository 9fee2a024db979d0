import { assert, defined } from "@sumus/assert";
import {
  cellToParent,
  getHexagonAreaAvg,
  getResolution,
  isValidCell,
  latLngToCell,
  polygonToCellsExperimental,
} from "h3-js";
import type { Area } from "../study.ts";

/** Kilometres, of the sphere that H3 is made for. */
const EARTH_RADIUS_KM = 6371.007_180_918_475;

/** Areas of which the cells are kept: parsing, checking and lowering ask for the same ones. */
const GRIDS_KEPT = 16;

/** The H3 cells of one resolution that overlap an area, in the order of their ids. */
export interface H3Grid {
  readonly size: number;
  /** The id of a cell by its number. */
  cell(index: number): string;
  /**
   * The number of the cell that an H3 cell lies in, which may be of a higher resolution. Null when it
   * lies outside the area, is larger, or is no H3 cell.
   */
  locate(cell: string): number | null;
  /** The number of the cell that a place lies in; null when it lies outside. */
  locatePoint(latitude: number, longitude: number): number | null;
}

/**
 * About how many cells an area has, without making them: its surface by that of an average cell.
 * Cells differ in size by up to a third either way, and those on the border count whole.
 */
export function estimateH3Cells(resolution: number, { south, west, north, east }: Area): number {
  const height = Math.sin(radians(north)) - Math.sin(radians(south));
  const surface = EARTH_RADIUS_KM ** 2 * radians(east - west) * height;
  return surface / getHexagonAreaAvg(resolution, "km2");
}

const grids = new Map<string, H3Grid>();

/** Whoever calls this has made sure that the area is not too large. */
export function createH3Grid(resolution: number, area: Area): H3Grid {
  const key = JSON.stringify([resolution, area.south, area.west, area.north, area.east]);
  const known = grids.get(key);
  if (known !== undefined) return known;
  const grid = makeGrid(resolution, area);
  const [oldest] = grids.keys();
  if (grids.size >= GRIDS_KEPT && oldest !== undefined) grids.delete(oldest);
  grids.set(key, grid);
  return grid;
}

function makeGrid(resolution: number, { south, west, north, east }: Area): H3Grid {
  const corners = [
    [south, west],
    [south, east],
    [north, east],
    [north, west],
  ];
  const cells = polygonToCellsExperimental(corners, resolution, "containmentOverlapping").sort();
  const indices = new Map(cells.map((cell, index) => [cell, index]));
  assert(indices.size === cells.length, "no cell of an area comes twice");
  return {
    size: cells.length,
    cell: (index) => defined(cells[index], "a cell's number lies in its grid"),
    locate(cell: string): number | null {
      const id = cell.toLowerCase();
      if (!isValidCell(id) || getResolution(id) < resolution) return null;
      return indices.get(cellToParent(id, resolution)) ?? null;
    },
    locatePoint(latitude: number, longitude: number): number | null {
      if (Math.abs(latitude) > 90 || Math.abs(longitude) > 180) return null;
      return indices.get(latLngToCell(latitude, longitude, resolution)) ?? null;
    },
  };
}

function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}
