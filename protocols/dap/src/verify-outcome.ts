/**
 * What became of one report. A refused report never spoils the others: every step maps reports to
 * outcomes, one by one.
 *
 * @module
 */
import { VdafError } from "@sumus/vdaf";
import type { ReportMetadata } from "./messages/report.ts";
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

/** Hears what no report should be able to cause: a promise that our own code has broken. */
export type OnUnexpected = (error: unknown, reportId: Uint8Array) => void;

/**
 * The outcomes of many reports, each in the moment it is asked for. Whatever is thrown over one of
 * them is the end of that report alone: it is dropped, and its neighbours never notice.
 */
export function* verifyEach<Item, Outcome>(
  items: Iterable<Item>,
  steps: {
    readonly verify: (item: Item) => Outcome;
    readonly metadataOf: (item: Item) => Pick<ReportMetadata, "reportId" | "time">;
    readonly onUnexpected: OnUnexpected | undefined;
  },
): Generator<Outcome | RefusedReport, void> {
  for (const item of items) {
    let outcome: Outcome | RefusedReport;
    try {
      outcome = steps.verify(item);
    } catch (error) {
      const { reportId, time } = steps.metadataOf(item);
      steps.onUnexpected?.(error, reportId);
      outcome = { ok: false, reportId, time, error: "report_dropped" };
    }
    yield outcome;
  }
}
