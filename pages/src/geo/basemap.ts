/**
 * San Francisco as the page draws it: neighbourhoods, streets and coast projected once onto a plane
 * of whole units, simplified until the page stays light (a unit is about 7 m).
 */

import { boxOf } from "./boundary.ts";
import type { Box } from "./geohash.ts";
import type { Place, Position, Ring } from "./geojson.ts";
import { type Point, pathOf, simplifyLine } from "./simplify.ts";

/** Width of the plane in units; the height follows from the area's shape. */
const WIDTH = 2000;
/** Units. Half of this cannot be seen at the size the maps are drawn. */
const TOLERANCE = 1.6;
/** Degrees of latitude around the neighbourhoods. */
const MARGIN = 0.003;
const KM_PER_DEGREE = 111.32;

export interface Basemap {
  readonly width: number;
  readonly height: number;
  /** Units of one kilometre. */
  readonly unitsPerKm: number;
  readonly places: readonly { readonly name: string; readonly path: string }[];
  readonly streets: string;
  readonly coast: string;
  /** From degrees to units. */
  project(position: Position): Point;
}

/** An equirectangular plane through the area's middle: right to a thousandth over a city. */
function projection(area: Box): {
  height: number;
  unitsPerKm: number;
  project: Basemap["project"];
} {
  const squeeze = Math.cos((((area.south + area.north) / 2) * Math.PI) / 180);
  const unitsPerDegree = WIDTH / ((area.east - area.west) * squeeze);
  return {
    height: Math.round((area.north - area.south) * unitsPerDegree),
    unitsPerKm: unitsPerDegree / KM_PER_DEGREE,
    project: ([longitude, latitude]) => [
      (longitude - area.west) * squeeze * unitsPerDegree,
      (area.north - latitude) * unitsPerDegree,
    ],
  };
}

function overlaps(line: Ring, area: Box): boolean {
  const box = boxOf(line);
  return (
    box.east > area.west && box.west < area.east && box.north > area.south && box.south < area.north
  );
}

/** Draws the map's layers for the area of the places. */
export function createBasemap(
  places: readonly Place[],
  streets: readonly Ring[],
  coast: readonly Ring[],
): Basemap {
  const tight = boxOf(places.flatMap(({ polygons }) => polygons.flat(2)));
  const area: Box = {
    south: tight.south - MARGIN,
    north: tight.north + MARGIN,
    west: tight.west - MARGIN,
    east: tight.east + MARGIN,
  };
  const { height, unitsPerKm, project } = projection(area);
  const draw = (line: Ring, closed: boolean): string =>
    pathOf(simplifyLine(line.map(project), TOLERANCE), closed);
  const drawAll = (lines: readonly Ring[]): string =>
    lines
      .filter((line) => overlaps(line, area))
      .map((line) => draw(line, false))
      .join("");
  return {
    width: WIDTH,
    height,
    unitsPerKm,
    project,
    places: places.map(({ name, polygons }) => ({
      name,
      path: polygons
        .flat()
        .map((ring) => draw(ring, true))
        .join(""),
    })),
    streets: drawAll(streets),
    coast: drawAll(coast),
  };
}
