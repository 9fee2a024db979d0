/**
 * What became of one report. A refused report never spoils the others: every step maps reports to
 * outcomes, one by one.
 *
 * @module
 */
import { VdafError } from "@sumus/vdaf";
import type { ReportError } from "./messages/report-error.ts";

/** A verified report, to be committed: its output share goes into the bucket of its time. */
export interface VerifiedReport {
  readonly ok: true;
  readonly reportId: Uint8Array;
  readonly time: number;
  readonly outShare: Uint8Array;
}

export interface RefusedReport {
  readonly ok: false;
  readonly reportId: Uint8Array;
  readonly time: number;
  readonly error: ReportError;
}

/** The VDAF's result, or the report error that its failure stands for. */
export function attemptVdaf<T>(
  run: () => T,
): { ok: true; value: T } | { ok: false; error: ReportError } {
  try {
    return { ok: true, value: run() };
  } catch (error) {
    if (!(error instanceof VdafError)) throw error;
    const malformed = error.code === "vdafInputError";
    return { ok: false, error: malformed ? "invalid_message" : "vdaf_verify_error" };
  }
}
