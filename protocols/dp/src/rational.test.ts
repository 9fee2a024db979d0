import fc from "fast-check";
import { expect, test } from "vitest";
import { rational, rationalFromNumber, roundUp, toNumber } from "./rational.ts";

/** Doubles far from the ends of their range. */
const double = fc
  .double({ noNaN: true, min: -1e250, max: 1e250 })
  .filter((value) => value === 0 || Math.abs(value) > 1e-250);

test("a double survives the way to a fraction and back", () => {
  fc.assert(
    fc.property(double, (value) => toNumber(rationalFromNumber(value)) === value || value === 0),
  );
  expect(rationalFromNumber(0.1)).toEqual({
    numerator: 3602879701896397n,
    denominator: 36028797018963968n,
  });
});

test("rounding up never lowers, adds less than a bit's worth, and shortens", () => {
  const positive = fc.bigInt(1n, 2n ** 120n);
  fc.assert(
    fc.property(positive, positive, (numerator, denominator) => {
      const rounded = roundUp(rational(numerator, denominator), 32);
      const left = rounded.numerator * denominator;
      const right = numerator * rounded.denominator;
      expect(left >= right).toBe(true);
      expect((left - right) * 2n ** 30n <= right).toBe(true);
      const significant = rounded.numerator.toString(2).replace(/0+$/, "").length;
      expect(significant).toBeLessThanOrEqual(34);
    }),
  );
});

test("a denominator of zero is refused", () => {
  expect(() => rational(1n, 0n)).toThrow("denominator");
});
