/**
 * The helper's further steps, for VDAFs of more than one round [DAP-18, Section 4.5.3.2]. Between
 * two steps a job is its number of steps, a digest of the last request, the last response, and a
 * state for each report that is not through. Nobody can rewind it: the last request gets the last
 * response again, and every other than the next one is refused.
 *
 * @module
 */
import { encodeHex, equalBytes } from "@sumus/bytes";
import { decode, Writer } from "@sumus/codec";
import { sha256 } from "@sumus/crypto";
import { pingPongHelperContinued } from "@sumus/vdaf";
import type { Aggregation } from "./aggregation.ts";
import { type HelperOutcome, type HelperPendingReport, helperOutcome } from "./helper.ts";
import {
  AGGREGATION_JOB_REPORTS_MAX,
  type AggregationJobContinueReq,
  decodeAggregationJobContinueReq,
} from "./messages/aggregation-job.ts";
import { REPORT_ID_BYTES, U32_MAX } from "./messages/basic.ts";
import { DapProblem, readRequest } from "./problem.ts";
import { attemptVdaf, type OnUnexpected, verifyEach } from "./verify-outcome.ts";

/** How far a job has come. */
export interface HelperProgress {
  /** Of the last request: 0 after the first. */
  readonly step: number;
  /** {@link requestDigest} of it. */
  readonly requestDigest: Uint8Array;
}

/** By which a request is known again. */
export function requestDigest(body: Uint8Array): Uint8Array {
  return sha256(body);
}

/**
 * Reads an AggregationJobContinueReq.
 *
 * @returns the request when it is the next one, or `replay` when it is the last one again
 * @throws {DapProblem} invalidMessage, stepMismatch
 */
export function readContinuation(
  progress: HelperProgress,
  body: Uint8Array,
): AggregationJobContinueReq | "replay" {
  const request = readRequest(() => decodeAggregationJobContinueReq(body));
  if (request.step === progress.step + 1) return request;
  if (request.step === progress.step) {
    if (equalBytes(requestDigest(body), progress.requestDigest)) return "replay";
    throw new DapProblem("stepMismatch", `expected the request of step ${request.step} unchanged`);
  }
  throw new DapProblem(
    "stepMismatch",
    `expected step ${progress.step} again or ${progress.step + 1}, got ${request.step}`,
  );
}

/** A report and the message with which the leader continues it. */
export interface HelperContinuation {
  readonly pending: HelperPendingReport;
  readonly payload: Uint8Array;
}

/**
 * The reports that a request goes on with. Those that it leaves out the leader has rejected.
 *
 * @throws {DapProblem} invalidMessage unless the ids are distinct ones of `pending`, in their order
 */
export function matchContinuations(
  pending: readonly HelperPendingReport[],
  { verifyContinues }: AggregationJobContinueReq,
): HelperContinuation[] {
  const waiting = pending.values();
  return verifyContinues.map(({ reportId, payload }, index) => {
    for (const report of waiting) {
      if (equalBytes(report.reportId, reportId)) return { pending: report, payload };
    }
    const id = encodeHex(reportId);
    throw new DapProblem(
      "invalidMessage",
      `expected reports of the previous step, each once and in its order, got ${id} at ${index}`,
    );
  });
}

/** The next step for many reports, in order, each in the moment it is asked for. */
export function helperContinueReports(
  { task, vdaf }: Pick<Aggregation, "task" | "vdaf">,
  continuations: Iterable<HelperContinuation>,
  onUnexpected?: OnUnexpected,
): Generator<HelperOutcome, void> {
  return verifyEach(continuations, {
    verify: ({ pending: { reportId, time, state }, payload }): HelperOutcome => {
      const attempt = attemptVdaf(() =>
        pingPongHelperContinued(vdaf, task.context, state, payload),
      );
      // The draft knows one error here, whatever is wrong with the message.
      return attempt.ok
        ? helperOutcome(reportId, time, attempt.value)
        : { ok: false, reportId, time, error: "vdaf_verify_error" };
    },
    metadataOf: ({ pending }) => pending,
    onUnexpected,
  });
}

/** Pending reports as bytes to store; they are secret. */
export function encodeHelperPending(
  { vdaf }: Pick<Aggregation, "vdaf">,
  reports: readonly HelperPendingReport[],
): Uint8Array {
  return Writer.encode((writer) => {
    for (const { reportId, time, state } of reports) {
      writer.fixed(reportId).u64(time).opaque(vdaf.encodeState(state), { max: U32_MAX });
    }
  });
}

/** @throws {DecodeError} */
export function decodeHelperPending(
  { vdaf }: Pick<Aggregation, "vdaf">,
  bytes: Uint8Array,
): HelperPendingReport[] {
  return decode("HelperPending", bytes, (reader) => {
    const reports: HelperPendingReport[] = [];
    while (reader.remaining > 0) {
      if (reports.length >= AGGREGATION_JOB_REPORTS_MAX) {
        reader.fail("reports", `expected at most ${AGGREGATION_JOB_REPORTS_MAX}, got more`);
      }
      reports.push({
        reportId: reader.fixed("report_id", REPORT_ID_BYTES),
        time: reader.u64Safe("time"),
        state: vdaf.decodeState(reader.opaque("state", { max: U32_MAX })),
      });
    }
    return reports;
  });
}
