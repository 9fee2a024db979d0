/**
 * A task under one aggregation parameter [DAP-18, Sections 4.3 and 4.5.1]: the collector chooses it
 * for a batch, and all reports of that batch are verified and added up with it. No report is ever
 * aggregated twice, so a parameter is valid when the VDAF would take it as a report's first:
 * `is_valid(agg_param, [])`.
 *
 * @module
 */
import { VdafError } from "@sumus/vdaf";
import { DapProblem } from "./problem.ts";
import type { DapTask, Prio3Task } from "./task.ts";
import { type AggregationVdaf, isPoplar1, vdafAt } from "./task-vdaf.ts";

/** Everything that adds reports up wants no more of this than `vdaf`; a Prio3 task has it itself. */
export interface Aggregation {
  readonly task: DapTask;
  /** As encoded. */
  readonly aggParam: Uint8Array;
  readonly vdaf: AggregationVdaf;
}

/** The one parameter of Prio3. */
export const NO_AGG_PARAM: Uint8Array = new Uint8Array();

/**
 * Whether reports can be aggregated before a collector asks [DAP-18, "Eager Aggregation"]: their
 * task has one parameter alone.
 */
export function isEager(task: DapTask): task is Prio3Task {
  return !isPoplar1(task.vdaf);
}

/**
 * The task under a parameter, which is thereby checked [DAP-18, Section 4.3].
 *
 * @throws {DapProblem} invalidAggregationParameter
 */
export function aggregationOf(task: DapTask, aggParam: Uint8Array = NO_AGG_PARAM): Aggregation {
  try {
    return { task, aggParam, vdaf: vdafAt(task.vdaf, aggParam) };
  } catch (error) {
    if (!(error instanceof VdafError)) throw error;
    throw new DapProblem("invalidAggregationParameter", error.message, { cause: error });
  }
}
