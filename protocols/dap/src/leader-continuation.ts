/**
 * What the leader makes of the helper's answers [DAP-18, Sections 4.5.2.1 and 4.5.3.1]. A VDAF of
 * one round, such as Prio3, is through with the first answer. With more rounds the leader asks
 * again, step by step, and stores question and states in between.
 *
 * @module
 */
import { assert, unreachable } from "@sumus/assert";
import { equalBytes } from "@sumus/bytes";
import { decode, type Reader, Writer } from "@sumus/codec";
import { pingPongLeaderContinued } from "@sumus/vdaf";
import type { Aggregation } from "./aggregation.ts";
import type { LeaderQuestion } from "./leader.ts";
import {
  AGGREGATION_JOB_REPORTS_MAX,
  decodeAggregationJobResp,
  encodeAggregationJobContinueReq,
  type VerifyContinue,
  type VerifyResp,
} from "./messages/aggregation-job.ts";
import { REPORT_ID_BYTES, U32_MAX } from "./messages/basic.ts";
import { DapPeerError, readResponse } from "./peer-error.ts";
import type { TaskVerifyState } from "./task-vdaf.ts";
import { attemptVdaf, type RefusedReport, type VerifiedReport } from "./verify-outcome.ts";

/** The leader needs the helper's next message. The state is secret. */
export interface ContinuedReport {
  readonly kind: "continued";
  readonly reportId: Uint8Array;
  readonly time: number;
  readonly state: TaskVerifyState;
}

/** A report that waits for the helper's answer. */
export type PendingReport =
  | ContinuedReport
  | {
      /** The leader is through; whether the helper is too, its answer says. */
      readonly kind: "finishedWithOutbound";
      readonly reportId: Uint8Array;
      readonly time: number;
      readonly outShare: Uint8Array;
    };

export type LeaderOutcome =
  | VerifiedReport
  | (RefusedReport & {
      /**
       * The helper has counted what the leader must refuse: the batch will not match. An honest
       * helper never lets this happen; tell the operators.
       */
      readonly helperCommitted: boolean;
    });

export interface LeaderProgress {
  /** The reports that are through, in order. */
  readonly outcomes: readonly LeaderOutcome[];
  /** What to ask about the others, or undefined when there are none. Store it before it is sent. */
  readonly next: LeaderQuestion | undefined;
}

/**
 * What the helper's response makes of each pending report, and what to ask next.
 *
 * @throws {DapPeerError} when the response is not one to this request; the job is then abandoned,
 *   nothing of it is committed, and its reports may go into another job
 */
export function leaderAdvanceJob(
  aggregation: Pick<Aggregation, "task" | "vdaf">,
  { step, pending }: Pick<LeaderQuestion, "step" | "pending">,
  response: Uint8Array,
): LeaderProgress {
  const { version } = aggregation.task;
  const verifyResps = readResponse(() => decodeAggregationJobResp(response, version));
  // Everything is checked before anything is computed: a lie about one report ends the job.
  const pairs = pairUp(pending, verifyResps);
  const outcomes: LeaderOutcome[] = [];
  const nextPending: PendingReport[] = [];
  const verifyContinues: VerifyContinue[] = [];
  for (const { report, resp } of pairs) {
    const advanced = advanceReport(aggregation, step, report, resp);
    if ("ok" in advanced) {
      outcomes.push(advanced);
    } else {
      nextPending.push(advanced.pending);
      verifyContinues.push({ reportId: report.reportId, payload: advanced.message });
    }
  }
  if (nextPending.length === 0) return { outcomes, next: undefined };
  const request = encodeAggregationJobContinueReq({ step: step + 1, verifyContinues });
  return { outcomes, next: { step: step + 1, request, pending: nextPending } };
}

interface Pair {
  readonly report: PendingReport;
  readonly resp: VerifyResp;
}

