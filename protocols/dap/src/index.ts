/**
 * The Distributed Aggregation Protocol without any I/O: what client, leader, helper and collector
 * do with its messages, which are in `@sumus/dap/messages`.
 *
 * @module
 */
export { type Aggregation, aggregationOf, isEager } from "./aggregation.ts";
export {
  aggregateByTime,
  aggregateReports,
  type BatchAggregate,
  doOverlap,
  emptyBatch,
  isInside,
  isWithin,
  joinIntervals,
  mergeBatches,
  timeOf,
} from "./batch.ts";
export { createReport, type ReportInput, readUploadResponse } from "./client.ts";
export * from "./collection.ts";
export { type Collection, collectInterval, collectNextBatch, openCollection } from "./collector.ts";
export { type ResourceAnswer, readResourceAnswer } from "./deferral.ts";
export {
  type HelperContinuedReport,
  type HelperFinishedReport,
  type HelperJob,
  type HelperOutcome,
  type HelperPendingReport,
  type HelperResponse,
  helperInitJob,
  helperInitReport,
  helperInitReports,
  helperRespond,
  readAggregationJob,
} from "./helper.ts";
export * from "./helper-continuation.ts";
export {
  chooseHpkeConfig,
  createHpkeKeys,
  type HpkeKeyEntry,
  type HpkeKeys,
  hpkeConfigOf,
} from "./hpke-keys.ts";
export { helperInitStep, type InitStep, leaderInitStep } from "./init-step.ts";
export * from "./leader.ts";
export * from "./leader-continuation.ts";
export { DapPeerError, type DapPeerErrorCode } from "./peer-error.ts";
export {
  DapProblem,
  type DapProblemType,
  type ProblemDocument,
  parseProblemDocument,
  problemDocument,
} from "./problem.ts";
export { type Aggregator, CLOCK_SKEW_SECONDS_DEFAULT, type ReportPolicy } from "./report-share.ts";
export { type DapResource, parseResourcePath, parseTaskId, resourcePath } from "./resource.ts";
export { openAggregateShare, sealAggregateShare } from "./sealed-share.ts";
export * from "./task.ts";
export {
  type AggregationVdaf,
  createTaskVdaf,
  isPoplar1,
  NO_AGG_PARAM,
  type TaskMeasurement,
  type TaskVdaf,
  type VdafConfig,
  vdafAt,
} from "./task-vdaf.ts";
export type { OnUnexpected, RefusedReport, VerifiedReport } from "./verify-outcome.ts";
export { DAP_VERSION_DEFAULT, type DapVersion } from "./version.ts";
