/**
 * The exact truth of a study, which exists nowhere but in the lab: what the counted people's
 * contributions add up to, and what everybody's rows would have.
 */

import type { TaskMeasurement } from "@sumus/dap";
import {
  estimateStudy,
  numbersOf,
  type ReleaseMeasure,
  type StudyPlan,
  unpackPlace,
} from "@sumus/study";
import type { LabClaim, LabMeasure } from "../result.ts";
import type { Sums } from "./asked.ts";
import { CLAIMED_PEOPLE } from "./liar.ts";

/** The cell and bin that an index of a plan's first task stands for; null for one nobody reads. */
export interface ClaimedNumber {
  readonly name: string;
  readonly group: LabMeasure["group"];
  readonly bin: string | null;
}

function truthOf(plan: StudyPlan, sums: Sums): ReleaseMeasure[] {
  return estimateStudy(plan, sums, { noised: false });
}

/** The first place in the first task's aggregate that a person's measurements add to. */
export function firstIndex(
  { tasks: [task] }: StudyPlan,
  [measurement]: readonly TaskMeasurement[],
): number {
  if (measurement instanceof Uint8Array) {
    return task?.vdaf.kind === "poplar1" ? unpackPlace(measurement, task.vdaf.bits) : 0;
  }
  if (typeof measurement === "number") return measurement;
  return Math.max(0, measurement?.findIndex((value) => value > 0) ?? 0);
}

/** Released numbers with both truths beside them, in the order of the release. */
export function withTruths(
  plan: StudyPlan,
  released: readonly ReleaseMeasure[],
  counted: Sums,
  everybody: Sums,
): LabMeasure[] {
  const [truths, truthsAll] = [truthOf(plan, counted), truthOf(plan, everybody)];
  return released.map((measure, index) => ({
    ...measure,
    truth: truths[index]?.estimate ?? null,
    truthAll: truthsAll[index]?.estimate ?? null,
  }));
}

/** Reads which published number a claim at `index` of the first task would inflate. */
export function claimedNumber(plan: StudyPlan, index: number): ClaimedNumber | null {
  const [task] = plan.tasks;
  const read = plan.measures.filter((each) => each.task === 0).map(({ measure }) => measure);
  const measure = read.find(
    ({ kind }) => kind === "count" || kind === "histogram" || kind === "prefixes",
  );
  // The last bucket is for those who are in no cell: nobody reads about them.
  if (task === undefined || measure === undefined) return null;
  const bins = numbersOf(measure);
  const cell = Math.floor(index / bins.length);
  if (cell >= task.cells.count) return null;
  return {
    name: measure.name,
    group: task.cells.labels(cell),
    bin: bins[index % bins.length] ?? null,
  };
}

/** What an unchecked sum would have said: the truth plus everything claimed. */
export function claimOf(
  number: ClaimedNumber,
  measures: readonly LabMeasure[],
  liars: number,
): LabClaim {
  const key = JSON.stringify([number.name, number.group, number.bin]);
  const measure = measures.find(
    ({ name, group, bin }) => JSON.stringify([name, group, bin]) === key,
  );
  return {
    ...number,
    claimed: CLAIMED_PEOPLE,
    unchecked: (measure?.truth ?? 0) + liars * CLAIMED_PEOPLE,
  };
}
