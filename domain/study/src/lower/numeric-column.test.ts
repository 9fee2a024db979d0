import fc from "fast-check";
import { expect, test } from "vitest";
import { defaultResolution, isWholeSteps, levelOf, levelsOf, unitsOf } from "./numeric-column.ts";

test.each([
  [0, 1, 0.001],
  [0, 27, 0.01],
  [100, 320, 0.1],
  [0, 1000, 1],
  [-1e6, 1e6, 1],
  [12.5, 60, 0.01],
  [0, 0.3, 1e-4],
  [0, 1e-9, 1e-12],
])("without a resolution, %s to %s is read in steps of %s", (min, max, resolution) => {
  expect(defaultResolution(min, max)).toBeCloseTo(resolution, 15);
});

test("a default resolution makes whole steps, and moves no value by more than half of one", () => {
  const bound = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(bound, bound, fc.double({ min: 0, max: 1, noNaN: true }), (a, b, share) => {
      const [min, max] = [Math.min(a, b), Math.max(a, b)];
      fc.pre(max - min > 1e-6);
      const resolution = defaultResolution(min, max);
      expect(isWholeSteps({ min, max, resolution })).toBe(true);
      const column = { column: "x", min, max, resolution };
      expect(levelsOf(column)).toBeGreaterThanOrEqual(1000);
      const value = min + share * (max - min);
      const read = min + unitsOf(levelOf(value, column), resolution);
      expect(Math.abs(read - value)).toBeLessThanOrEqual((max - min) * 0.000501);
    }),
  );
});

test("whole numbers come back exactly from steps of a tenth or a thousandth", () => {
  for (const resolution of [0.1, 0.01, 0.001, 1e-4, 1e-5, 1e-6]) {
    const stepsPerUnit = Math.round(1 / resolution);
    for (let units = -300; units < 300; units++) {
      expect(unitsOf(units * stepsPerUnit, resolution)).toBe(units);
    }
  }
});
