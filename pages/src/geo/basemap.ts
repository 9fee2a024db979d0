/**
 * A city as a page draws it: neighbourhoods, streets and coast projected once onto a plane of whole
 * units, simplified until the page stays light (a unit is about 7 m of San Francisco).
 */

import { boxOf } from "./boundary.ts";
import type { Box } from "./geohash.ts";
import type { Place, Ring } from "./geojson.ts";
import { createPlane, type Plane } from "./plane.ts";
import { pathOf, simplifyLine } from "./simplify.ts";

/** Units. Half of this cannot be seen at the size the maps are drawn. */
const TOLERANCE = 1.6;
/** Degrees of latitude around the neighbourhoods. */
const MARGIN = 0.003;

export interface Basemap extends Plane {
  readonly places: readonly { readonly name: string; readonly path: string }[];
  readonly streets: string;
  readonly coast: string;
  /** Whose work the layers are. */
  readonly credit: string;
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
  credit: string,
): Basemap {
  const tight = boxOf(places.flatMap(({ polygons }) => polygons.flat(2)));
  const area: Box = {
    south: tight.south - MARGIN,
    north: tight.north + MARGIN,
    west: tight.west - MARGIN,
    east: tight.east + MARGIN,
  };
  const plane = createPlane(area);
  const draw = (line: Ring, closed: boolean): string =>
    pathOf(simplifyLine(line.map(plane.project), TOLERANCE), closed);
  const drawAll = (lines: readonly Ring[]): string =>
    lines
      .filter((line) => overlaps(line, area))
      .map((line) => draw(line, false))
      .join("");
  return {
    ...plane,
    credit,
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
