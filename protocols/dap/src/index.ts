/**
 * The Distributed Aggregation Protocol without any I/O: messages, and what client, leader, helper
 * and collector do with them.
 *
 * @module
 */
export {
  type AggregationJobContinueReq,
  type AggregationJobInitReq,
  decodeAggregationJobContinueReq,
  decodeAggregationJobInitReq,
  decodeAggregationJobResp,
  encodeAggregationJobContinueReq,
  encodeAggregationJobInitReq,
  encodeAggregationJobResp,
  type VerifyResp,
} from "./messages/aggregation-job.ts";
