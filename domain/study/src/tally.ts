import { assert, defined } from "@sumus/assert";
import type { Measurement } from "@sumus/vdaf";
import type { StudyPlan, TaskPlan } from "./study-plan.ts";

/** Exact sums of measurements in clear, for tests and the lab's truth. No vault or node has one. */
export interface Tally {
  /** Adds one person's measurements, one per task. */
  add(measurements: readonly Measurement[]): void;
  /** Per task the vector that aggregation would give, as `estimateStudy` takes it. */
  aggregates(): readonly (readonly number[])[];
}

export function createTally(plan: StudyPlan): Tally {
  const sums = plan.tasks.map(({ vdaf }) =>
    Array<number>("length" in vdaf ? vdaf.length : 1).fill(0),
  );
  return {
    add(measurements: readonly Measurement[]): void {
      assert(measurements.length === sums.length, "a person sends one measurement to every task");
      for (const [index, task] of plan.tasks.entries()) {
        const sum = defined(sums[index], "every task has a sum");
        addMeasurement(sum, defined(measurements[index], "every task has a measurement"), task);
      }
    },
    aggregates: () => sums,
  };
}

function addMeasurement(sum: number[], measurement: Measurement, { vdaf }: TaskPlan): void {
  if (typeof measurement === "number") {
    const [index, value] = vdaf.kind === "histogram" ? [measurement, 1] : [0, measurement];
    assert(index < sum.length, "a measurement lies in its task's aggregate");
    sum[index] = (sum[index] ?? 0) + value;
    return;
  }
  assert(measurement.length === sum.length, "a vector has the length of its task's aggregate");
  for (const [index, value] of measurement.entries()) sum[index] = (sum[index] ?? 0) + value;
}
