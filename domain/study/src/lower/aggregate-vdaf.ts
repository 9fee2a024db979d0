import { type AggregationVdaf, createTaskVdaf, vdafAt } from "@sumus/dap";
import type { TaskPlan } from "./study-plan.ts";

/** What adds up the reports of a task, under its one aggregation parameter. */
export function aggregateVdaf({ vdaf, aggParam }: TaskPlan): AggregationVdaf {
  return vdafAt(createTaskVdaf(vdaf), aggParam);
}
