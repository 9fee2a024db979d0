/**
 * Estimates of single numbers, each with its interval from noise, that from sampling, and both.
 *
 * @module
 */
import { halfWidth95, type Noise } from "@sumus/dp";
import { halfOf, type MomentSums, peopleOf, totalOf, varianceOf } from "../lower/moments.ts";
import { unitsOf } from "../lower/numeric-column.ts";
import type { PartOfColumn } from "../lower/study-plan.ts";
import type { WeightedSums } from "../lower/weighted.ts";
import type { NumericColumn, NumericMeasure } from "../study.ts";
import { meanInterval, VARIANCE_MAX, varianceInterval } from "./moment-intervals.ts";
import {
  peopleIn,
  quantileInterval,
  quantileOf,
  quantileSampling,
  type Spread,
} from "./quantile.ts";
import {
  type Interval,
  meanSampling,
  type Sampling,
  type SamplingBasis,
  scaled,
  scoreInterval,
  totalInterval,
} from "./sampling.ts";

/** What is said of a number that cannot be said. */
export const NOTHING = {
  estimate: null,
  low: null,
  high: null,
  sampling: null,
  total: null,
} as const;

/** A number, before it is decided whether it can be said. */
export interface Estimate {
  readonly estimate: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly sampling: Sampling | null;
  readonly total: Interval | null;
  /** The people behind it, noised as they are. */
  readonly people: number;
}

/** A number about the people who took part, and nobody else. */
function ofThese(estimate: number, { low, high }: Interval, people: number): Estimate {
  return { estimate, low, high, sampling: null, total: null, people };
}

/** A number that stands for a population. */
function ofAll(
  estimate: number,
  noise: Interval,
  { sampling, possible }: { readonly sampling: Sampling; readonly possible: Interval },
  people: number,
): Estimate {
  const total = totalInterval(estimate, noise, sampling, possible);
  return { estimate, low: noise.low, high: noise.high, sampling, total, people };
}

export function countEstimate(count: number, noise: Noise | null): Estimate {
  const half = noise === null ? 0 : halfWidth95(noise);
  return ofThese(count, { low: Math.max(0, count - half), high: count + half }, count);
}

export function quantileEstimates(spread: Spread, shares: readonly number[]): Estimate[] {
  const people = peopleIn(spread);
  return shares.map((share) => {
    const estimate = quantileOf(spread, share);
    if (estimate === null) return { ...NOTHING, people };
    const sampling = { ...quantileSampling(spread, share, estimate), basis: "share" } as const;
    const [low, high] =
      spread.noise === null ? [estimate, estimate] : quantileInterval(spread, share);
    const possible = { low: spread.edges[0] ?? low, high: spread.edges.at(-1) ?? high };
    return ofAll(estimate, { low, high }, { sampling, possible }, people);
  });
}

export function numericEstimate(measure: NumericMeasure, moments: MomentSums): Estimate {
  const people = peopleOf(moments);
  if (measure.kind === "sum") return sumEstimate(measure, moments, people);
  if (people <= 0) return { ...NOTHING, people };
  return measure.kind === "mean"
    ? meanEstimate(measure, moments, people)
    : varianceEstimate(measure, moments, people);
}

/** A share of people: the mean of a column of zeros and ones, whose sums are those of some parts. */
export function shareEstimate(
  people: readonly number[],
  isInside: readonly boolean[],
  noise: Noise | null,
): Estimate {
  return ratioOfSides(sidesOf(people, isInside, noise));
}

/** People outside, and people inside. */
function sidesOf(
  people: readonly number[],
  isInside: readonly boolean[],
  noise: Noise | null,
): MomentSums {
  const sides = [false, true].map((inside) =>
    people.filter((_, part) => isInside[part] === inside),
  );
  const sums = sides.map((side) => side.reduce((all, each) => all + each, 0));
  return { sums, levels: 1, noise, counts: sides.map((side) => side.length) };
}

function ratioOfSides(moments: MomentSums): Estimate {
  const people = peopleOf(moments);
  if (people <= 0) return { ...NOTHING, people };
  return ratioEstimate(SHARE, moments, people, {
    ...scoreInterval(meanShare(moments), people),
    basis: "share",
  });
}

