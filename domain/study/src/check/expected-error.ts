import { defined, unreachable } from "@sumus/assert";
import { halfWidth95, type Noise } from "@sumus/dp";
import { distanceFrom, halfOf, momentsMax } from "../lower/moments.ts";
import { levelsOf } from "../lower/numeric-column.ts";
import { partsIn } from "../lower/parts.ts";
import type { MeasurePlan, Quantity, StudyPlan } from "../lower/study-plan.ts";
import { weightedMax } from "../lower/weighted.ts";
import { quantileHalf } from "../release/quantile.ts";
import type { Measure, NumericMeasure } from "../study.ts";

/** Of values spread evenly over a range of 1. */
export const EVEN_VARIANCE: number = 1 / 12;

/**
 * Half the 95 % interval that noise puts around each number of a measure, in the measure's unit, if
 * `people` have a value in each group. What depends on the values is reckoned with values spread
 * evenly over their range, and is never more than that range.
 */
export function expectedError(
  plan: StudyPlan,
  { measure, task }: MeasurePlan,
  people: number,
): number {
  const { noise, quantity } = defined(plan.tasks[task], "a measure names a task of its plan");
  switch (measure.kind) {
    case "count":
    case "histogram":
    case "prefixes":
      return halfWidth95(noise);
    case "quantiles":
      return quantileError(measure, noise, people);
    case "share": {
      if (quantity.kind === "weighted") return weightedError(quantity, noise, people);
      const inside = quantity.kind === "parts" ? partsIn(measure.of, quantity) : [false, true];
      return shareError(inside, noise, people);
    }
    case "sum":
    case "mean":
    case "variance":
    case "deviation":
      if (quantity.kind === "weighted") return weightedError(quantity, noise, people);
      return numericError(
        measure,
        noise,
        quantity.kind === "moments" ? quantity.degree : 1,
        people,
      );
    default:
      return unreachable(measure);
  }
}

function quantileError(
  { of, edges }: Measure & { kind: "quantiles" },
  noise: Noise,
  people: number,
): number {
  const bins = edges.length - 1;
  const range = rangeOfEdges(edges);
  const halves = of.map((share) => {
    const place = share * bins;
    const bin = Math.min(Math.floor(place), bins - 1);
    return quantileHalf(noise, bins, share, bin, place - bin);
  });
  return Math.min(range, (Math.max(...halves) / Math.max(people, 1)) * range);
}

/** From the lowest to the highest edge. */
export function rangeOfEdges(edges: readonly number[]): number {
  return (edges.at(-1) ?? 0) - (edges[0] ?? 0);
}

function numericError(
  measure: NumericMeasure,
  noise: Noise,
  degree: 1 | 2,
  people: number,
): number {
  const { kind, min, max } = measure;
  const levels = levelsOf(measure);
  const each = momentsMax(levels, degree);
  const half = (coefficients: readonly number[]): number =>
    halfOf({ sums: [], levels, noise }, coefficients) / each;
  const ends = distanceFrom(0, degree);
  if (kind === "mean") return meanError({ min, max, levels }, noise, degree, people);
  if (kind === "sum") return half(ends.map((share) => min + (max - min) * share));
  const range = max - min;
  const known = Math.max(people, 1);
  const squares = [0.25 - EVEN_VARIANCE, -0.25 - EVEN_VARIANCE, 0.25 - EVEN_VARIANCE];
  const variance = half(squares) / known;
  return kind === "variance"
    ? Math.min(largestOf(measure, people), variance * range ** 2)
    : Math.min(largestOf(measure, people), (variance * range) / (2 * Math.sqrt(EVEN_VARIANCE)));
}

function meanError(
  { min, max, levels }: { readonly min: number; readonly max: number; readonly levels: number },
  noise: Noise,
  degree: 1 | 2,
  people: number,
): number {
  const half = halfOf({ sums: [], levels, noise }, distanceFrom(0.5, degree));
  const each = momentsMax(levels, degree);
  return (max - min) * Math.min(1, half / each / Math.max(people, 1));
}

function shareError(isInside: readonly boolean[], noise: Noise, people: number): number {
  const inside = isInside.filter(Boolean).length;
  const counts = [isInside.length - inside, inside];
  const half = halfOf({ sums: [], levels: 1, noise, counts }, distanceFrom(0.5, 1));
  return Math.min(1, half / Math.max(people, 1));
}

/** With weights spread evenly too: half of the largest on average. */
function weightedError(
  { value, weight }: Quantity & { kind: "weighted" },
  noise: Noise,
  people: number,
): number {
  const { min, max } = "resolution" in value ? value : { min: 0, max: 1 };
  const levels = weightedMax(value, weight);
  return meanError({ min, max, levels }, noise, 1, people / 2);
}

/** How far apart two answers to a measure could be at most, or a number from 0. */
export function largestOf(measure: Measure, people: number): number {
  switch (measure.kind) {
    case "count":
    case "histogram":
    case "prefixes":
      return people;
    case "quantiles":
      return rangeOfEdges(measure.edges);
    case "sum":
      return people * Math.max(Math.abs(measure.min), Math.abs(measure.max));
    case "mean":
      return measure.max - measure.min;
    case "share":
      return 1;
    case "variance":
      return (measure.max - measure.min) ** 2 / 4;
    case "deviation":
      return (measure.max - measure.min) / 2;
    default:
      return unreachable(measure);
  }
}
