/**
 * An aggregator's first step over many reports of one task, as something that can be done elsewhere:
 * reports and outcomes also exist as one byte string each, so that they move to a worker thread and
 * back without a copy. Whichever way a step is taken, its outcomes are the same.
 *
 * The encodings of outcomes are secret, and private to one process and one version of this code.
 *
 * @module
 */
import { defined } from "@sumus/assert";
import { decode, type Reader, Writer } from "@sumus/codec";
import { aggregationOf } from "./aggregation.ts";
import { type HelperOutcome, helperInitReports } from "./helper.ts";
import { type LeaderInitOutcome, leaderInitReports } from "./leader.ts";
import {
  decodeAggregationJobInitReq,
  encodeAggregationJobInitReq,
  type VerifyInit,
} from "./messages/aggregation-job.ts";
import { U32_MAX } from "./messages/basic.ts";
import {
  decodeUploadRequest,
  type Report,
  type ReportMetadata,
  writeReport,
} from "./messages/report.ts";
import { REPORT_ERROR_REMEDIES, type ReportError } from "./messages/report-error.ts";
import type { Aggregator } from "./report-share.ts";
import { type AggregationVdaf, NO_AGG_PARAM } from "./task-vdaf.ts";
import type { OnUnexpected, RefusedReport } from "./verify-outcome.ts";

export interface InitStep<Item, Outcome> {
  /** An outcome for each item, in order, each in the moment it is asked for. */
  verify(
    aggregator: Aggregator,
    items: Iterable<Item>,
    onUnexpected?: OnUnexpected,
  ): Iterable<Outcome>;

  encodeItems(items: readonly Item[]): Uint8Array<ArrayBuffer>;
  /** @throws {DecodeError} */
  decodeItems(bytes: Uint8Array): Item[];

  /** Ids and times are left out: whoever decodes has the items. */
  encodeOutcomes(parameters: StateEncoding, outcomes: readonly Outcome[]): Uint8Array<ArrayBuffer>;
  /** @throws {DecodeError} also when the outcomes are not as many as the items */
  decodeOutcomes(parameters: StateEncoding, items: readonly Item[], bytes: Uint8Array): Outcome[];
}

/** The part of an {@link Aggregator} that says how states are encoded. */
type StateEncoding = Pick<Aggregator, "task" | "aggParam">;

function vdafOf({ task, aggParam }: StateEncoding): AggregationVdaf {
  return aggregationOf(task, aggParam).vdaf;
}

export const leaderInitStep: InitStep<Report, LeaderInitOutcome> = {
  verify: leaderInitReports,
  encodeItems: (reports) =>
    Writer.encode((writer) => {
      for (const report of reports) writeReport(writer, report);
    }),
  decodeItems: (bytes) => decodeUploadRequest(bytes).map(({ report }) => report),
  encodeOutcomes: (parameters, outcomes) => {
    const vdaf = vdafOf(parameters);
    return encodeEach(outcomes, (writer, { verifyInit, pending }) => {
      writer.opaque(verifyInit.payload, { max: U32_MAX });
      writer.opaque(vdaf.encodeState(pending.state), { max: U32_MAX });
    });
  },
  decodeOutcomes: (parameters, reports, bytes) => {
    const vdaf = vdafOf(parameters);
    return decodeEach(
      reports,
      ({ reportMetadata }) => reportMetadata,
      bytes,
      (reader, report) => {
        const { reportMetadata, publicShare, helperEncryptedInputShare } = report;
        const { reportId, time } = reportMetadata;
        const payload = reader.opaque("payload", { max: U32_MAX });
        const state = vdaf.decodeState(reader.opaque("state", { max: U32_MAX }));
        const encryptedInputShare = helperEncryptedInputShare;
        const reportShare = { reportMetadata, publicShare, encryptedInputShare };
        const verifyInit: VerifyInit = { reportShare, payload };
        const pending = { kind: "continued", reportId, time, state } as const;
        return { ok: true, verifyInit, pending };
      },
    );
  },
};

export const helperInitStep: InitStep<VerifyInit, HelperOutcome> = {
  verify: helperInitReports,
  encodeItems: (verifyInits) =>
    encodeAggregationJobInitReq({
      verificationKeyId: 0,
      aggParam: NO_AGG_PARAM,
      extensions: [],
      verifyInits,
    }),
  decodeItems: (bytes) => [...decodeAggregationJobInitReq(bytes).verifyInits],
  encodeOutcomes: (parameters, outcomes) => {
    const vdaf = vdafOf(parameters);
    return encodeEach(outcomes, (writer, outcome) => {
      const isFinished = outcome.kind === "finished";
      const secret = isFinished ? outcome.outShare : vdaf.encodeState(outcome.state);
      const message = defined(outcome.message, "a first step has a message for the leader");
      writer.u8(isFinished ? 1 : 0);
      writer.opaque(secret, { max: U32_MAX }).opaque(message, { max: U32_MAX });
    });
  },
  decodeOutcomes: (parameters, verifyInits, bytes) => {
    const vdaf = vdafOf(parameters);
    return decodeEach(
      verifyInits,
      ({ reportShare }) => reportShare.reportMetadata,
      bytes,
      (reader, { reportShare: { reportMetadata } }) => {
        const { reportId, time } = reportMetadata;
        const isFinished = reader.u8("is_finished") === 1;
        const secret = reader.opaque("out_share or state", { max: U32_MAX });
        const message = reader.opaque("message", { max: U32_MAX });
        const report = { ok: true, reportId, time, message } as const;
        return isFinished
          ? { kind: "finished", ...report, outShare: secret }
          : { kind: "continued", ...report, state: vdaf.decodeState(secret) };
      },
    );
  },
};

/** 0 stands before what was verified; a reason's number, from 1, stands for what was refused. */
const REASONS = Object.keys(REPORT_ERROR_REMEDIES) as ReportError[];

function encodeEach<Verified extends { readonly ok: true }>(
  outcomes: readonly (Verified | RefusedReport)[],
  write: (writer: Writer, verified: Verified) => void,
): Uint8Array<ArrayBuffer> {
  return Writer.encode((writer) => {
    for (const outcome of outcomes) {
      if (outcome.ok) write(writer.u8(0), outcome);
      else writer.u8(REASONS.indexOf(outcome.error) + 1);
    }
  });
}

function decodeEach<Item, Verified>(
  items: readonly Item[],
  metadataOf: (item: Item) => ReportMetadata,
  bytes: Uint8Array,
  read: (reader: Reader, item: Item) => Verified,
): (Verified | RefusedReport)[] {
  return decode("Outcomes", bytes, (reader) =>
    items.map((item) => {
      const number = reader.u8("outcome");
      if (number === 0) return read(reader, item);
      const { reportId, time } = metadataOf(item);
      const error = defined(REASONS[number - 1], "a reason is one of the report errors");
      return { ok: false, reportId, time, error };
    }),
  );
}
