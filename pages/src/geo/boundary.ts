/**
 * Which neighbourhood a point lies in. Even-odd rule, so holes need no care. Points exactly on a
 * border fall to one side; at 5 decimals (about a metre) nobody can tell the difference.
 */

import type { Box } from "./geohash.ts";
import type { Place, Polygon, Position, Ring } from "./geojson.ts";

interface Bounded {
  readonly name: string;
  readonly polygon: Polygon;
  readonly box: Box;
}

/** Finds the place of a point, null outside all of them. */
export type Locate = (latitude: number, longitude: number) => string | null;

/** The smallest box around some positions. */
export function boxOf(positions: readonly Position[]): Box {
  let [south, west, north, east] = [90, 180, -90, -180];
  for (const [longitude, latitude] of positions) {
    south = Math.min(south, latitude);
    north = Math.max(north, latitude);
    west = Math.min(west, longitude);
    east = Math.max(east, longitude);
  }
  return { south, west, north, east };
}

function crossings(ring: Ring, latitude: number, longitude: number): number {
  let count = 0;
  let previous = ring.at(-1);
  for (const current of ring) {
    if (previous !== undefined && current[1] > latitude !== previous[1] > latitude) {
      const slope = (previous[0] - current[0]) / (previous[1] - current[1]);
      if (longitude < current[0] + slope * (latitude - current[1])) count++;
    }
    previous = current;
  }
  return count;
}

/** Prepares a locator over the places; a lookup costs a box test a polygon and one ring walk. */
export function createLocate(places: readonly Place[]): Locate {
  const bounded: Bounded[] = places.flatMap((place) =>
    place.polygons.map((polygon) => ({
      name: place.name,
      polygon,
      box: boxOf(polygon[0] ?? []),
    })),
  );
  return (latitude, longitude) => {
    for (const { name, polygon, box } of bounded) {
      if (latitude < box.south || latitude > box.north) continue;
      if (longitude < box.west || longitude > box.east) continue;
      const count = polygon.reduce((sum, ring) => sum + crossings(ring, latitude, longitude), 0);
      if (count % 2 === 1) return name;
    }
    return null;
  };
}
