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
} from "./check/check-study.ts";
export { diffStudies, type StudyDiff } from "./diff/diff-study.ts";
export type { Direction, StudyChange } from "./diff/study-change.ts";
export { columnsTold, describeCondition, meetsCondition } from "./eligibility.ts";
export { createGeohashGrid, type GeohashGrid } from "./lower/geohash-grid.ts";
export { lowerStudy } from "./lower/lower-study.ts";
export { MapTypeError } from "./lower/map-type-error.ts";
export { unpackPlace } from "./lower/numbered-places.ts";
export { numbersOf } from "./lower/numbers-of.ts";
export type { StudyPlan, TaskPlan } from "./lower/study-plan.ts";
export { collectorHpkeConfig, studyBatchInterval, studyTasks } from "./lower/study-tasks.ts";
export { algorithmId, canonicalStudy, studyId } from "./manifest.ts";
export {
  canonicalPopulation,
  isPopulationId,
  type Population,
  type PopulationReading,
  parsePopulation,
  whyBeyond,
} from "./population.ts";
export {
  completeSeries,
  completeStudy,
  decodeStudy,
  gapsOf,
  type StudyCompletion,
} from "./read/decode-study.ts";
export { parseStudy, type StudyReading } from "./read/parse-study.ts";
export { describeRecurrence, occurrenceOf, seriesId } from "./recurrence.ts";
export { estimateStudy, type ReleaseMeasure } from "./release/estimate-study.ts";
export { withNodesNoise } from "./release/release-noise.ts";
export type { Interval, Sampling, SamplingBasis } from "./release/sampling.ts";
export { createTally, type Tally } from "./release/tally.ts";
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
export { StudyError } from "./study-error.ts";
export { type ConsentStatement, describeConsent, describeEpsilon } from "./tell/consent-text.ts";
export { type Disclosure, disclosures, participationDisclosure } from "./tell/disclosure.ts";
export { type Learned, learnedFrom, type TaskCourse } from "./tell/learned.ts";
