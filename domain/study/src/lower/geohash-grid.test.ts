import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createGeohashGrid, gridSize } from "./geohash-grid.ts";

/** Geohash by halving, as its inventor describes it: a second way to the same text. */
function geohash(latitude: number, longitude: number, precision: number): string {
  const alphabet = "0123456789bcdefghjkmnpqrstuvwxyz";
  let [south, north, west, east] = [-90, 90, -180, 180];
  let text = "";
  for (let character = 0; character < precision; character++) {
    let digit = 0;
    for (let bit = 0; bit < 5; bit++) {
      if ((character * 5 + bit) % 2 === 0) {
        const middle = (west + east) / 2;
        digit = digit * 2 + (longitude >= middle ? 1 : 0);
        if (longitude >= middle) west = middle;
        else east = middle;
      } else {
        const middle = (south + north) / 2;
        digit = digit * 2 + (latitude >= middle ? 1 : 0);
        if (latitude >= middle) south = middle;
        else north = middle;
      }
    }
    text += alphabet.charAt(digit);
  }
  return text;
}

const CITY = { south: 37.7, west: -122.52, north: 37.82, east: -122.35 };

describe("cells of an area", () => {
  test("known places", () => {
    const grid = createGeohashGrid(5, { south: 57.6, west: 10.3, north: 57.7, east: 10.5 });
    expect(geohash(57.64911, 10.40744, 5)).toBe("u4pru");
    expect(grid.locate("u4pru")).not.toBeNull();
    expect(grid.locate("u4pruydqqvj")).toBe(grid.locate("u4pru"));
  });

  test("every point of the area is in the cell that its geohash names, and cells are numbered once", () => {
    const point = fc.record({
      latitude: fc.double({ min: CITY.south, max: CITY.north - 1e-9, noNaN: true }),
      longitude: fc.double({ min: CITY.west, max: CITY.east - 1e-9, noNaN: true }),
      precision: fc.integer({ min: 4, max: 7 }),
    });
    fc.assert(
      fc.property(point, ({ latitude, longitude, precision }) => {
        const grid = createGeohashGrid(precision, CITY);
        const text = geohash(latitude, longitude, precision);
        const index = grid.locate(text);
        expect(index).not.toBeNull();
        expect(grid.cell(index ?? -1)).toBe(text);
      }),
    );
    const grid = createGeohashGrid(6, CITY);
    const cells = Array.from({ length: gridSize(6, CITY) }, (_, index) => grid.cell(index));
    expect(new Set(cells).size).toBe(grid.width * grid.height);
    expect(cells.map((cell) => grid.locate(cell))).toEqual(cells.map((_, index) => index));
  });

  test("rows go from south to north, columns from west to east", () => {
    const grid = createGeohashGrid(6, CITY);
    expect(grid.cell(0)).toBe(geohash(CITY.south, CITY.west, 6));
    expect(grid.cell(grid.width - 1)).toBe(geohash(CITY.south, CITY.east, 6));
    expect(grid.cell(grid.width * grid.height - 1)).toBe(geohash(CITY.north, CITY.east, 6));
  });

  test("an area that ends on a cell's border does not reach over it", () => {
    const width = 360 / 2 ** 13;
    const height = 180 / 2 ** 12;
    const area = { south: 0, west: 0, north: 2 * height, east: 3 * width };
    expect(gridSize(5, area)).toBe(6);
  });

  test("the whole earth is a grid", () => {
    const earth = { south: -90, west: -180, north: 90, east: 180 };
    expect(gridSize(4, earth)).toBe(32 ** 4);
    expect(createGeohashGrid(4, earth).cell(0)).toBe("0000");
    expect(createGeohashGrid(4, earth).cell(32 ** 4 - 1)).toBe("zzzz");
  });

  test.each(["", "9q8y", "9q8yA1", "9q8yi1", "u05kng", "9q8y 1"])("%j is in no cell", (text) => {
    expect(createGeohashGrid(6, CITY).locate(text)).toBeNull();
  });
});
