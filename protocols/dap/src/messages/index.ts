/**
 * The messages of DAP-18 and their codecs, for whoever sends or receives bytes.
 *
 * @module
 */
export {
  AGGREGATION_JOB_REPORTS_MAX,
  type AggregationJobContinueReq,
  type AggregationJobInitReq,
  decodeAggregationJobContinueReq,
  decodeAggregationJobInitReq,
  decodeAggregationJobResp,
  encodeAggregationJobContinueReq,
  encodeAggregationJobInitReq,
  encodeAggregationJobResp,
  type ReportShare,
  type VerifyContinue,
  type VerifyInit,
  type VerifyResp,
} from "./aggregation-job.ts";
export {
  type AggregatorRole,
  BATCH_ID_BYTES,
  type Extension,
  type HpkeCiphertext,
  type Interval,
  RESOURCE_ID_BYTES,
  type Role,
} from "./basic.ts";
export {
  type AggregateShareReq,
  type BatchSelector,
  type CollectionJobReq,
  type CollectionJobResp,
  decodeAggregateShare,
  decodeAggregateShareReq,
  decodeCollectionJobReq,
  decodeCollectionJobResp,
  encodeAggregateShare,
  encodeAggregateShareReq,
  encodeCollectionJobReq,
  encodeCollectionJobResp,
  type Query,
} from "./collection.ts";
export * from "./hpke-config.ts";
export { type DapMessageName, isMediaType, mediaType } from "./media-type.ts";
export {
  decodeReport,
  decodeUploadErrors,
  decodeUploadRequest,
  encodeReport,
  encodeUploadErrors,
  type Report,
  type ReportMetadata,
  type ReportUploadStatus,
  UPLOAD_REPORTS_MAX,
  type UploadedReport,
} from "./report.ts";
export { REPORT_ERROR_REMEDIES, type ReportError } from "./report-error.ts";
export * from "./task-configuration.ts";
