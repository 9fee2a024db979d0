/**
 * The living lab: a town of vaults over real data, two nodes, studies, and a page of the answers.
 *
 * @module
 */
export { LabError, type LabErrorCode } from "./lab-error.ts";
export { type CostOptions, measureCosts } from "./measure-costs.ts";
export type { Progress, ProgressStep } from "./progress.ts";
export type { DryRun } from "./rehearsal/dry-run.ts";
export {
  type RehearsalOptions,
  rehearseStudy,
  type StudyRehearsal,
  tryStudyMap,
} from "./rehearsal/rehearse-study.ts";
export { renderDryRun } from "./rehearsal/render-dry-run.ts";
export type { SampleFile } from "./rehearsal/synthetic-people.ts";
export type { MapFault } from "./rehearsal/try-query.ts";
export { writeReport } from "./report/write-report.ts";
export type {
  LabClaim,
  LabCost,
  LabFailure,
  LabMeasure,
  LabResult,
  LabStudyResult,
} from "./result.ts";
export { type RunOptions, runStudy } from "./run.ts";
export { runScenario } from "./scenario/run-scenario.ts";
export type { Scenario } from "./scenario/scenario.ts";
export { loadScenario, MAIN_SCENARIO, scenarioNames } from "./scenario/scenario-folder.ts";
export { type BehaviourShares, MAIN_SHARES } from "./town/behaviour.ts";
export type { TownStore } from "./town/node-stores.ts";
export type { TableFile } from "./town/tables.ts";
export type { TownOptions } from "./town/town.ts";
