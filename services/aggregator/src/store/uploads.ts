import { isInside } from "@sumus/dap";
import type { ReportError } from "@sumus/dap/messages";
import type { Transaction } from "@sumus/storage";
import { lockForReports } from "./batches.ts";
import { addCounts, Tally } from "./counters.ts";
import { insertPending, type PendingReport } from "./pending-reports.ts";
import { recordReportIds } from "./report-ids.ts";

/** One upload request: its reports, and which were refused before the store was asked. */
export interface Upload {
  readonly task: number;
  readonly reports: readonly UploadEntry[];
}

interface UploadEntry {
  readonly report: PendingReport;
  readonly refused: ReportError | undefined;
}

/**
 * Writes the reports of several uploads, and counts the refused.
 *
 * @returns for each upload, for each report: why it was refused, or undefined
 */
export async function writeUploads(
  transaction: Transaction,
  uploads: readonly Upload[],
): Promise<(ReportError | undefined)[][]> {
  const tasks = [...new Set(uploads.map((upload) => upload.task))].sort((a, b) => a - b);
  const collected = await lockForReports(transaction, tasks);
  const verdicts = uploads.map(({ reports }) =>
    reports.map(({ report, refused }): ReportError | undefined => {
      const intervals = collected.get(report.task) ?? [];
      const late = intervals.some((interval) => isInside(report.bucket, interval));
      return refused ?? (late ? "batch_collected" : undefined);
    }),
  );
  const open = uploads.flatMap(({ reports }, upload) =>
    reports.flatMap(({ report }, index) =>
      verdicts[upload]?.[index] === undefined ? [{ upload, index, report }] : [],
    ),
  );
  const areNew = await recordReportIds(
    transaction,
    open.map(({ report }) => report),
  );
  for (const [place, { upload, index }] of open.entries()) {
    const row = verdicts[upload];
    if (!areNew[place] && row !== undefined) row[index] = "report_replayed";
  }
  await insertPending(
    transaction,
    open.filter((_, place) => areNew[place]).map(({ report }) => report),
  );
  await addCounts(transaction, tallyRefused(uploads, verdicts));
  return verdicts;
}

function tallyRefused(
  uploads: readonly Upload[],
  verdicts: readonly (readonly (ReportError | undefined)[])[],
): Tally {
  const tally = new Tally();
  for (const [index, { task }] of uploads.entries()) {
    for (const verdict of verdicts[index] ?? []) if (verdict) tally.add(task, verdict);
  }
  return tally;
}
