/**
 * The helper's steps [DAP-18, Section 4.5.2.2]. Verification needs no store; whether a verified
 * report may be committed is asked inside the caller's transaction, last, by `helperRespond`.
 *
 * @module
 */
import { encodeHex } from "@sumus/bytes";
import { pingPongHelperInit } from "@sumus/vdaf";
import {
  type AggregationJobInitReq,
  decodeAggregationJobInitReq,
  encodeAggregationJobResp,
  LEADER_SELECTED_BATCH_ID_EXTENSION,
  type VerifyInit,
  type VerifyResp,
} from "./messages/aggregation-job.ts";
import { BATCH_ID_BYTES } from "./messages/basic.ts";
import { type ReportError, reportErrorIn } from "./messages/report-error.ts";
import { DapProblem, readRequest } from "./problem.ts";
import { type Aggregator, openReportShare } from "./report-share.ts";
import type { DapTask } from "./task.ts";
import {
  attemptVdaf,
  type OnUnexpected,
  type RefusedReport,
  type VerifiedReport,
  verifyEach,
} from "./verify-outcome.ts";

/** A verified report beside the message that lets the leader finish it. */
export interface HelperVerifiedReport extends VerifiedReport {
  readonly message: Uint8Array;
}

export type HelperOutcome = HelperVerifiedReport | RefusedReport;

/** A request of the right form for its task. */
export interface HelperJob {
  readonly verifyInits: readonly VerifyInit[];
  /** In leader-selected mode, the batch that the reports go to. */
  readonly batchId: Uint8Array | undefined;
  /** All reports are refused for this reason; absent when each is looked at. */
  readonly refusal: ReportError | undefined;
}

/**
 * Reads an AggregationJobInitReq and checks all that concerns the job as a whole.
 *
 * @throws {DapProblem} invalidMessage (also for a report twice), unsupportedExtension,
 *   invalidAggregationParameter
 */
export function readAggregationJob(
  { task, verificationKeyId = 0 }: Pick<Aggregator, "task" | "verificationKeyId">,
  body: Uint8Array,
): HelperJob {
  const request = readRequest(() => decodeAggregationJobInitReq(body));
  const batchId = batchIdOf(task, request);
  if (request.aggParam.length > 0) {
    throw new DapProblem(
      "invalidAggregationParameter",
      `expected an empty aggregation parameter, got ${request.aggParam.length} bytes`,
    );
  }
  const ids = new Set(request.verifyInits.map((init) => reportIdOf(init)));
  if (ids.size !== request.verifyInits.length) {
    throw new DapProblem(
      "invalidMessage",
      `expected distinct report ids, got ${request.verifyInits.length - ids.size} twice`,
    );
  }
  const refusal = checkVerificationKey(task, verificationKeyId, request.verificationKeyId);
  return { verifyInits: request.verifyInits, batchId, refusal };
}

/** Verifies one report. */
export function helperInitReport(
  aggregator: Aggregator,
  { reportShare, payload }: VerifyInit,
): HelperOutcome {
  const { task } = aggregator;
  const { reportId, time } = reportShare.reportMetadata;
  const opened = openReportShare(aggregator, "helper", reportShare);
  if (!opened.ok) return { ok: false, reportId, time, error: opened.error };

  const verifyKey = aggregator.verifyKey.reveal();
  const verified = attemptVdaf(() =>
    pingPongHelperInit(
      task.vdaf,
      verifyKey,
      task.context,
      reportId,
      reportShare.publicShare,
      opened.inputShare,
      payload,
    ),
  );
  if (!verified.ok) return { ok: false, reportId, time, error: verified.error };
  const { outShare, message } = verified.value;
  return { ok: true, reportId, time, outShare, message };
}

/**
 * Verifies many reports, in order, each in the moment it is asked for. No report disturbs another:
 * one that makes our own code throw is refused as `report_dropped`.
 */
