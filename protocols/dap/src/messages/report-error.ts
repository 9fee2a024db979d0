/**
 * Why one report was refused [DAP-18, Section 4.1, `ReportError`]. The names are the draft's; their
 * numbers depend on the version: dap-19 took three out and renumbered the rest.
 *
 * @module
 */
import { assert } from "@sumus/assert";
import type { Reader, Writer } from "@sumus/codec";
import type { DapVersion } from "../version.ts";

export type ReportError =
  | "batch_collected"
  | "report_replayed"
  | "report_dropped"
  | "hpke_unknown_config_id"
  | "hpke_decrypt_error"
  | "vdaf_verify_error"
  | "task_expired"
  | "invalid_message"
  | "report_too_early"
  | "task_not_started"
  | "outdated_config"
  | "unknown_verification_key_id"
  | "unsupported_extension";

/** In order of their numbers, from 1; number 0 is reserved. */
const REGISTRIES: Readonly<Record<DapVersion, readonly ReportError[]>> = {
  "dap-18": [
    "batch_collected",
    "report_replayed",
    "report_dropped",
    "hpke_unknown_config_id",
    "hpke_decrypt_error",
    "vdaf_verify_error",
    "task_expired",
    "invalid_message",
    "report_too_early",
    "task_not_started",
    "outdated_config",
  ],
  "dap-19": [
    "batch_collected",
    "report_replayed",
    "report_dropped",
    "hpke_unknown_config_id",
    "hpke_decrypt_error",
    "vdaf_verify_error",
    "invalid_message",
    "report_too_early",
    "unknown_verification_key_id",
    "unsupported_extension",
  ],
};

/** What a version without the name says instead. */
const SUBSTITUTES: Readonly<Partial<Record<ReportError, ReportError>>> = {
  task_expired: "report_dropped",
  task_not_started: "report_dropped",
  outdated_config: "hpke_unknown_config_id",
  unknown_verification_key_id: "report_dropped",
  unsupported_extension: "invalid_message",
};

/** What to do about it, for the person or program whose report it was. */
export const REPORT_ERROR_REMEDIES: Readonly<Record<ReportError, string>> = {
  batch_collected: "The batch of this report's time was collected; send reports while it is open.",
  report_replayed: "A report of this id was counted already; give each report a fresh random id.",
  report_dropped: "The report's time is outside of what the task takes; check clock and window.",
  hpke_unknown_config_id: "Fetch the HPKE configurations again and make a new report.",
  hpke_decrypt_error: "Make the report anew for this very task and the current configurations.",
  vdaf_verify_error:
    "The measurement is outside of what the task allows, or its proof was changed.",
  task_expired: "The task is over; nothing more can be contributed to it.",
  invalid_message: "The report is not encoded as DAP says; check the client's version.",
  report_too_early: "The report's time lies in the future; set the clock and send it later.",
  task_not_started: "The task has not begun; send the report when it has.",
  outdated_config: "Fetch the HPKE configurations again and make a new report.",
  unknown_verification_key_id: "The leader chose a verification key the helper does not hold.",
  unsupported_extension: "The report carries an extension that this task does not take.",
};

/** The name that `version` has for the error, or for the closest one it has. */
export function reportErrorIn(version: DapVersion, error: ReportError): ReportError {
  return REGISTRIES[version].includes(error) ? error : (SUBSTITUTES[error] ?? error);
}

export function readReportError(reader: Reader, field: string, version: DapVersion): ReportError {
  const number = reader.u8(field);
  return (
    REGISTRIES[version][number - 1] ??
    reader.fail(field, `expected a report error of ${version}, got ${number}`)
  );
}

export function writeReportError(writer: Writer, error: ReportError, version: DapVersion): void {
  const number = REGISTRIES[version].indexOf(reportErrorIn(version, error)) + 1;
  assert(number > 0, `${version} has a number for ${error} or its substitute`);
  writer.u8(number);
}
