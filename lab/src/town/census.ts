/**
 * The exact truth of a study, which exists nowhere but in the lab: what the counted people's
 * contributions add up to, and what everybody's rows would have.
 */

import { estimateStudy, type ReleaseMeasure, type StudyPlan } from "@sumus/study";
import type { Measurement } from "@sumus/vdaf";
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
export function firstIndex([measurement]: readonly Measurement[]): number {
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
  const measure = read.find(({ kind }) => kind === "count" || kind === "histogram");
  // The last bucket is for those who are in no cell: nobody reads about them.
  if (task === undefined || measure === undefined) return null;
  const bins = measure.kind === "histogram" ? measure.edges.length - 1 : 1;
  const [cell, bin] = [Math.floor(index / bins), index % bins];
  if (cell >= task.cells.count) return null;
  const group = task.cells.labels(cell);
  if (measure.kind === "count") return { name: measure.name, group, bin: null };
  if (measure.kind !== "histogram") return null;
  const { edges, name } = measure;
  const end = bin === bins - 1 ? "]" : ")";
  return { name, group, bin: `[${edges[bin]}, ${edges[bin + 1]}${end}` };
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
