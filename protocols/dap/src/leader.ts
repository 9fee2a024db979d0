/**
 * The leader's first steps [DAP-18, Sections 4.4.2.2, 4.5.2.1]: takes reports, and asks the helper
 * about many of them at once. What it makes of the answer is in `leader-continuation.ts`.
 *
 * All steps are deterministic. A leader that crashes between asking and hearing may compute the
 * same request again from the same reports at the same time, or store request and pending reports
 * and send those; the helper answers a byte-identical request as it did before.
 *
 * @module
 */
import { encodeHex } from "@sumus/bytes";
import { pingPongLeaderInit } from "@sumus/vdaf";
import { aggregationOf } from "./aggregation.ts";
import type { ContinuedReport, PendingReport } from "./leader-continuation.ts";
import {
  encodeAggregationJobInitReq,
  LEADER_SELECTED_BATCH_ID_EXTENSION,
  type VerifyInit,
} from "./messages/aggregation-job.ts";
import type { Report } from "./messages/report.ts";
import { type ReportError, reportErrorIn } from "./messages/report-error.ts";
import {
  type Aggregator,
  checkMetadata,
  openReportShare,
  type ReportPolicy,
} from "./report-share.ts";
import { NO_AGG_PARAM } from "./task-vdaf.ts";
import {
  attemptVdaf,
  type OnUnexpected,
  type RefusedReport,
  verifyEach,
} from "./verify-outcome.ts";

export type LeaderInitOutcome =
  | { readonly ok: true; readonly verifyInit: VerifyInit; readonly pending: ContinuedReport }
  | RefusedReport;

/** What the leader asks the helper in one step of a job, and what it keeps meanwhile. */
export interface LeaderQuestion {
  /** 0 is the first. */
  readonly step: number;
  /** The body of the request; it is about the reports of `pending`, in order. */
  readonly request: Uint8Array;
  readonly pending: readonly PendingReport[];
}

/** The first question of a job. */
export interface LeaderJob extends LeaderQuestion {
  /** Reports that the leader itself refuses. */
  readonly refused: readonly RefusedReport[];
}

/**
 * Whether the leader takes an uploaded report, by what costs nothing: clock, task interval, public
 * extensions, key and sizes. Ids that were seen and batches that were collected are the store's to
 * know; what is inside is checked when the report is aggregated.
 *
 * @returns why not, or undefined
 */
export function checkUpload(
  policy: ReportPolicy & { readonly isKnownConfig: (configId: number) => boolean },
  report: Report,
): ReportError | undefined {
  const { task } = policy;
  const refused = checkMetadata(policy, report.reportMetadata);
  if (refused === "task_not_started" || refused === "task_expired") return "report_dropped";
  if (refused !== undefined) return refused;
  if (report.publicShare.length !== task.vdaf.publicShareSize) return "invalid_message";
  const known = policy.isKnownConfig(report.leaderEncryptedInputShare.configId);
  return known ? undefined : reportErrorIn(task.version, "outdated_config");
}

/** The first step for one report. */
export function leaderInitReport(aggregator: Aggregator, report: Report): LeaderInitOutcome {
  const { task } = aggregator;
  const { reportMetadata, publicShare } = report;
  const { reportId, time } = reportMetadata;
  const encryptedInputShare = report.leaderEncryptedInputShare;
  const opened = openReportShare(aggregator, "leader", {
    reportMetadata,
    publicShare,
    encryptedInputShare,
  });
  if (!opened.ok) return { ok: false, reportId, time, error: opened.error };

  const { vdaf } = aggregationOf(task, aggregator.aggParam);
  const verifyKey = aggregator.verifyKey.reveal();
  const begun = attemptVdaf(() =>
    pingPongLeaderInit(vdaf, verifyKey, task.context, reportId, publicShare, opened.inputShare),
  );
  if (!begun.ok) return { ok: false, reportId, time, error: begun.error };
  const { state, message } = begun.value;
  const reportShare = {
    reportMetadata,
    publicShare,
    encryptedInputShare: report.helperEncryptedInputShare,
  };
  return {
    ok: true,
    verifyInit: { reportShare, payload: message },
    pending: { kind: "continued", reportId, time, state },
  };
}

/**
 * The first step for many reports, in order, each in the moment it is asked for. No report disturbs
 * another: one that makes our own code throw is refused as `report_dropped`.
 */
export function leaderInitReports(
  aggregator: Aggregator,
  reports: Iterable<Report>,
  onUnexpected?: OnUnexpected,
): Generator<LeaderInitOutcome, void> {
  return verifyEach(reports, {
    verify: (report) => leaderInitReport(aggregator, report),
    metadataOf: ({ reportMetadata }) => reportMetadata,
    onUnexpected,
  });
}

/**
 * The first step for a whole job.
 *
 * @param batchId in leader-selected mode, the batch that the reports go to
 */
export function leaderInitJob(
  aggregator: Aggregator,
  reports: readonly Report[],
  batchId?: Uint8Array,
): LeaderJob {
  return leaderAssembleJob(aggregator, [...leaderInitReports(aggregator, reports)], batchId);
}

/**
 * The job of reports whose first steps were made elsewhere, such as by several workers. Of two
 * reports of one id the second is refused: a helper fails jobs with an id twice.
 */
export function leaderAssembleJob(
  {
    verificationKeyId = 0,
    aggParam = NO_AGG_PARAM,
  }: Pick<Aggregator, "verificationKeyId" | "aggParam">,
  outcomes: readonly LeaderInitOutcome[],
  batchId?: Uint8Array,
): LeaderJob {
  const seen = new Set<string>();
  const ready: Extract<LeaderInitOutcome, { ok: true }>[] = [];
  const refused: RefusedReport[] = [];
  for (const outcome of outcomes) {
    if (!outcome.ok) {
      refused.push(outcome);
      continue;
    }
    const { reportId, time } = outcome.pending;
    const id = encodeHex(reportId);
    if (seen.has(id)) refused.push({ ok: false, reportId, time, error: "report_replayed" });
    else ready.push(outcome);
    seen.add(id);
  }
  const request = encodeAggregationJobInitReq({
    verificationKeyId,
    aggParam,
    extensions: batchId ? [{ type: LEADER_SELECTED_BATCH_ID_EXTENSION, data: batchId }] : [],
    verifyInits: ready.map(({ verifyInit }) => verifyInit),
  });
  return { step: 0, request, pending: ready.map(({ pending }) => pending), refused };
}