/** A weighted mean, or a share of what people weigh. */
export function weightedEstimate(
  { moments, people, heaviest }: WeightedSums,
  value: NumericColumn | PartOfColumn,
): Estimate {
  if (people <= 0 || heaviest <= 0) return { ...NOTHING, people };
  return ratioEstimate("resolution" in value ? value : SHARE, moments, people, {
    ...scoreInterval(meanShare(moments), heaviest),
    basis: "bounds",
  });
}

/** The range of a share. */
const SHARE = { min: 0, max: 1, resolution: 1 } as const;

/** The mean of a cell between 0 and 1, where its noise would take it beyond. */
function meanShare(moments: MomentSums): number {
  const steps = totalOf(moments) / peopleOf(moments);
  return Math.min(Math.max(steps, 0), moments.levels) / moments.levels;
}

/** A mean in its column's unit, from its sampling in units of the range. */
function ratioEstimate(
  { min, max, resolution }: Omit<NumericColumn, "column">,
  moments: MomentSums,
  people: number,
  sampling: Sampling,
): Estimate {
  const steps = Math.min(Math.max(totalOf(moments) / peopleOf(moments), 0), moments.levels);
  const estimate = min + unitsOf(steps, resolution);
  const ofColumn = {
    sampling: { ...scaled(sampling, min, max), basis: sampling.basis },
    possible: { low: min, high: max },
  };
  if (moments.noise === null) {
    return ofAll(estimate, { low: estimate, high: estimate }, ofColumn, people);
  }
  const [low, high] = meanInterval(moments);
  return ofAll(estimate, scaled({ low, high }, min, max), ofColumn, people);
}

/** A sum of steps above min: the min itself comes back with the people who have a value. */
function sumEstimate(
  { min, max, resolution }: NumericMeasure,
  moments: MomentSums,
  people: number,
): Estimate {
  const { levels, sums } = moments;
  const degree = sums.length - 1;
  const estimate = min * people + unitsOf(totalOf(moments), resolution);
  const coefficients = sums.map(
    (_, index) => (min + ((max - min) * index) / degree) / levels ** degree,
  );
  const half = halfOf(moments, coefficients);
  return ofThese(estimate, { low: estimate - half, high: estimate + half }, people);
}

function meanEstimate(column: NumericColumn, moments: MomentSums, people: number): Estimate {
  const mean = meanShare(moments);
  const bounds: Sampling = { ...scoreInterval(mean, people), basis: "bounds" };
  if (moments.sums.length < 3) return ratioEstimate(column, moments, people, bounds);
  // A variance is released of the same column; the largest that its noise allows.
  const variance = varianceOf(moments) / moments.levels ** 2;
  const [, most] = moments.noise === null ? [0, variance] : varianceInterval(moments, variance);
  const known = meanSampling(mean, most, people);
  const isCloser = known.high - known.low < bounds.high - bounds.low;
  const sampling = isCloser ? { ...known, basis: "variance" as const } : bounds;
  return ratioEstimate(column, moments, people, sampling);
}

function varianceEstimate(
  { kind, min, max, resolution }: NumericMeasure,
  moments: MomentSums,
  people: number,
): Estimate {
  const { levels, noise } = moments;
  const squaredRange = levels * levels;
  const steps = Math.min(varianceOf(moments), VARIANCE_MAX * squaredRange);
  const released = (variance: number): number =>
    kind === "variance" ? variance : Math.sqrt(variance);
  const ofRange = (share: number): number => released(share * (max - min) ** 2);
  const estimate = released(unitsOf(unitsOf(steps, resolution), resolution));
  const share = steps / squaredRange;
  const [low, high] = noise === null ? [share, share] : varianceInterval(moments, share);
  const ends = varianceSampling(share, meanShare(moments), people);
  const ofColumn = {
    sampling: { low: ofRange(ends.low), high: ofRange(ends.high), basis: BOUNDS },
    possible: { low: 0, high: ofRange(VARIANCE_MAX) },
  };
  const ofNoise = { low: ofRange(low), high: ofRange(high) };
  return noise === null
    ? ofAll(estimate, { low: estimate, high: estimate }, ofColumn, people)
    : ofAll(estimate, ofNoise, ofColumn, people);
}

const BOUNDS: SamplingBasis = "bounds";

/** A variance is a mean of squared distances, which lie below that of the farther end. */
function varianceSampling(variance: number, mean: number, people: number): Interval {
  const farthest = Math.max(mean, 1 - mean) ** 2;
  return scaled(scoreInterval(Math.min(1, variance / farthest), people), 0, farthest);
}
