/**
 * What leader and helper say to each other while they verify reports [DAP-18, Section 4.5].
 *
 * @module
 */
import { decode, type Reader, Writer } from "@sumus/codec";
import type { DapVersion } from "../version.ts";
import {
  areStrictlyIncreasing,
  type Extension,
  type HpkeCiphertext,
  REPORT_ID_BYTES,
  readExtensions,
  readHpkeCiphertext,
  U32_MAX,
  writeExtensions,
  writeHpkeCiphertext,
} from "./basic.ts";
import {
  type ReportMetadata,
  readPublicShare,
  readReportMetadata,
  writeReportMetadata,
} from "./report.ts";
import { type ReportError, readReportError, writeReportError } from "./report-error.ts";

/** More reports in one aggregation job are refused; a leader makes several jobs instead. */
export const AGGREGATION_JOB_REPORTS_MAX = 65_536;

/** The one aggregation job extension of the draft [DAP-18, Section 5.2.2]. */
export const LEADER_SELECTED_BATCH_ID_EXTENSION = 1;

/** One aggregator's part of a report; the leader passes the helper's on. */
export interface ReportShare {
  readonly reportMetadata: ReportMetadata;
  readonly publicShare: Uint8Array;
  readonly encryptedInputShare: HpkeCiphertext;
}

export interface VerifyInit {
  readonly reportShare: ReportShare;
  /** The leader's first ping-pong message. */
  readonly payload: Uint8Array;
}

export interface AggregationJobInitReq {
  readonly verificationKeyId: number;
  readonly aggParam: Uint8Array;
  /** In strictly increasing order of their types. */
  readonly extensions: readonly Extension[];
  readonly verifyInits: readonly VerifyInit[];
}

export interface VerifyContinue {
  readonly reportId: Uint8Array;
  readonly payload: Uint8Array;
}

export interface AggregationJobContinueReq {
  /** From 1. */
  readonly step: number;
  readonly verifyContinues: readonly VerifyContinue[];
}

/** The helper's answer about one report. */
export type VerifyResp =
  | { readonly type: "continue"; readonly reportId: Uint8Array; readonly payload: Uint8Array }
  | { readonly type: "finish"; readonly reportId: Uint8Array }
  | { readonly type: "reject"; readonly reportId: Uint8Array; readonly reportError: ReportError };

const VERIFY_RESP_TYPE = { continue: 0, finish: 1, reject: 2 } as const;

export function encodeAggregationJobInitReq(
  request: AggregationJobInitReq,
): Uint8Array<ArrayBuffer> {
  return Writer.encode((writer) => {
    writer.u8(request.verificationKeyId);
    writer.opaque(request.aggParam, { max: U32_MAX });
    writeExtensions(writer, request.extensions);
    for (const { reportShare, payload } of request.verifyInits) {
      writeReportMetadata(writer, reportShare.reportMetadata);
      writer.opaque(reportShare.publicShare, { max: U32_MAX });
      writeHpkeCiphertext(writer, reportShare.encryptedInputShare);
      writer.opaque(payload, { min: 1, max: U32_MAX });
    }
  });
}

/** @throws {DecodeError} also when the extensions are out of order */
export function decodeAggregationJobInitReq(bytes: Uint8Array): AggregationJobInitReq {
  return decode("AggregationJobInitReq", bytes, (reader) => {
    const verificationKeyId = reader.u8("verification_key_id");
    const aggParam = reader.opaque("agg_param", { max: U32_MAX });
    const extensions = readExtensions(reader, "extensions");
    if (!areStrictlyIncreasing(extensions)) {
      reader.fail("extensions", "expected strictly increasing types, got another order");
    }
    const verifyInits = readToEnd(reader, "verify_inits", () => ({
      reportShare: {
        reportMetadata: readReportMetadata(reader),
        publicShare: readPublicShare(reader),
        encryptedInputShare: readHpkeCiphertext(reader, "encrypted_input_share"),
      },
      payload: reader.opaque("payload", { min: 1, max: U32_MAX }),
    }));
    return { verificationKeyId, aggParam, extensions, verifyInits };
  });
}

export function encodeAggregationJobContinueReq(request: AggregationJobContinueReq): Uint8Array {
  return Writer.encode((writer) => {
    writer.u16(request.step);
    for (const { reportId, payload } of request.verifyContinues) {
      writer.fixed(reportId).opaque(payload, { min: 1, max: U32_MAX });
    }
  });
}

/** @throws {DecodeError} also when the step is 0 */
export function decodeAggregationJobContinueReq(bytes: Uint8Array): AggregationJobContinueReq {
  return decode("AggregationJobContinueReq", bytes, (reader) => {
    const step = reader.u16("step");
    if (step === 0) reader.fail("step", "expected at least 1, got 0");
    const verifyContinues = readToEnd(reader, "verify_continues", () => ({
      reportId: reader.fixed("report_id", REPORT_ID_BYTES),
      payload: reader.opaque("payload", { min: 1, max: U32_MAX }),
    }));
    return { step, verifyContinues };
  });
}

export function encodeAggregationJobResp(
  verifyResps: readonly VerifyResp[],
  version: DapVersion,
): Uint8Array {
  return Writer.encode((writer) => {
    for (const resp of verifyResps) {
      writer.fixed(resp.reportId).u8(VERIFY_RESP_TYPE[resp.type]);
      if (resp.type === "continue") writer.opaque(resp.payload, { min: 1, max: U32_MAX });
      else if (resp.type === "reject") writeReportError(writer, resp.reportError, version);
    }
  });
}

/** @throws {DecodeError} */
export function decodeAggregationJobResp(bytes: Uint8Array, version: DapVersion): VerifyResp[] {
  return decode("AggregationJobResp", bytes, (reader) =>
    readToEnd(reader, "verify_resps", () => readVerifyResp(reader, version)),
  );
}

function readVerifyResp(reader: Reader, version: DapVersion): VerifyResp {
  const reportId = reader.fixed("report_id", REPORT_ID_BYTES);
  const type = reader.u8("verify_resp_type");
  if (type === VERIFY_RESP_TYPE.continue) {
    const payload = reader.opaque("payload", { min: 1, max: U32_MAX });
    return { type: "continue", reportId, payload };
  }
  if (type === VERIFY_RESP_TYPE.finish) return { type: "finish", reportId };
  if (type === VERIFY_RESP_TYPE.reject) {
    const reportError = readReportError(reader, "report_error", version);
    return { type: "reject", reportId, reportError };
  }
  return reader.fail("verify_resp_type", `expected 0, 1 or 2, got ${type}`);
}

/** The vectors whose length is that of the HTTP message, less what came before. */
function readToEnd<T>(reader: Reader, field: string, item: () => T): T[] {
  const items: T[] = [];
  while (reader.remaining > 0) {
    if (items.length >= AGGREGATION_JOB_REPORTS_MAX) {
      reader.fail(field, `expected at most ${AGGREGATION_JOB_REPORTS_MAX} items, got more`);
    }
    items.push(item());
  }
  return items;
}
