/**
 * Studies: reading and naming them, compiling them to tasks, encoding a person's row, estimating
 * the release, and saying beforehand what it will cost.
 *
 * @module
 */

export { formatProblem, type Problem } from "@sumus/document";
export {
  checkStudy,
  type MeasureReport,
  type NodeCost,
  type StudyReport,
  type TaskReport,
} from "./check-study.ts";
export { type ConsentStatement, describeConsent, describeEpsilon } from "./consent-text.ts";
export {
  completeSeries,
  completeStudy,
  decodeStudy,
  gapsOf,
  type StudyCompletion,
} from "./decode-study.ts";
export { diffStudies, type StudyDiff } from "./diff-study.ts";
export { type Disclosure, disclosures, participationDisclosure } from "./disclosure.ts";
export { columnsTold, describeCondition, meetsCondition } from "./eligibility.ts";
export { estimateStudy, type ReleaseMeasure } from "./estimate-study.ts";
export { createGeohashGrid, type GeohashGrid } from "./geohash-grid.ts";
export { type Learned, learnedFrom, type TaskCourse } from "./learned.ts";
export { lowerStudy } from "./lower-study.ts";
export { algorithmId, canonicalStudy, studyId } from "./manifest.ts";
export { MapTypeError } from "./map-type-error.ts";
export { unpackPlace } from "./numbered-places.ts";
export { numbersOf } from "./numbers-of.ts";
export { parseStudy, type StudyReading } from "./parse-study.ts";
export {
  canonicalPopulation,
  isPopulationId,
  type Population,
  type PopulationReading,
  parsePopulation,
  whyBeyond,
} from "./population.ts";
export { describeRecurrence, occurrenceOf, seriesId } from "./recurrence.ts";
export { withNodesNoise } from "./release-noise.ts";
export type { Interval, Sampling, SamplingBasis } from "./sampling.ts";
export type {
  Area,
  Combine,
  CompleteStudy,
  Condition,
  Dimension,
  MapRow,
  Measure,
  Need,
  PersonWeight,
  Privacy,
  ResultBlock,
  Scalar,
  Study,
  StudyMap,
  StudyWindow,
} from "./study.ts";
export type { Direction, StudyChange } from "./study-change.ts";
export { StudyError } from "./study-error.ts";
export type { StudyPlan, TaskPlan } from "./study-plan.ts";
export { collectorHpkeConfig, studyBatchInterval, studyTasks } from "./study-tasks.ts";
export { createTally, type Tally } from "./tally.ts";
