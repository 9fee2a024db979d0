import { assert } from "@sumus/assert";
import type { Area } from "../study.ts";

/** The base-32 alphabet of geohash: digits and letters without a, i, l and o. */
const ALPHABET = "0123456789bcdefghjkmnpqrstuvwxyz";
const BITS_PER_CHARACTER = 5;

/**
 * The geohash cells of one precision that overlap an area, numbered row by row from the south-west
 * corner. A cell holds its southern and western edges.
 */
export interface GeohashGrid {
  readonly width: number;
  readonly height: number;
  /** The geohash of a cell by its number. */
  cell(index: number): string;
  /**
   * The number of the cell that a geohash lies in; a longer one is cut to the precision. Null when
   * it lies outside the area or is no geohash of at least that precision.
   */
  locate(geohash: string): number | null;
  /** The number of the cell that a place lies in; null when it lies outside the area. */
  locatePoint(latitude: number, longitude: number): number | null;
}

/** Inclusive ranges of columns, counted from 180 degrees west, and rows, from 90 degrees south. */
interface Extent {
  readonly west: number;
  readonly east: number;
  readonly south: number;
  readonly north: number;
}

/** How many cells the grid of an area has, without making it. */
export function gridSize(precision: number, area: Area): number {
  const { west, east, south, north } = extentOf(precision, area);
  return (east - west + 1) * (north - south + 1);
}

export function createGeohashGrid(precision: number, area: Area): GeohashGrid {
  const { west, east, south, north } = extentOf(precision, area);
  const [width, height] = [east - west + 1, north - south + 1];
  const numberOf = (column: number, row: number): number | null => {
    const inside = column >= west && column <= east && row >= south && row <= north;
    return inside ? (row - south) * width + (column - west) : null;
  };
  return {
    width,
    height,
    cell(index: number): string {
      assert(index >= 0 && index < width * height, "a cell's number lies in its grid");
      return encode(precision, west + (index % width), south + Math.floor(index / width));
    },
    locate(geohash: string): number | null {
      const position = decode(precision, geohash);
      if (position === null) return null;
      return numberOf(...position);
    },
    locatePoint(latitude: number, longitude: number): number | null {
      const { cellWidth, cellHeight } = cellSize(precision);
      const column = Math.floor((longitude + 180) / cellWidth);
      return numberOf(column, Math.floor((latitude + 90) / cellHeight));
    },
  };
}

/** In degrees. */
function cellSize(precision: number): { readonly cellWidth: number; readonly cellHeight: number } {
  const bits = precision * BITS_PER_CHARACTER;
  // Dividing by a power of two and by 45 degrees' multiples keeps cell borders exact in doubles.
  return {
    cellWidth: 360 / 2 ** Math.ceil(bits / 2),
    cellHeight: 180 / 2 ** Math.floor(bits / 2),
  };
}

function extentOf(precision: number, { south, west, north, east }: Area): Extent {
  const { cellWidth, cellHeight } = cellSize(precision);
  return {
    west: Math.floor((west + 180) / cellWidth),
    east: Math.ceil((east + 180) / cellWidth) - 1,
    south: Math.floor((south + 90) / cellHeight),
    north: Math.ceil((north + 90) / cellHeight) - 1,
  };
}

/** Interleaves the bits of column and row, the column's highest first. */
function encode(precision: number, column: number, row: number): string {
  const bits = precision * BITS_PER_CHARACTER;
  let columnBit = 2 ** (Math.ceil(bits / 2) - 1);
  let rowBit = 2 ** (Math.floor(bits / 2) - 1);
  let text = "";
  let digit = 0;
  for (let index = 0; index < bits; index++) {
    if (index % 2 === 0) {
      digit = digit * 2 + (Math.floor(column / columnBit) % 2);
      columnBit /= 2;
    } else {
      digit = digit * 2 + (Math.floor(row / rowBit) % 2);
      rowBit /= 2;
    }
    if (index % BITS_PER_CHARACTER === BITS_PER_CHARACTER - 1) {
      text += ALPHABET.charAt(digit);
      digit = 0;
    }
  }
  return text;
}

function decode(precision: number, geohash: string): readonly [number, number] | null {
  if (geohash.length < precision) return null;
  let column = 0;
  let row = 0;
  for (let index = 0; index < precision * BITS_PER_CHARACTER; index++) {
    const character = geohash.charAt(Math.floor(index / BITS_PER_CHARACTER));
    const digit = ALPHABET.indexOf(character);
    if (digit < 0) return null;
    const bit = (digit >> (BITS_PER_CHARACTER - 1 - (index % BITS_PER_CHARACTER))) & 1;
    if (index % 2 === 0) column = column * 2 + bit;
    else row = row * 2 + bit;
  }
  return [column, row];
}
