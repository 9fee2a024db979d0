import type { Cursor } from "@sumus/document";
import { standardDeviation } from "@sumus/dp";
import { NOISE_DEVIATION_MAX } from "@sumus/task";
import { lowerStudy } from "../lower/lower-study.ts";
import type { Measure, Study } from "../study.ts";
import { expectedError, largestOf } from "./expected-error.ts";

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
    const most = mostOf(measure.measure, peopleMin);
    if (error <= most) continue;
    const { name } = measure.measure;
    cursor.warning(
      `the noise is larger than the answer could be: each number of ${name} is known to ` +
        `±${round(error)}, and a group of ${peopleMin} people makes at most ${round(most)}`,
      "raise epsilon or people_min, or ask for fewer measures or cells a person",
    );
  }
}

/** The largest error that would still tell something in a group of so many people. */
function mostOf(measure: Measure, people: number): number {
  const largest = largestOf(measure, people);
  const isLevel = ["mean", "share", "variance", "deviation", "quantiles"].includes(measure.kind);
  // A mean is known by its bounds to half their distance, without asking anybody.
  return isLevel ? largest / 2 : largest;
}

/** Three digits are enough for an error. */
function round(value: number): string {
  return String(Number(value.toPrecision(3)));
}
