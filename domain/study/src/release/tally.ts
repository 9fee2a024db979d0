import { assert, defined } from "@sumus/assert";
import type { TaskMeasurement } from "@sumus/dap";
import { aggregateVdaf } from "../lower/aggregate-vdaf.ts";
import { unpackPlace } from "../lower/numbered-places.ts";
import type { StudyPlan, TaskPlan } from "../lower/study-plan.ts";

/** Exact sums of measurements in clear, for tests and the lab's truth. No vault or node has one. */
export interface Tally {
  /** Adds one person's measurements, one per task. */
  add(measurements: readonly TaskMeasurement[]): void;
  /** Per task the vector that aggregation would give, as `estimateStudy` takes it. */
  aggregates(): readonly (readonly number[])[];
}

export function createTally(plan: StudyPlan): Tally {
  const sums = plan.tasks.map((task) => Array<number>(aggregateVdaf(task).outputLength).fill(0));
  return {
    add(measurements: readonly TaskMeasurement[]): void {
      assert(measurements.length === sums.length, "a person sends one measurement to every task");
      for (const [index, task] of plan.tasks.entries()) {
        const sum = defined(sums[index], "every task has a sum");
        addMeasurement(sum, defined(measurements[index], "every task has a measurement"), task);
      }
    },
    aggregates: () => sums,
  };
}

function addMeasurement(sum: number[], measurement: TaskMeasurement, { vdaf }: TaskPlan): void {
  if (measurement instanceof Uint8Array) {
    assert(vdaf.kind === "poplar1", "packed bits are for Poplar1");
    const place = unpackPlace(measurement, vdaf.bits);
    if (place < sum.length) sum[place] = (sum[place] ?? 0) + 1;
    return;
  }
  if (typeof measurement === "number") {
    const [index, value] = vdaf.kind === "histogram" ? [measurement, 1] : [0, measurement];
    assert(index < sum.length, "a measurement lies in its task's aggregate");
    sum[index] = (sum[index] ?? 0) + value;
    return;
  }
  assert(measurement.length === sum.length, "a vector has the length of its task's aggregate");
  for (const [index, value] of measurement.entries()) sum[index] = (sum[index] ?? 0) + value;
}
