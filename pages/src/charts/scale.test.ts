import fc from "fast-check";
import { expect, test } from "vitest";
import { classBorders, classOf, linearScale } from "./scale.ts";

test("ticks are round and the values lie between the ends", () => {
  const scale = linearScale([151.2, 206.9], { start: 0, end: 100, tickCount: 6 });
  expect(scale.ticks).toEqual([150, 160, 170, 180, 190, 200, 210]);
  expect(scale.at(150)).toBe(0);
  expect(scale.at(210)).toBe(100);
});

test("any finite values make a scale that contains them and clamps the rest", () => {
  const value = fc.double({ min: -1e9, max: 1e9, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1 }),
      fc.integer({ min: 2, max: 8 }),
      (values, tickCount) => {
        const scale = linearScale(values, { start: 10, end: 90, tickCount });
        for (const one of [...values, -Infinity, Infinity]) {
          expect(scale.at(one)).toBeGreaterThanOrEqual(10);
          expect(scale.at(one)).toBeLessThanOrEqual(90);
        }
        expect(scale.low).toBeLessThan(scale.high);
        expect(scale.ticks.length).toBeLessThanOrEqual(tickCount + 3);
      },
    ),
  );
});

test.each([
  ["the smallest numbers there are", [-5e-324, 0]],
  ["large numbers next to each other", [1e9, 1e9 + 1e-7]],
  ["one number", [42]],
  ["nothing", []],
])("%s make a scale too", (_, values) => {
  const scale = linearScale(values, { start: 10, end: 90, tickCount: 4 });
  for (const value of values) expect(scale.at(value)).toBeGreaterThanOrEqual(10);
  expect(scale.low).toBeLessThan(scale.high);
});

test("map classes start at the smallest group and never exceed the ramp", () => {
  expect(classBorders(50, 340)).toEqual([50, 100, 150, 200, 250, 300]);
  expect(classBorders(200, 8000)).toEqual([200, 500, 1000, 2000, 5000]);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 10_000 }),
      fc.integer({ min: 1, max: 10_000_000 }),
      (low, high) => {
        const borders = classBorders(low, high);
        expect(borders.length).toBeLessThanOrEqual(6);
        expect(borders).toEqual([...new Set(borders)].toSorted((a, b) => a - b));
        if (high > low) expect(borders[0]).toBe(low);
      },
    ),
  );
  expect([49, 50, 99, 100, 999].map((value) => classOf(value, [50, 100]))).toEqual([
    -1, 0, 0, 1, 1,
  ]);
});
