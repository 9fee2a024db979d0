import { defined, unreachable } from "@sumus/assert";
import { halfWidth95 } from "@sumus/dp";
import { levelsOf } from "./numeric-column.ts";
import { type MeasurePlan, type StudyPlan, statesOf, type TaskPlan } from "./study-plan.ts";

/**
 * Half the 95 % interval that noise puts around each number of a measure, in the measure's unit, if
 * `people` have a value in each group. For a mean it is reckoned at the middle of its range, and no
 * more than the range.
 */
export function expectedError(plan: StudyPlan, measure: MeasurePlan, people: number): number {
  const task = (index: number): TaskPlan =>
    defined(plan.tasks[index], "a measure names tasks of its plan");
  switch (measure.kind) {
    case "count": {
      const { noise, quantity } = task(measure.people);
      const states = quantity.kind === "people" ? statesOf(quantity) : 1;
      return Math.floor(halfWidth95(Array(states).fill({ coefficient: 1, noise })));
    }
    case "spread":
      return Math.floor(halfWidth95([{ coefficient: 1, noise: task(measure.spread).noise }]));
    case "numeric": {
      const { kind, min, resolution } = measure.measure;
      const [sumNoise, countNoise] = [task(measure.total).noise, task(measure.people).noise];
      if (kind === "sum") {
        const terms = [
          { coefficient: resolution, noise: sumNoise },
          { coefficient: min, noise: countNoise },
        ];
        return halfWidth95(terms.filter(({ coefficient }) => coefficient !== 0));
      }
      const levels = levelsOf(measure.measure);
      const steps = halfWidth95([
        { coefficient: 1, noise: sumNoise },
        { coefficient: levels / 2, noise: countNoise },
      ]);
      return resolution * Math.min(levels, steps / Math.max(people, 1));
    }
    default:
      return unreachable(measure);
  }
}
