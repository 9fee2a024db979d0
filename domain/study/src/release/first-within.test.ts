import fc from "fast-check";
import { expect, test } from "vitest";
import { firstWithin } from "./first-within.ts";

test("finds where any rising function crosses zero, and is on the right side of it", () => {
  const inside = fc.double({ min: 0.001, max: 0.999, noNaN: true });
  const bend = fc.double({ min: 0.1, max: 10, noNaN: true });
  const scale = fc.double({ min: 1e-3, max: 1e12, noNaN: true });
  fc.assert(
    fc.property(inside, bend, scale, (root, power, factor) => {
      const slack = (x: number): number => factor * (x ** power - root ** power);
      const found = firstWithin(slack, 0, 1);
      expect(slack(found)).toBeGreaterThanOrEqual(0);
      expect(found).toBeCloseTo(root, 9);
    }),
  );
});

test("takes a dozen looks, and hardly more than halving where there is a jump", () => {
  let looks = 0;
  const counted = (slack: (x: number) => number) => (x: number) => {
    looks++;
    return slack(x);
  };
  const bent = (x: number): number => Math.exp(3 * x) - 5;
  expect(firstWithin(counted(bent), 0, 1)).toBeCloseTo(Math.log(5) / 3, 9);
  expect(looks).toBeLessThan(15);
  looks = 0;
  expect(
    firstWithin(
      counted((x) => (x < 0.3 ? -1 : 1e6)),
      0,
      1,
    ),
  ).toBeCloseTo(0.3, 9);
  expect(looks).toBeLessThan(40);
});

test("is the first value where all are within, the last where none is", () => {
  expect(firstWithin(() => 0, 2, 3)).toBe(2);
  expect(firstWithin(() => -1, 2, 3)).toBe(3);
});
