import fc from "fast-check";
import { expect, test } from "vitest";
import { geohashBox } from "./geohash.ts";
import { type Point, pathOf, simplifyLine } from "./simplify.ts";

test("a known geohash is the known box", () => {
  const { south, west, north, east } = geohashBox("ezs42");
  expect(south).toBeCloseTo(42.583, 3);
  expect(north).toBeCloseTo(42.627, 3);
  expect(west).toBeCloseTo(-5.625, 3);
  expect(east).toBeCloseTo(-5.581, 3);
  expect(() => geohashBox("eza")).toThrow(RangeError);
});

test("simplified lines keep their ends and stay within the tolerance", () => {
  const point = fc.tuple(fc.integer({ min: 0, max: 99 }), fc.integer({ min: 0, max: 99 }));
  fc.assert(
    fc.property(fc.array(point, { minLength: 2, maxLength: 40 }), (points) => {
      const simple = simplifyLine(points, 5);
      expect(simple[0]).toEqual(points[0]);
      expect(simple.at(-1)).toEqual(points.at(-1));
      expect(simple.every((kept) => points.includes(kept as [number, number]))).toBe(true);
      for (const [x, y] of points) {
        const distances = simple.slice(1).map((end, index) => {
          const start = simple[index] as Point;
          const [dx, dy] = [end[0] - start[0], end[1] - start[1]];
          const along = ((x - start[0]) * dx + (y - start[1]) * dy) / (dx * dx + dy * dy || 1);
          const clamped = Math.max(0, Math.min(1, along));
          return Math.hypot(x - start[0] - clamped * dx, y - start[1] - clamped * dy);
        });
        expect(Math.min(...distances)).toBeLessThanOrEqual(5 + 1e-9);
      }
    }),
  );
});

test("path data is short: an absolute start and relative steps", () => {
  const line: Point[] = [
    [10.4, 20.2],
    [12, 15],
    [12.2, 15.1],
    [9, 18],
  ];
  expect(pathOf(line, false)).toBe("M10 20l2-5-3 3");
  expect(pathOf(line, true)).toBe("M10 20l2-5-3 3z");
  expect(pathOf([[1, 1]], false)).toBe("");
});
