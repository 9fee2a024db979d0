import type { Cursor } from "@sumus/document";
import { standardDeviation } from "@sumus/dp";
import { NOISE_DEVIATION_MAX } from "@sumus/task";
import { expectedError } from "./expected-error.ts";
import { lowerStudy } from "./lower-study.ts";
import type { Study } from "./study.ts";
import type { MeasurePlan } from "./study-plan.ts";

/** Says before anybody is asked when noise would drown the answer. */
export function checkNoise(cursor: Cursor, study: Study): void {
  const plan = lowerStudy(study);
  for (const { noise, purpose } of plan.tasks) {
    if (standardDeviation(noise) <= NOISE_DEVIATION_MAX) continue;
    const message = `expected noise that an aggregate can hold, got more for ${purpose}`;
    cursor.problem(message, "raise epsilon, or declare narrower bounds");
    return;
  }
  const { peopleMin } = study.privacy;
  for (const measure of plan.measures) {
    const error = expectedError(plan, measure, peopleMin);
    const most = mostOf(measure, peopleMin);
    if (error <= most) continue;
    const { name } = measure.measure;
    cursor.warning(
      `the noise is larger than the answer could be: each number of ${name} is known to ` +
        `±${round(error)}, and a group of ${peopleMin} people makes at most ${round(most)}`,
      "raise epsilon or people_min, or ask for fewer measures or cells a person",
    );
  }
}

/** The largest that a number of a measure can be in a group of so many people. */
function mostOf(plan: MeasurePlan, people: number): number {
  if (plan.kind !== "numeric") return people;
  const { kind, min, max } = plan.measure;
  // A mean is known by its bounds to half their distance, without asking anybody.
  return kind === "mean" ? (max - min) / 2 : people * Math.max(Math.abs(min), Math.abs(max));
}

/** Three digits are enough for an error. */
function round(value: number): string {
  return String(Number(value.toPrecision(3)));
}
