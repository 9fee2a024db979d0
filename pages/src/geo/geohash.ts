/**
 * Geohash cells as boxes. A geohash interleaves the bits of longitude and latitude, longitude
 * first, five bits a letter; each bit halves the box.
 */

const ALPHABET = "0123456789bcdefghjkmnpqrstuvwxyz";

/** Degrees, WGS 84. */
export interface Box {
  readonly south: number;
  readonly west: number;
  readonly north: number;
  readonly east: number;
}

/** The box of a cell. Throws a RangeError on a letter outside the alphabet. */
export function geohashBox(cell: string): Box {
  let [south, north, west, east] = [-90, 90, -180, 180];
  let splitsLongitude = true;
  for (const letter of cell) {
    const bits = ALPHABET.indexOf(letter);
    if (bits < 0) throw new RangeError(`expected a geohash, got ${JSON.stringify(cell)}`);
    for (let bit = 4; bit >= 0; bit--) {
      const upper = ((bits >> bit) & 1) === 1;
      if (splitsLongitude) {
        const middle = (west + east) / 2;
        if (upper) west = middle;
        else east = middle;
      } else {
        const middle = (south + north) / 2;
        if (upper) south = middle;
        else north = middle;
      }
      splitsLongitude = !splitsLongitude;
    }
  }
  return { south, west, north, east };
}
