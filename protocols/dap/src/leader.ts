/**
 * The leader's steps [DAP-18, Sections 4.4.2.2, 4.5.2.1]. Prio3 has one round: the leader asks once
 * about many reports, and the helper's answer settles each of them.
 *
 * All steps are deterministic. A leader that crashes between asking and hearing may compute the
 * same request again from the same reports at the same time, or store request and pending reports
 * and send those; the helper answers a byte-identical request as it did before.
 *
 * @module
 */
import { encodeHex, equalBytes } from "@sumus/bytes";
import { decode, Writer } from "@sumus/codec";
import { pingPongLeaderContinued, pingPongLeaderInit, type VerifyState } from "@sumus/vdaf";
import {
  decodeAggregationJobResp,
  encodeAggregationJobInitReq,
  LEADER_SELECTED_BATCH_ID_EXTENSION,
  type VerifyInit,
  type VerifyResp,
} from "./messages/aggregation-job.ts";
import { REPORT_ID_BYTES } from "./messages/basic.ts";
import type { Report } from "./messages/report.ts";
import { type ReportError, reportErrorIn } from "./messages/report-error.ts";
import { DapPeerError, readResponse } from "./peer-error.ts";
import {
  type Aggregator,
  checkMetadata,
  openReportShare,
  type ReportPolicy,
} from "./report-share.ts";
import type { DapTask } from "./task.ts";
import {
  attemptVdaf,
  type OnUnexpected,
  type RefusedReport,
  type VerifiedReport,
  verifyEach,
} from "./verify-outcome.ts";

/** A report that waits for the helper's answer. Its state is secret. */
export interface PendingReport {
  readonly reportId: Uint8Array;
  readonly time: number;
  readonly state: VerifyState;
}

export type LeaderInitOutcome =
  | { readonly ok: true; readonly verifyInit: VerifyInit; readonly pending: PendingReport }
  | RefusedReport;

export interface LeaderJob {
  /** The body of the request to the helper; its `verify_inits` are those of `pending`, in order. */
  readonly request: Uint8Array;
  readonly pending: readonly PendingReport[];
  /** Reports that the leader itself refuses. */
  readonly refused: readonly RefusedReport[];
}

export type LeaderOutcome =
  | VerifiedReport
  | (RefusedReport & {
      /**
       * The helper has counted what the leader must refuse: the batch will not match. An honest
       * helper never lets this happen; tell the operators.
       */
      readonly helperCommitted: boolean;
    });

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

  const verifyKey = aggregator.verifyKey.reveal();
  const begun = attemptVdaf(() =>
    pingPongLeaderInit(
      task.vdaf,
      verifyKey,
      task.context,
      reportId,
      publicShare,
      opened.inputShare,
    ),
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
    pending: { reportId, time, state },
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
  { verificationKeyId = 0 }: Pick<Aggregator, "verificationKeyId">,
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
    aggParam: new Uint8Array(),
    extensions: batchId ? [{ type: LEADER_SELECTED_BATCH_ID_EXTENSION, data: batchId }] : [],
    verifyInits: ready.map(({ verifyInit }) => verifyInit),
  });
  return { request, pending: ready.map(({ pending }) => pending), refused };
}

/**
 * The last step: what the helper's response makes of each pending report, in order.
 *
 * @throws {DapPeerError} when the response is not one to this request; the job is then abandoned,
 *   nothing of it is committed, and its reports may go into another job
 */
export function leaderFinishJob(
  task: DapTask,
  pending: readonly PendingReport[],
  response: Uint8Array,
): LeaderOutcome[] {
  const verifyResps = readResponse(() => decodeAggregationJobResp(response, task.version));
  if (verifyResps.length !== pending.length) {
    throw new DapPeerError(
      "reportsDiffer",
      `expected answers about ${pending.length} reports, got ${verifyResps.length}`,
    );
  }
  // Everything is checked before anything is computed: a lie about one report ends the job.
  const pairs = pending.map((report, index) => {
    const resp = verifyResps[index];
    if (resp === undefined || !equalBytes(resp.reportId, report.reportId)) {
      throw new DapPeerError("reportsDiffer", `expected another report id at index ${index}`);
    }
    if (resp.type === "finish") {
      throw new DapPeerError("unexpectedStep", `expected continue or reject at index ${index}`);
    }
    return { report, resp };
  });
  return pairs.map(({ report, resp }) => finishReport(task, report, resp));
}

function finishReport(
  task: DapTask,
  { reportId, time, state }: PendingReport,
  resp: Exclude<VerifyResp, { type: "finish" }>,
): LeaderOutcome {
  if (resp.type === "reject") {
    return { ok: false, reportId, time, error: resp.reportError, helperCommitted: false };
  }
  const finished = attemptVdaf(() =>
    pingPongLeaderContinued(task.vdaf, task.context, state, resp.payload),
  );
  return finished.ok
    ? { ok: true, reportId, time, outShare: finished.value.outShare }
    : { ok: false, reportId, time, error: "vdaf_verify_error", helperCommitted: true };
}

/** A pending report as bytes to store; they are secret. */
export function encodePendingReport(task: DapTask, report: PendingReport): Uint8Array {
  return Writer.encode((writer) => {
    writer.fixed(report.reportId).u64(report.time).fixed(task.vdaf.encodeState(report.state));
  });
}

/** @throws {DecodeError} */
export function decodePendingReport(task: DapTask, bytes: Uint8Array): PendingReport {
  return decode("PendingReport", bytes, (reader) => ({
    reportId: reader.fixed("report_id", REPORT_ID_BYTES),
    time: reader.u64Safe("time"),
    state: task.vdaf.decodeState(reader.fixed("state", task.vdaf.verifyStateSize)),
  }));
}
