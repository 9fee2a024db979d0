/** The shapes of cells: geohash boxes and H3 hexagons, told apart by their names. */

import { cellToBoundary, isValidCell } from "h3-js";
import { geohashBox } from "./geohash.ts";
import type { Position, Ring } from "./geojson.ts";

/**
 * The border of a cell, closed and counter-clockwise [RFC 7946 §3.1.6]. No name is both: those of H3
 * have 15 characters, geohashes at most 12. A hexagon across the antimeridian goes on beyond 180.
 *
 * @throws {RangeError} when the name is of neither
 */
export function cellRing(cell: string): Ring {
  if (isValidCell(cell)) return joined(cellToBoundary(cell, true));
  const { south, west, north, east } = geohashBox(cell);
  return [
    [west, south],
    [east, south],
    [east, north],
    [west, north],
    [west, south],
  ];
}

/** Longitudes without a leap from one end of the world to the other. */
function joined(ring: readonly (readonly number[])[]): Ring {
  const first = ring[0]?.[0] ?? 0;
  return ring.map(([longitude = 0, latitude = 0]): Position => {
    if (longitude - first > 180) return [longitude - 360, latitude];
    return [first - longitude > 180 ? longitude + 360 : longitude, latitude];
  });
}
