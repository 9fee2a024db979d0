/**
 * The hexagon of a place, by H3. A cell of resolution 7 is about 5 km² large, one of resolution 9 a
 * tenth of one.
 *
 * @module
 */
import { latLngToCell } from "h3-js";

const H3_RESOLUTION_MAX = 15;

/** What one call costs beside the step that SQLite counts: some forty sines and cosines. */
export const H3_STEPS = 4;

/**
 * @param latitude degrees, -90 to 90
 * @param longitude degrees, -180 to 180
 * @param resolution 0 to 15
 * @returns null when an argument is outside of its range
 */
export function h3(latitude: number, longitude: number, resolution: number): string | null {
  const inRange =
    Math.abs(latitude) <= 90 &&
    Math.abs(longitude) <= 180 &&
    Number.isInteger(resolution) &&
    resolution >= 0 &&
    resolution <= H3_RESOLUTION_MAX;
  return inRange ? latLngToCell(latitude, longitude, resolution) : null;
}
