import { defined, unreachable } from "@sumus/assert";
import { halfWidth95, type Noise } from "@sumus/dp";
import { aggregateVdaf } from "./aggregate-vdaf.ts";
import { meanInterval, VARIANCE_MAX, varianceInterval } from "./moment-intervals.ts";
import { halfOf, type MomentSums, peopleOf, totalOf, varianceOf } from "./moments.ts";
import { numbersOf } from "./numbers-of.ts";
import { levelsOf, unitsOf } from "./numeric-column.ts";
import { peopleIn, quantileInterval, quantileOf, type Spread } from "./quantile.ts";
import type { Measure, NumericMeasure } from "./study.ts";
import type { MeasurePlan, StudyPlan, TaskPlan } from "./study-plan.ts";

/** One number of a release. */
export interface ReleaseMeasure {
  /** The measure's name in the study. */
  readonly name: string;
  /** The group by dimension, null when there are no groups. */
  readonly group: Readonly<Record<string, string>> | null;
  /** The bin of a histogram, such as `[160, 200)`; the share of a quantile, a prefix; else null. */
  readonly bin: string | null;
  /** Null when suppressed, and for what nobody has, such as the mean of no values. */
  readonly estimate: number | null;
  /** The 95 % interval from the noise of both nodes; null with the estimate. */
  readonly low: number | null;
  readonly high: number | null;
  /** The noised count of people behind the number is below people_min: too uncertain to say. */
  readonly suppressed: boolean;
}

/** A number, before it is decided whether it can be said. */
interface Estimate {
  readonly estimate: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** The people behind it, noised as they are. */
  readonly people: number;
}

/**
 * Reads a release from the aggregates of a study's tasks.
 *
 * @param aggregates per task the vector that unsharding gives: residues of the task's field, of
 *   which the upper half stand for negative numbers, or plain sums
 * @param noised whether nodes added the plan's noise. Without it the result is the exact truth:
 *   nothing is suppressed, and an interval is the number itself
 * @throws {RangeError} when the aggregates do not have the plan's shape
 */
export function estimateStudy(
  plan: StudyPlan,
  aggregates: readonly (readonly (bigint | number)[])[],
  { noised }: { readonly noised: boolean },
): ReleaseMeasure[] {
  if (aggregates.length !== plan.tasks.length) {
    throw new RangeError(`expected ${plan.tasks.length} aggregates, got ${aggregates.length}`);
  }
  const values = plan.tasks.map((task, index) => signedValues(task, aggregates[index] ?? []));
  const reader = new AggregateReader(plan, values, noised);
  return plan.measures.flatMap((measure) => reader.release(measure));
}

/** Residues above half the field's modulus are negative: noise takes small sums below zero. */
function signedValues(task: TaskPlan, aggregate: readonly (bigint | number)[]): number[] {
  const { fieldModulus, outputLength } = aggregateVdaf(task);
  if (aggregate.length !== outputLength) {
    const message = `expected ${outputLength} numbers of task ${task.index}`;
    throw new RangeError(`${message}, got ${aggregate.length}`);
  }
  return aggregate.map((value) => {
    const residue = BigInt(value);
    return Number(residue > fieldModulus / 2n ? residue - fieldModulus : residue);
  });
}

class AggregateReader {
  readonly #plan: StudyPlan;
  readonly #values: readonly (readonly number[])[];
  readonly #noised: boolean;

  constructor(plan: StudyPlan, values: readonly (readonly number[])[], noised: boolean) {
    this.#plan = plan;
    this.#values = values;
    this.#noised = noised;
  }

  release({ measure, task: index }: MeasurePlan): ReleaseMeasure[] {
    const { privacy } = this.#plan.study;
    const task = defined(this.#plan.tasks[index], "a measure names a task of its plan");
    const names = numbersOf(measure);
    const { cells } = task;
    return Array.from({ length: cells.count }, (_, cell) => {
      const group = cells.labels(cell);
      return this.#estimates(measure, task, cell).map(({ people, ...estimate }, at) => {
        const suppressed = this.#noised && people < privacy.peopleMin;
        const said = suppressed ? { estimate: null, low: null, high: null } : estimate;
        return { name: measure.name, group, bin: names[at] ?? null, ...said, suppressed };
      });
    }).flat();
  }

  /** The numbers of one cell. */
  #estimates(measure: Measure, task: TaskPlan, cell: number): Estimate[] {
    const { index, quantity } = task;
    const noise = this.#noised ? task.noise : null;
    const part = (width: number): readonly number[] =>
      (this.#values[index] ?? []).slice(cell * width, (cell + 1) * width);
    switch (measure.kind) {
      case "count":
        return part(1).map((count) => countEstimate(count, noise));
      case "histogram":
        return part(measure.edges.length - 1).map((count) => countEstimate(count, noise));
      case "prefixes":
        return part(measure.candidates.length).map((count) => countEstimate(count, noise));
      case "quantiles": {
        const counts = part(measure.edges.length - 1);
        return quantileEstimates({ counts, edges: measure.edges, noise }, measure.of);
      }
      case "sum":
      case "mean":
      case "variance":
      case "deviation": {
        const degree = quantity.kind === "moments" ? quantity.degree : 1;
        const moments = { sums: part(degree + 1), levels: levelsOf(measure), noise };
        return [numericEstimate(measure, moments)];
      }
      default:
        return unreachable(measure);
    }
  }
}

function countEstimate(count: number, noise: Noise | null): Estimate {
  // People are whole: nothing between two whole numbers belongs to the interval.
  const half = noise === null ? 0 : Math.floor(halfWidth95([{ coefficient: 1, noise }]));
  return { estimate: count, low: Math.max(0, count - half), high: count + half, people: count };
}

function quantileEstimates(spread: Spread, shares: readonly number[]): Estimate[] {
  const people = peopleIn(spread);
  return shares.map((share) => {
    const estimate = quantileOf(spread, share);
    if (estimate === null) return { estimate, low: null, high: null, people };
    if (spread.noise === null) return { estimate, low: estimate, high: estimate, people };
    const [low, high] = quantileInterval(spread, share);
    return { estimate, low, high, people };
  });
}

function numericEstimate(measure: NumericMeasure, moments: MomentSums): Estimate {
  const people = peopleOf(moments);
  if (measure.kind === "sum") return sumEstimate(measure, moments, people);
  if (people <= 0) return { estimate: null, low: null, high: null, people };
  return measure.kind === "mean"
    ? meanEstimate(measure, moments, people)
    : varianceEstimate(measure, moments, people);
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
  return { estimate, low: estimate - half, high: estimate + half, people };
}

function meanEstimate(
  { min, max, resolution }: NumericMeasure,
  moments: MomentSums,
  people: number,
): Estimate {
  const steps = Math.min(Math.max(totalOf(moments) / people, 0), moments.levels);
  const estimate = min + unitsOf(steps, resolution);
  if (moments.noise === null) return { estimate, low: estimate, high: estimate, people };
  const [low, high] = meanInterval(moments).map((share) => min + share * (max - min));
  return { estimate, low: low ?? min, high: high ?? max, people };
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
  const estimate = released(unitsOf(unitsOf(steps, resolution), resolution));
  if (noise === null) return { estimate, low: estimate, high: estimate, people };
  const interval = varianceInterval(moments, steps / squaredRange);
  const [low, high] = interval.map((share) => released(share * (max - min) ** 2));
  return {
    estimate,
    low: low ?? 0,
    high: high ?? released(VARIANCE_MAX * (max - min) ** 2),
    people,
  };
}
