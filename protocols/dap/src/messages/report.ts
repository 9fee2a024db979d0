/**
 * Reports and their upload [DAP-18, Section 4.4.2].
 *
 * @module
 */
import { decode, type Reader, Writer } from "@sumus/codec";
import type { DapVersion } from "../version.ts";
import {
  type Extension,
  type HpkeCiphertext,
  REPORT_ID_BYTES,
  readExtensions,
  readHpkeCiphertext,
  U32_MAX,
  writeExtensions,
  writeHpkeCiphertext,
} from "./basic.ts";
import { type ReportError, readReportError, writeReportError } from "./report-error.ts";

/** More reports in one upload are refused; a client sends several uploads instead. */
export const UPLOAD_REPORTS_MAX = 65_536;

export interface ReportMetadata {
  /** 16 random bytes, also the VDAF's nonce. */
  readonly reportId: Uint8Array;
  /** In units of the task's time precision. */
  readonly time: number;
  readonly publicExtensions: readonly Extension[];
}

export interface Report {
  readonly reportMetadata: ReportMetadata;
  readonly publicShare: Uint8Array;
  readonly leaderEncryptedInputShare: HpkeCiphertext;
  readonly helperEncryptedInputShare: HpkeCiphertext;
}

/** What an aggregator finds when it opens its input share. */
export interface PlaintextInputShare {
  readonly privateExtensions: readonly Extension[];
  readonly payload: Uint8Array;
}

export interface ReportUploadStatus {
  readonly id: Uint8Array;
  readonly error: ReportError;
}

export function encodeReport(report: Report): Uint8Array {
  return Writer.encode((writer) => writeReport(writer, report));
}

export function writeReport(writer: Writer, report: Report): void {
  writeReportMetadata(writer, report.reportMetadata);
  writer.opaque(report.publicShare, { max: U32_MAX });
  writeHpkeCiphertext(writer, report.leaderEncryptedInputShare);
  writeHpkeCiphertext(writer, report.helperEncryptedInputShare);
}

/** @throws {DecodeError} */
export function decodeReport(bytes: Uint8Array): Report {
  return decode("Report", bytes, readReport);
}

/** A report of an upload beside the very bytes it came in, for storing them. */
export interface UploadedReport {
  readonly report: Report;
  /** A view of the request's bytes. */
  readonly encoded: Uint8Array;
}

/** @throws {DecodeError} also when there are more than {@link UPLOAD_REPORTS_MAX} */
export function decodeUploadRequest(bytes: Uint8Array): UploadedReport[] {
  return decode("UploadRequest", bytes, (reader) => {
    const reports: UploadedReport[] = [];
    while (reader.remaining > 0) {
      if (reports.length >= UPLOAD_REPORTS_MAX) {
        reader.fail("reports", `expected at most ${UPLOAD_REPORTS_MAX} reports, got more`);
      }
      const start = bytes.length - reader.remaining;
      const report = readReport(reader);
      reports.push({ report, encoded: bytes.subarray(start, bytes.length - reader.remaining) });
    }
    return reports;
  });
}

export function encodeUploadErrors(
  statuses: readonly ReportUploadStatus[],
  version: DapVersion,
): Uint8Array {
  return Writer.encode((writer) => {
    for (const { id, error } of statuses) writeReportError(writer.fixed(id), error, version);
  });
}

/** @throws {DecodeError} */
export function decodeUploadErrors(bytes: Uint8Array, version: DapVersion): ReportUploadStatus[] {
  return decode("UploadErrors", bytes, (reader) => {
    const statuses: ReportUploadStatus[] = [];
    while (reader.remaining > 0) {
      if (statuses.length >= UPLOAD_REPORTS_MAX) {
        reader.fail("status", `expected at most ${UPLOAD_REPORTS_MAX} statuses, got more`);
      }
      const id = reader.fixed("id", REPORT_ID_BYTES);
      statuses.push({ id, error: readReportError(reader, "error", version) });
    }
    return statuses;
  });
}

export function encodePlaintextInputShare(share: PlaintextInputShare): Uint8Array {
  return Writer.encode((writer) => {
    writeExtensions(writer, share.privateExtensions);
    writer.opaque(share.payload, { min: 1, max: U32_MAX });
  });
}

/** @throws {DecodeError} */
export function decodePlaintextInputShare(bytes: Uint8Array): PlaintextInputShare {
  return decode("PlaintextInputShare", bytes, (reader) => ({
    privateExtensions: readExtensions(reader, "private_extensions"),
    payload: reader.opaque("payload", { min: 1, max: U32_MAX }),
  }));
}

/**
 * What each input share is bound to: task, configuration, metadata and public share.
 *
 * @param taskConfiguration as encoded
 */
export function encodeInputShareAad(
  taskId: Uint8Array,
  taskConfiguration: Uint8Array,
  metadata: ReportMetadata,
  publicShare: Uint8Array,
): Uint8Array {
  return Writer.encode((writer) => {
    writer.fixed(taskId).fixed(taskConfiguration);
    writeReportMetadata(writer, metadata);
    writer.opaque(publicShare, { max: U32_MAX });
  });
}

export function readReportMetadata(reader: Reader): ReportMetadata {
  return {
    reportId: reader.fixed("report_id", REPORT_ID_BYTES),
    time: reader.u64Safe("time"),
    publicExtensions: readExtensions(reader, "public_extensions"),
  };
}

export function writeReportMetadata(writer: Writer, metadata: ReportMetadata): void {
  writer.fixed(metadata.reportId).u64(metadata.time);
  writeExtensions(writer, metadata.publicExtensions);
}

export function readPublicShare(reader: Reader): Uint8Array {
  return reader.opaque("public_share", { max: U32_MAX });
}

function readReport(reader: Reader): Report {
  return {
    reportMetadata: readReportMetadata(reader),
    publicShare: readPublicShare(reader),
    leaderEncryptedInputShare: readHpkeCiphertext(reader, "leader_encrypted_input_share"),
    helperEncryptedInputShare: readHpkeCiphertext(reader, "helper_encrypted_input_share"),
  };
}
