/**
 * The helper's first step [DAP-18, Section 4.5.2.2], with a VDAF of one round its only one; the
 * others are in `helper-continuation.ts`. Verification needs no store; whether a verified
 * report may be committed is asked inside the caller's transaction, last, by `helperRespond`.
 *
 * @module
 */
import { unreachable } from "@sumus/assert";
import { encodeHex } from "@sumus/bytes";
import { type PingPongState, pingPongHelperInit } from "@sumus/vdaf";
import { aggregationOf } from "./aggregation.ts";
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
import type { TaskVerifyState } from "./task-vdaf.ts";
import {
  attemptVdaf,
  type OnUnexpected,
  type RefusedReport,
  type VerifiedReport,
  verifyEach,
} from "./verify-outcome.ts";

/** A verified report, beside the message that the leader needs to finish it too, if it needs any. */
export interface HelperFinishedReport extends VerifiedReport {
  readonly kind: "finished";
  readonly message: Uint8Array | undefined;
}

/** A report that waits for the leader's next message. The state is secret. */
export interface HelperPendingReport {
  readonly reportId: Uint8Array;
  readonly time: number;
  readonly state: TaskVerifyState;
}

/** A report of which the helper knows no more yet than what to answer. */
export interface HelperContinuedReport extends HelperPendingReport {
  readonly kind: "continued";
  readonly ok: true;
  readonly message: Uint8Array;
}

export type HelperOutcome = HelperFinishedReport | HelperContinuedReport | RefusedReport;

/** A request of the right form for its task. */
export interface HelperJob {
  /** As encoded, and valid for the task. Whoever verifies the job's reports needs it. */
  readonly aggParam: Uint8Array;
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
  aggregationOf(task, request.aggParam);
  const ids = new Set(request.verifyInits.map((init) => reportIdOf(init)));
  if (ids.size !== request.verifyInits.length) {
    throw new DapProblem(
      "invalidMessage",
      `expected distinct report ids, got ${request.verifyInits.length - ids.size} twice`,
    );
  }
  const refusal = checkVerificationKey(task, verificationKeyId, request.verificationKeyId);
  const { aggParam, verifyInits } = request;
  return { aggParam, verifyInits, batchId, refusal };
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

  const { vdaf } = aggregationOf(task, aggregator.aggParam);
  const verifyKey = aggregator.verifyKey.reveal();
  const verified = attemptVdaf(() =>
    pingPongHelperInit(
      vdaf,
      verifyKey,
      task.context,
      reportId,
      reportShare.publicShare,
      opened.inputShare,
      payload,
    ),
  );
  if (!verified.ok) return { ok: false, reportId, time, error: verified.error };
  return helperOutcome(reportId, time, verified.value);
}

/** Where a ping-pong state leaves a report. */
export function helperOutcome(
  reportId: Uint8Array,
  time: number,
  reached: PingPongState<TaskVerifyState>,
): HelperOutcome {
  const report = { ok: true, reportId, time } as const;
  switch (reached.kind) {
    case "continued":
      return { kind: "continued", ...report, state: reached.state, message: reached.message };
    case "finishedWithOutbound":
      return { kind: "finished", ...report, outShare: reached.outShare, message: reached.message };
    case "finished":
      return { kind: "finished", ...report, outShare: reached.outShare, message: undefined };
    default:
      return unreachable(reached);
  }
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
  /** What to store for the next step, when there is one. */
  readonly pending: readonly HelperPendingReport[];
}

/**
 * The answer of one step of a job, once the store has said which verified reports it can commit.
 *
 * @param commitError `report_replayed` for an id that was committed before, `batch_collected` for
 *   a bucket that was collected, undefined for a report that can be committed now. It is asked in
 *   each step; with several rounds remember ids in the first, so that no report is verified twice
 */
export function helperRespond(
  task: DapTask,
  outcomes: readonly HelperOutcome[],
  commitError: (reportId: Uint8Array, time: number) => ReportError | undefined,
): HelperResponse {
  const committed: VerifiedReport[] = [];
  const refused: RefusedReport[] = [];
  const pending: HelperPendingReport[] = [];
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
    if (outcome.kind === "continued") {
      pending.push({ reportId, time, state: outcome.state });
      return { type: "continue", reportId, payload: outcome.message };
    }
    committed.push(outcome);
    return outcome.message === undefined
      ? { type: "finish", reportId }
      : { type: "continue", reportId, payload: outcome.message };
  });
  const response = encodeAggregationJobResp(verifyResps, task.version);
  return { response, committed, refused, pending };
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