/** @throws {DapPeerError} unless each report has an answer that its state allows */
function pairUp(pending: readonly PendingReport[], verifyResps: readonly VerifyResp[]): Pair[] {
  if (verifyResps.length !== pending.length) {
    throw new DapPeerError(
      "reportsDiffer",
      `expected answers about ${pending.length} reports, got ${verifyResps.length}`,
    );
  }
  return pending.map((report, index) => {
    const resp = verifyResps[index];
    if (resp === undefined || !equalBytes(resp.reportId, report.reportId)) {
      throw new DapPeerError("reportsDiffer", `expected another report id at index ${index}`);
    }
    const expected = report.kind === "continued" ? "continue" : "finish";
    if (resp.type !== expected && resp.type !== "reject") {
      throw new DapPeerError("unexpectedStep", `expected ${expected} or reject at index ${index}`);
    }
    return { report, resp };
  });
}

function advanceReport(
  { task, vdaf }: Pick<Aggregation, "task" | "vdaf">,
  step: number,
  report: PendingReport,
  resp: VerifyResp,
): LeaderOutcome | { readonly pending: PendingReport; readonly message: Uint8Array } {
  const { reportId, time } = report;
  if (resp.type === "reject") {
    return { ok: false, reportId, time, error: resp.reportError, helperCommitted: false };
  }
  if (report.kind === "finishedWithOutbound") {
    return { ok: true, reportId, time, outShare: report.outShare };
  }
  assert(resp.type === "continue", "answers go with the states of their reports");
  const attempt = attemptVdaf(() =>
    pingPongLeaderContinued(vdaf, task.context, report.state, resp.payload),
  );
  if (!attempt.ok) {
    // In each step the helper goes through two rounds; it has committed when the first was the last.
    const helperCommitted = vdaf.rounds === 2 * step + 1;
    return { ok: false, reportId, time, error: "vdaf_verify_error", helperCommitted };
  }
  const reached = attempt.value;
  switch (reached.kind) {
    case "finished":
      return { ok: true, reportId, time, outShare: reached.outShare };
    case "finishedWithOutbound": {
      const { kind, outShare, message } = reached;
      return { pending: { kind, reportId, time, outShare }, message };
    }
    case "continued": {
      const { kind, state, message } = reached;
      return { pending: { kind, reportId, time, state }, message };
    }
    default:
      return unreachable(reached);
  }
}

/** Pending reports as bytes to store; they are secret. */
export function encodePendingReports(
  { vdaf }: Pick<Aggregation, "vdaf">,
  reports: readonly PendingReport[],
): Uint8Array {
  return Writer.encode((writer) => {
    for (const report of reports) {
      writer.u8(PENDING_KIND[report.kind]).fixed(report.reportId).u64(report.time);
      const secret = report.kind === "continued" ? vdaf.encodeState(report.state) : report.outShare;
      writer.opaque(secret, { max: U32_MAX });
    }
  });
}

/** @throws {DecodeError} */
export function decodePendingReports(
  { vdaf }: Pick<Aggregation, "vdaf">,
  bytes: Uint8Array,
): PendingReport[] {
  return decode("PendingReports", bytes, (reader) => {
    const reports: PendingReport[] = [];
    while (reader.remaining > 0) {
      if (reports.length >= AGGREGATION_JOB_REPORTS_MAX) {
        reader.fail("reports", `expected at most ${AGGREGATION_JOB_REPORTS_MAX}, got more`);
      }
      reports.push(readPendingReport(vdaf, reader));
    }
    return reports;
  });
}

const PENDING_KIND = { continued: 0, finishedWithOutbound: 1 } as const;

function readPendingReport(vdaf: Aggregation["vdaf"], reader: Reader): PendingReport {
  const number = reader.u8("kind");
  const reportId = reader.fixed("report_id", REPORT_ID_BYTES);
  const time = reader.u64Safe("time");
  const secret = reader.opaque("state", { max: U32_MAX });
  if (number === PENDING_KIND.continued) {
    return { kind: "continued", reportId, time, state: vdaf.decodeState(secret) };
  }
  if (number === PENDING_KIND.finishedWithOutbound) {
    return { kind: "finishedWithOutbound", reportId, time, outShare: secret };
  }
  return reader.fail("kind", `expected 0 or 1, got ${number}`);
}
