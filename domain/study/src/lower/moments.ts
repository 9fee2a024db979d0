/**
 * Sums from which the people with a value, its mean and its variance follow, in one task. With x
 * the steps of a value above its min, of L in all, a person adds
 *
 *     degree 1:  L - x,  x                       together L
 *     degree 2:  (L - x)^2,  2 x (L - x),  x^2   together L^2
 *
 * to the numbers of her cell. They are the Bernstein polynomials of x: never negative, and with one
 * sum whatever x is. So the bound of a single total also bounds the count and the sum of squares,
 * one noise serves all of them, and a mean in the middle of its range has half the noise of a total
 * divided by a count that is known exactly.
 *
 * @module
 */
import { defined } from "@sumus/assert";
import { halfWidth95, type Noise } from "@sumus/dp";

/** What one person adds up to in her cell. */
export function momentsMax(levels: number, degree: 1 | 2): number {
  return levels ** degree;
}

/** What a person at a level adds to the numbers of her cell. */
export function momentsOf(level: number, levels: number, degree: 1 | 2): readonly number[] {
  const rest = levels - level;
  return degree === 1 ? [rest, level] : [rest * rest, 2 * rest * level, level * level];
}

/** The sums of one cell, noised or not. */
export interface MomentSums {
  readonly sums: readonly number[];
  readonly levels: number;
  /** Null when there is none. */
  readonly noise: Noise | null;
  /** Of how many noisy numbers each sum is made; one when left out. */
  readonly counts?: readonly number[];
}

/** People with a value. */
export function peopleOf({ sums, levels }: MomentSums): number {
  return sums.reduce((all, sum) => all + sum, 0) / momentsMax(levels, degreeOf(sums));
}

/** The sum of their values, in steps above min. */
export function totalOf({ sums, levels }: MomentSums): number {
  const degree = degreeOf(sums);
  const weighed = sums.reduce((all, sum, index) => all + index * sum, 0);
  return weighed / ((degree * momentsMax(levels, degree)) / levels);
}

/** The variance of their values, in squared steps; not below 0. Of sums of degree 2. */
export function varianceOf(moments: MomentSums): number {
  const people = peopleOf(moments);
  const squares = defined(moments.sums[2], "a variance is read from sums of degree 2");
  return Math.max(0, squares / people - (totalOf(moments) / people) ** 2);
}

/** Half the 95 % interval around the sum of the numbers times their coefficients. */
export function halfOf({ counts, noise }: MomentSums, coefficients: readonly number[]): number {
  if (noise === null) return 0;
  return halfWidth95(
    noise,
    coefficients.map((coefficient, index) => ({ coefficient, count: counts?.[index] ?? 1 })),
  );
}

function degreeOf(sums: readonly number[]): 1 | 2 {
  return sums.length === 2 ? 1 : 2;
}

/** Coefficients with which the numbers of a cell add up to the values' distance from `share`. */
export function distanceFrom(share: number, degree: number): readonly number[] {
  return degree === 1 ? [-share, 1 - share] : [-share, 0.5 - share, 1 - share];
}
