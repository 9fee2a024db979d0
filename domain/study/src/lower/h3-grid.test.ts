/**
 * Goal: whoever names a place by its H3 cell, by a smaller cell in it, or by its degrees is counted in
 * the same cell, and no area is filled that would take long. Method: random places in random areas.
 */
import fc from "fast-check";
import { latLngToCell } from "h3-js";
import { describe, expect, test } from "vitest";
import { lowerStudy, MapTypeError, parseStudy } from "../index.ts";
import { manifestWith } from "../testing.ts";
import { createGeohashGrid } from "./geohash-grid.ts";
import { createH3Grid, estimateH3Cells } from "./h3-grid.ts";

const area = fc
  .record({
    south: fc.integer({ min: -80, max: 79 }),
    west: fc.integer({ min: -179, max: 178 }),
    height: fc.double({ min: 0.05, max: 0.9, noNaN: true }),
    width: fc.double({ min: 0.05, max: 0.9, noNaN: true }),
  })
  .map(({ south, west, height, width }) => ({
    south,
    west,
    north: south + height,
    east: west + width,
  }));
const share = fc.double({ min: 0, max: 1, noNaN: true });

describe("H3 cells of an area", () => {
  test("hold every place in it, by its cell, by a smaller one and by its degrees", () => {
    fc.assert(
      fc.property(area, fc.integer({ min: 3, max: 7 }), share, share, (box, resolution, u, v) => {
        const grid = createH3Grid(resolution, box);
        const latitude = box.south + u * (box.north - box.south);
        const longitude = box.west + v * (box.east - box.west);
        const number = grid.locatePoint(latitude, longitude);
        const cell = latLngToCell(latitude, longitude, resolution);
        expect(number).not.toBeNull();
        expect(grid.cell(number ?? -1)).toBe(cell);
        expect(grid.locate(cell.toUpperCase())).toBe(number);
        expect(grid.locate(latLngToCell(latitude, longitude, 2))).toBeNull();
      }),
      { numRuns: 200 },
    );
  });

  test("are reckoned to a half without making them", () => {
    fc.assert(
      fc.property(area, (box) => {
        const estimate = estimateH3Cells(7, box);
        fc.pre(estimate > 100);
        expect(createH3Grid(7, box).size / estimate).toBeGreaterThan(0.5);
        expect(createH3Grid(7, box).size / estimate).toBeLessThan(2.5);
      }),
      { numRuns: 50 },
    );
  });

  test("smaller cells count in the one around them, other texts nowhere", () => {
    const grid = createH3Grid(7, { south: 37.7, west: -122.52, north: 37.82, east: -122.35 });
    const [small, cell] = [9, 7].map((resolution) => latLngToCell(37.77, -122.42, resolution));
    // A smaller cell may stick out of the larger one that it belongs to.
    expect(grid.locate(small ?? "")).toBe(grid.locate(cell ?? ""));
    for (const text of ["", "8", "zz", "ffffffffffffffff", "9q8yy", `${cell}0`]) {
      expect(grid.locate(text)).toBeNull();
    }
    expect(grid.locatePoint(91, 0)).toBeNull();
    expect(grid.locatePoint(0, 0)).toBeNull();
  });
});

test("a geohash grid finds places by their degrees, its borders included", () => {
  const grid = createGeohashGrid(5, { south: 37.7, west: -122.52, north: 37.82, east: -122.35 });
  expect(grid.cell(grid.locatePoint(37.775, -122.418) ?? -1)).toBe("9q8yy");
  expect(grid.locatePoint(0, 0)).toBeNull();
});

describe("a study of H3 cells", () => {
  const draft = (cells: string): string =>
    manifestWith({
      map: "{ language: sql, source: SELECT place FROM census }",
      result: `{ group: { place: ${cells} }, measures: { people: count } }`,
    });
  const encode = (value: string): unknown => {
    const reading = parseStudy(
      draft("{ h3: 6, area: [37.7, -122.52, 37.82, -122.35], at_most: 2 }"),
    );
    if (!reading.ok) throw new Error(JSON.stringify(reading.problems));
    const [vector] = lowerStudy(reading.study).encode({ place: value });
    return vector;
  };

  test("takes cells and places in one list, each cell once, and no more than at_most", () => {
    const cell = latLngToCell(37.77, -122.42, 6);
    const ones = (list: readonly unknown[]): number =>
      (encode(JSON.stringify(list)) as number[]).reduce((sum, one) => sum + one, 0);
    expect(ones([cell, [37.77, -122.42], null, [0, 0]])).toBe(1);
    expect(encode(JSON.stringify([cell]))).toEqual(encode("[[37.77, -122.42]]"));
    expect(
      ones([
        [37.71, -122.51],
        [37.77, -122.42],
        [37.81, -122.36],
      ]),
    ).toBe(2);
    for (const list of ["[[1]]", "[[1, 2, 3]]", '[["a", 1]]', "[[1, null]]", "[{}]", "[5]"]) {
      expect(() => encode(list), list).toThrow(MapTypeError);
    }
  });

  test.each([
    ["{ h3: 7, area: [30, -130, 50, -80] }", "area", /fewer than 100000 cells.*about 1\d{6}/],
    ["{ h3: 9, area: [36, -123, 38, -121] }", "area", /fewer than 100000 cells.*about \d{6}/],
    ["{ h3: 3, area: [-60, -130, 50, -80] }", "area", /at most 90 degrees each way/],
    ["{ h3: 12, area: [37, -123, 38, -122] }", "h3", /H3 resolution.* 3 to 9, got 12/],
    ["{ h3: 7 }", "area", /expected area, got nothing/],
    [
      "{ h3: 5, area: [37.7, -122.52, 37.82, -122.35], at_most: 99 }",
      "at_most",
      /at_most of \d cells/,
    ],
    ["{ h3: 5, geohash: 5, area: [37.7, -122.52, 37.82, -122.35] }", "h3", /got "h3"/],
  ])("%s is refused in words", (cells, field, message) => {
    const reading = parseStudy(draft(cells));
    const [problem] = reading.ok ? [] : reading.problems;
    expect(problem?.path).toBe(`result.group.place.${field}`);
    expect(problem?.message).toMatch(message);
  });
});
