import { defined, unreachable } from "@sumus/assert";
import { aggregateVdaf } from "../lower/aggregate-vdaf.ts";
import { numbersOf } from "../lower/numbers-of.ts";
import { levelsOf } from "../lower/numeric-column.ts";
import { partCount, partsIn } from "../lower/parts.ts";
import type { MeasurePlan, StudyPlan, TaskPlan } from "../lower/study-plan.ts";
import { readWeighted, WEIGHTED_NUMBERS } from "../lower/weighted.ts";
import type { Measure } from "../study.ts";
import {
  countEstimate,
  type Estimate,
  NOTHING,
  numericEstimate,
  quantileEstimates,
  shareEstimate,
  weightedEstimate,
} from "./estimates.ts";
import type { Interval, Sampling } from "./sampling.ts";

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
  /** The 95 % interval from the noise of both nodes, about those who took part; null with the estimate. */
  readonly low: number | null;
  readonly high: number | null;
  /**
   * The 95 % interval from sampling alone, about the population that they stand for, and what it is
   * reckoned from. Null for counts and sums, which are about those who took part.
   */
  readonly sampling: Sampling | null;
  /** The 95 % interval about that population, from noise and sampling together. */
  readonly total: Interval | null;
  /** The noised count of people behind the number is below people_min: too uncertain to say. */
  readonly suppressed: boolean;
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
        const said = suppressed ? NOTHING : estimate;
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
      case "deviation":
      case "share": {
        if (quantity.kind === "weighted") {
          const { value, weight } = quantity;
          return [
            weightedEstimate(readWeighted(part(WEIGHTED_NUMBERS), value, weight, noise), value),
          ];
        }
        if (measure.kind === "share") {
          if (quantity.kind !== "parts") throw new TypeError("a share is read from parts");
          const isInside = partsIn(measure.of, quantity);
          return [shareEstimate(part(partCount(quantity)), isInside, noise)];
        }
        const degree = quantity.kind === "moments" ? quantity.degree : 1;
        const moments = { sums: part(degree + 1), levels: levelsOf(measure), noise };
        return [numericEstimate(measure, moments)];
      }
      default:
        return unreachable(measure);
    }
  }
}