export function helperInitReports(
  aggregator: Aggregator,
  verifyInits: Iterable<VerifyInit>,
  onUnexpected?: OnUnexpected,
): Generator<HelperOutcome, void> {
  return verifyEach(verifyInits, {
    verify: (verifyInit) => helperInitReport(aggregator, verifyInit),
    metadataOf: ({ reportShare }) => reportShare.reportMetadata,
    onUnexpected,
  });
}

/**
 * Verifies every report of a job, in order.
 *
 * @param refuse reports that need no verification, since they could not be committed anyway; it
 *   saves work and decides nothing, for the answer may change until the transaction
 */
export function helperInitJob(
  aggregator: Aggregator,
  job: HelperJob,
  refuse: (reportId: Uint8Array, time: number) => ReportError | undefined = () => undefined,
): HelperOutcome[] {
  return [
    ...verifyEach(job.verifyInits, {
      verify: (verifyInit): HelperOutcome => {
        const { reportId, time } = verifyInit.reportShare.reportMetadata;
        const error = job.refusal ?? refuse(reportId, time);
        return error === undefined
          ? helperInitReport(aggregator, verifyInit)
          : { ok: false, reportId, time, error };
      },
      metadataOf: ({ reportShare }) => reportShare.reportMetadata,
      onUnexpected: undefined,
    }),
  ];
}

export interface HelperResponse {
  /** The body of the response. Store it: an identical request gets identical bytes. */
  readonly response: Uint8Array;
  /** What to commit in the very transaction that asked `commitError`. */
  readonly committed: readonly VerifiedReport[];
  readonly refused: readonly RefusedReport[];
}

/**
 * The answer about a job, once the store has said which verified reports it can commit.
 *
 * @param commitError `report_replayed` for an id that was committed before, `batch_collected` for
 *   a bucket that was collected, undefined for a report that can be committed now
 */
export function helperRespond(
  task: DapTask,
  outcomes: readonly HelperOutcome[],
  commitError: (reportId: Uint8Array, time: number) => ReportError | undefined,
): HelperResponse {
  const committed: VerifiedReport[] = [];
  const refused: RefusedReport[] = [];
  const refuse = (reportId: Uint8Array, time: number, reason: ReportError): VerifyResp => {
    const reportError = reportErrorIn(task.version, reason);
    refused.push({ ok: false, reportId, time, error: reportError });
    return { type: "reject", reportId, reportError };
  };
  const verifyResps = outcomes.map((outcome): VerifyResp => {
    const { reportId, time } = outcome;
    if (!outcome.ok) return refuse(reportId, time, outcome.error);
    const error = commitError(reportId, time);
    if (error !== undefined) return refuse(reportId, time, error);
    committed.push(outcome);
    return { type: "continue", reportId, payload: outcome.message };
  });
  return { response: encodeAggregationJobResp(verifyResps, task.version), committed, refused };
}

function batchIdOf(task: DapTask, { extensions }: AggregationJobInitReq): Uint8Array | undefined {
  const selected = task.configuration.batchMode === "leader_selected";
  const known = (type: number) => selected && type === LEADER_SELECTED_BATCH_ID_EXTENSION;
  const unknown = extensions.map(({ type }) => type).filter((type) => !known(type));
  if (unknown.length > 0) {
    throw new DapProblem("unsupportedExtension", `expected no extension ${unknown.join(", ")}`, {
      unsupportedExtensions: unknown,
    });
  }
  const batchId = extensions[0]?.data;
  if (selected && batchId?.length !== BATCH_ID_BYTES) {
    throw new DapProblem(
      "invalidMessage",
      `expected a batch id of ${BATCH_ID_BYTES} bytes, got ${batchId?.length ?? "none"}`,
    );
  }
  return batchId;
}

function checkVerificationKey(task: DapTask, own: number, asked: number): ReportError | undefined {
  if (asked === own) return undefined;
  if (task.version === "dap-19") return "unknown_verification_key_id";
  throw new DapProblem("invalidMessage", `expected verification key ${own}, got ${asked}`);
}

function reportIdOf({ reportShare }: VerifyInit): string {
  return encodeHex(reportShare.reportMetadata.reportId);
}
