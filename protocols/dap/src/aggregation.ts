/**
 * A task under one aggregation parameter [DAP-18, Sections 4.3 and 4.5.1]: the collector chooses it
 * for a batch, or all have agreed on one beforehand, and all reports of that batch are verified and
 * added up with it. No report is ever aggregated twice, so a parameter is valid when the VDAF would
 * take it as a report's first: `is_valid(agg_param, [])`.
 *
 * @module
 */
import { equalBytes } from "@sumus/bytes";
import { VdafError } from "@sumus/vdaf";
import { DapProblem } from "./problem.ts";
import type { DapTask } from "./task.ts";
import { type AggregationVdaf, isPoplar1, NO_AGG_PARAM, vdafAt } from "./task-vdaf.ts";

/** Everything that adds reports up wants no more of this than `vdaf`; a Prio3 task has it itself. */
export interface Aggregation {
  readonly task: DapTask;
  /** As encoded. */
  readonly aggParam: Uint8Array;
  readonly vdaf: AggregationVdaf;
}

/**
 * Whether reports can be aggregated before a collector asks [DAP-18, "Eager Aggregation"]: their
 * task has one parameter alone.
 */
export function isEager(task: DapTask): boolean {
  return task.aggParam !== undefined;
}

/**
 * The task under a parameter, which is thereby checked [DAP-18, Section 4.3]. Where one was agreed on,
 * all others are refused: they would count other things of the same reports.
 *
 * @param aggParam by default the one that was agreed on
 * @throws {DapProblem} invalidAggregationParameter
 */
export function aggregationOf(
  task: DapTask,
  aggParam: Uint8Array = task.aggParam ?? NO_AGG_PARAM,
): Aggregation {
  if (isPoplar1(task.vdaf) && task.aggParam !== undefined && !equalBytes(aggParam, task.aggParam)) {
    const message = "expected the aggregation parameter that the task was agreed with, got another";
    throw new DapProblem("invalidAggregationParameter", message);
  }
  try {
    return { task, aggParam, vdaf: vdafAt(task.vdaf, aggParam) };
  } catch (error) {
    if (!(error instanceof VdafError)) throw error;
    throw new DapProblem("invalidAggregationParameter", error.message, { cause: error });
  }
}
