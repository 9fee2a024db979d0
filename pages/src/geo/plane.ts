/** A piece of the earth laid flat, in units of a drawing. */

import type { Box } from "./geohash.ts";
import type { Position } from "./geojson.ts";
import type { Point } from "./simplify.ts";

/** Width of a plane in units; the height follows from the area's shape. */
const WIDTH = 2000;
const KM_PER_DEGREE = 111.32;
/** Beyond this latitude a plane has no width to speak of. */
const SQUEEZE_MIN = 0.05;

export interface Plane {
  readonly area: Box;
  readonly width: number;
  readonly height: number;
  /** Units of one kilometre. */
  readonly unitsPerKm: number;
  /** From degrees to units. */
  project(position: Position): Point;
}

/** An equirectangular plane through the area's middle: right to a thousandth over a city. */
export function createPlane(area: Box): Plane {
  const squeeze = squeezeOf(area);
  const unitsPerDegree = WIDTH / ((area.east - area.west) * squeeze);
  return {
    area,
    width: WIDTH,
    height: Math.round((area.north - area.south) * unitsPerDegree),
    unitsPerKm: unitsPerDegree / KM_PER_DEGREE,
    project: ([longitude, latitude]) => [
      (longitude - area.west) * squeeze * unitsPerDegree,
      (area.north - latitude) * unitsPerDegree,
    ],
  };
}

/** A plane around a box: with a margin, and never much higher than wide, for it must fit a screen. */
export function planeAround(box: Box): Plane {
  const margin = Math.max(box.north - box.south, box.east - box.west, 0.01) * 0.04;
  const [south, north] = [box.south - margin, box.north + margin];
  const missing = (north - south) / squeezeOf(box) - (box.east - box.west);
  const side = Math.max(margin, missing / 2);
  return createPlane({ south, north, west: box.west - side, east: box.east + side });
}

/** How much shorter a degree of longitude is than one of latitude, in the middle of an area. */
function squeezeOf({ south, north }: Box): number {
  return Math.max(SQUEEZE_MIN, Math.cos((((south + north) / 2) * Math.PI) / 180));
}
