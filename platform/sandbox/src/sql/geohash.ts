/**
 * The cell of a place: geohash.org's code, 5 bits a character, longitude first. A cell of
 * precision 6 is about 1.2 km by 0.6 km.
 *
 * @module
 */

const ALPHABET = "0123456789bcdefghjkmnpqrstuvwxyz";
const GEOHASH_PRECISION_MAX = 12;

/**
 * @param latitude degrees, -90 to 90
 * @param longitude degrees, -180 to 180
 * @param precision characters, 1 to 12
 * @returns null when an argument is outside of its range
 */
export function geohash(latitude: number, longitude: number, precision: number): string | null {
  const inRange =
    Math.abs(latitude) <= 90 &&
    Math.abs(longitude) <= 180 &&
    Number.isInteger(precision) &&
    precision >= 1 &&
    precision <= GEOHASH_PRECISION_MAX;
  if (!inRange) return null;
  const [south, west, north, east] = [-90, -180, 90, 180];
  const axes = [
    { value: longitude, low: west, high: east },
    { value: latitude, low: south, high: north },
  ];
  let cell = "";
  for (let character = 0; character < precision; character++) {
    let bits = 0;
    for (let bit = 0; bit < 5; bit++) {
      // Each character has an odd number of bits, so the axis that begins alternates.
      const axis = axes[(character + bit) % 2] as (typeof axes)[number];
      const middle = (axis.low + axis.high) / 2;
      const upper = axis.value >= middle;
      if (upper) axis.low = middle;
      else axis.high = middle;
      bits = 2 * bits + (upper ? 1 : 0);
    }
    cell += ALPHABET[bits];
  }
  return cell;
}
