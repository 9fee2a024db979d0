import { defined, unreachable } from "@sumus/assert";
import { halfWidth95, type NoiseTerm } from "@sumus/dp";
import { createPrio3 } from "@sumus/vdaf";
import { levelsOf, unitsOf } from "./numeric-column.ts";
import { ratioInterval } from "./ratio-interval.ts";
import { type MeasurePlan, type StudyPlan, statesOf, type TaskPlan } from "./study-plan.ts";

/** One number of a release. */
export interface ReleaseMeasure {
  /** The measure's name in the study. */
  readonly name: string;
  /** The group by dimension, null when there are no groups. */
  readonly group: Readonly<Record<string, string>> | null;
  /** The bin of a histogram, such as `[160, 200)`; else null. */
  readonly bin: string | null;
  /** Null when suppressed, and for the mean of nobody. */
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
  const { fieldModulus, outputLength } = createPrio3(task.vdaf);
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

  release(measure: MeasurePlan): ReleaseMeasure[] {
    const { cells } = this.#plan;
    const numbers: ReleaseMeasure[] = [];
    const bins = measure.kind === "spread" ? binLabels(measure.measure.edges) : [null];
    for (let cell = 0; cell < cells.count; cell++) {
      const group = cells.labels(cell);
      for (const [index, bin] of bins.entries()) {
        const { people, ...estimate } = this.#estimate(measure, cell, index);
        const suppressed = this.#noised && people < this.#plan.study.privacy.peopleMin;
        const said = suppressed ? { estimate: null, low: null, high: null } : estimate;
        numbers.push({ name: measure.measure.name, group, bin, ...said, suppressed });
      }
    }
    return numbers;
  }

  #estimate(plan: MeasurePlan, cell: number, bin: number): Estimate {
    switch (plan.kind) {
      case "count":
        return this.#count(this.#people(plan.people, cell));
      case "numeric":
        return plan.measure.kind === "sum" ? this.#sum(plan, cell) : this.#mean(plan, cell);
      case "spread": {
        const bins = plan.measure.edges.length - 1;
        return this.#count([{ task: plan.spread, index: cell * bins + bin }]);
      }
      default:
        return unreachable(plan);
    }
  }

  /** The numbers whose sum is the people with a row in a cell. */
  #people(task: number, cell: number): readonly Place[] {
    const states = this.#states(task);
    return Array.from({ length: states }, (_, state) => ({ task, index: cell * states + state }));
  }

  /** The number of people with a value in a cell. */
  #withValue(task: number, cell: number): Place {
    return { task, index: cell * this.#states(task) };
  }

  #states(task: number): number {
    const { quantity } = this.#task(task);
    return quantity.kind === "people" ? statesOf(quantity) : 1;
  }

  #count(places: readonly Place[]): Estimate {
    const count = places.reduce((sum, place) => sum + this.#value(place), 0);
    // People are whole: nothing between two whole numbers belongs to the interval.
    const half = Math.floor(this.#half(places.map((place) => [1, place])));
    return { estimate: count, low: Math.max(0, count - half), high: count + half, people: count };
  }

  /** A sum of steps above min: the min itself comes back with the people who have a value. */
  #sum(plan: MeasurePlan & { kind: "numeric" }, cell: number): Estimate {
    const { min, resolution } = plan.measure;
    const people = this.#withValue(plan.people, cell);
    const total = { task: plan.total, index: cell };
    const count = this.#value(people);
    const estimate = min * count + unitsOf(this.#value(total), resolution);
    const half = this.#half([
      [resolution, total],
      [min, people],
    ]);
    return { estimate, low: estimate - half, high: estimate + half, people: count };
  }

  #mean(plan: MeasurePlan & { kind: "numeric" }, cell: number): Estimate {
    const { measure } = plan;
    const max = levelsOf(measure);
    const people = this.#withValue(plan.people, cell);
    const count = this.#value(people);
    const sum = this.#value({ task: plan.total, index: cell });
    if (count <= 0) return { estimate: null, low: null, high: null, people: count };
    const ratio = Math.min(Math.max(sum / count, 0), max);
    const [low, high] = this.#noised
      ? ratioInterval({
          sum,
          sumNoise: this.#task(plan.total).noise,
          count,
          countNoise: this.#task(plan.people).noise,
          max,
        })
      : [ratio, ratio];
    const toUnits = (steps: number): number => measure.min + unitsOf(steps, measure.resolution);
    return { estimate: toUnits(ratio), low: toUnits(low), high: toUnits(high), people: count };
  }

  #half(parts: readonly (readonly [coefficient: number, place: Place])[]): number {
    if (!this.#noised) return 0;
    const terms = parts
      .filter(([coefficient]) => coefficient !== 0)
      .map(
        ([coefficient, { task }]): NoiseTerm => ({ coefficient, noise: this.#task(task).noise }),
      );
    return halfWidth95(terms);
  }

  #value({ task, index }: Place): number {
    return defined(this.#values[task]?.[index], "a place lies in the plan's aggregates");
  }

  #task(index: number): TaskPlan {
    return defined(this.#plan.tasks[index], "a measure names tasks of its plan");
  }
}

/** One number of one aggregate. */
interface Place {
  readonly task: number;
  readonly index: number;
}

/** Bins as half-open ranges; the last is closed. */
function binLabels(edges: readonly number[]): readonly string[] {
  return edges.slice(1).map((high, index) => {
    const end = index === edges.length - 2 ? "]" : ")";
    return `[${edges[index]}, ${high}${end}`;
  });
}
