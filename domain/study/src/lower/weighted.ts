/**
 * Sums from which a weighted mean and the people behind it follow, in one task. With x the steps of a
 * value above its min, of L in all, and w those of a weight, of W in all, a person adds
 *
 *     w (L - x),  w x,  (W - w) L      together W L
 *
 * to the numbers of her cell: never negative, and with one sum whatever value and weight are. The
 * first two are to a weighted mean what (L - x), x are to a mean [see `moments.ts`]; what the weight
 * lacks to its max makes people out of them, without any more noise.
 *
 * @module
 */
import { defined } from "@sumus/assert";
import type { Noise } from "@sumus/dp";
import type { NumericColumn, PersonWeight } from "../study.ts";
import type { MomentSums } from "./moments.ts";
import { levelsOf } from "./numeric-column.ts";
import type { PartOfColumn } from "./study-plan.ts";

/** Numbers of a cell. */
export const WEIGHTED_NUMBERS = 3;

/** Steps from a weight of 0 to its max. */
export function weightLevels({ max, resolution }: PersonWeight): number {
  return Math.round(max / resolution);
}

/** The steps of a weight, clipped to its bound and rounded to the nearest step. */
export function weightLevel(value: number, weight: PersonWeight): number {
  const { max, resolution } = weight;
  const steps = Math.round(Math.min(Math.max(value, 0), max) / resolution);
  return Math.min(steps, weightLevels(weight));
}

/** The steps that a value can lie above its min: a share has two values. */
export function valueLevels(value: NumericColumn | PartOfColumn): number {
  return "resolution" in value ? levelsOf(value) : 1;
}

/** What one person adds up to in her cell. */
export function weightedMax(value: NumericColumn | PartOfColumn, weight: PersonWeight): number {
  return valueLevels(value) * weightLevels(weight);
}

/** What a person adds to the numbers of her cell. */
export function weightedOf(
  [level, levels]: readonly [number, number],
  [weight, weights]: readonly [number, number],
): readonly number[] {
  return [weight * (levels - level), weight * level, (weights - weight) * levels];
}

/** The sums of one cell, read. */
export interface WeightedSums {
  /** What a weighted mean is read from, as if they were those of a mean. */
  readonly moments: MomentSums;
  /** People with a value and a weight. */
  readonly people: number;
  /** What they weigh together, in people of the largest weight. */
  readonly heaviest: number;
}

/** Reads the sums of one cell, noised or not. */
export function readWeighted(
  numbers: readonly number[],
  value: NumericColumn | PartOfColumn,
  weight: PersonWeight,
  noise: Noise | null,
): WeightedSums {
  const [rest, values, lacking] = numbers.map((each) => each / weightedMax(value, weight));
  const sums = [rest, values].map((each) => defined(each, "a cell of three numbers"));
  const heaviest = sums.reduce((all, each) => all + each, 0);
  return {
    moments: { sums: numbers.slice(0, 2), levels: valueLevels(value), noise },
    people: heaviest + defined(lacking, "a cell of three numbers"),
    heaviest,
  };
}
