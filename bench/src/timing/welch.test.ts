import { describe, expect, it } from "vitest";
import { addValue, createMoments, type Moments, standardError, welchT } from "./welch.ts";

function momentsOf(values: readonly number[]): Moments {
  const moments = createMoments();
  for (const value of values) addValue(moments, value);
  return moments;
}

describe("Welch's t", () => {
  // The first and the third example of the article "Welch's t-test" in Wikipedia.
  const EQUAL_VARIANCES = [
    // biome-ignore format: a sample a line
    [27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19.0, 21.7, 21.4],
    // biome-ignore format: a sample a line
    [27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0, 24.8, 20.2, 21.9, 22.1, 22.9, 20.5, 24.4],
  ] as const;
  const UNEQUAL_VARIANCES = [
    // biome-ignore format: a sample a line
    [19.8, 20.4, 19.6, 17.8, 18.5, 18.9, 18.3, 18.9, 19.5, 22.0],
    // biome-ignore format: a sample a line
    [28.2, 26.6, 20.1, 23.3, 25.2, 22.1, 17.7, 27.6, 20.6, 13.7, 23.2, 17.5, 20.6, 18.0, 23.9, 21.6, 24.3, 20.4, 24.0, 13.2],
  ] as const;

  it.each([
    [EQUAL_VARIANCES, -2.46],
    [UNEQUAL_VARIANCES, -2.22],
  ] as const)("is what the books say", ([left, right], expected) => {
    expect(welchT(momentsOf(left), momentsOf(right))).toBeCloseTo(expected, 2);
    expect(welchT(momentsOf(right), momentsOf(left))).toBeCloseTo(-expected, 2);
  });

  it("counts means in standard errors", () => {
    const [left, right] = [momentsOf([1, 2, 3]), momentsOf([5, 7, 9])];
    expect(standardError(left, right)).toBeCloseTo(Math.sqrt(1 / 3 + 4 / 3), 12);
    expect(welchT(left, right)).toBeCloseTo(-5 / standardError(left, right), 12);
  });

  it("says nothing of nothing", () => {
    expect(welchT(momentsOf([]), momentsOf([1, 2]))).toBe(0);
    expect(welchT(momentsOf([7]), momentsOf([1, 2]))).toBe(0);
    expect(welchT(momentsOf([3, 3]), momentsOf([3, 3]))).toBe(0);
  });

  it("is infinite where certainty is", () => {
    expect(welchT(momentsOf([4, 4]), momentsOf([3, 3]))).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("moments", () => {
  it("keep their digits far from zero", () => {
    const { count, mean, squares } = momentsOf([1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16]);
    expect({ count, mean, squares }).toEqual({ count: 4, mean: 1e9 + 10, squares: 90 });
  });
});
