import { defined } from "@sumus/assert";
import { isInside } from "@sumus/dap";
import type { ReportError } from "@sumus/dap/messages";
import type { Transaction } from "@sumus/storage";
import { type LockedTask, lockForReports } from "./batches.ts";
import { addCounts, Tally } from "./counters.ts";
import { insertPending, type PendingReport } from "./pending-reports.ts";
import { recordReportIds } from "./report-ids.ts";
import type { TaskState } from "./tasks.ts";

/** One upload request: its reports, and which were refused before the store was asked. */
export interface Upload {
  readonly task: number;
  readonly reports: readonly UploadEntry[];
}

interface UploadEntry {
  readonly report: PendingReport;
  readonly refused: ReportError | undefined;
}

export type UploadVerdict = readonly (ReportError | undefined)[] | Exclude<TaskState, "open">;

/**
 * Writes the reports of several uploads, and counts the refused.
 *
 * @returns for each upload, for each report: why it was refused, or undefined; or the state of a
 *   task that takes no reports
 */
export async function writeUploads(
  transaction: Transaction,
  uploads: readonly Upload[],
): Promise<UploadVerdict[]> {
  const tasks = [...new Set(uploads.map((upload) => upload.task))].sort((a, b) => a - b);
  const locked = await lockForReports(transaction, tasks);
  const stateOf = ({ task }: Upload): TaskState => locked.get(task)?.state ?? "deleted";
  const open = uploads.filter((upload) => stateOf(upload) === "open");
  const verdicts = (await writeOpen(transaction, open, locked))[Symbol.iterator]();
  return uploads.map((upload) => {
    const state = stateOf(upload);
    return state === "open" ? defined(verdicts.next().value, "a verdict an upload") : state;
  });
}

async function writeOpen(
  transaction: Transaction,
  uploads: readonly Upload[],
  locked: ReadonlyMap<number, LockedTask>,
): Promise<(ReportError | undefined)[][]> {
  const verdicts = uploads.map(({ reports }) =>
    reports.map(({ report, refused }): ReportError | undefined => {
      const intervals = locked.get(report.task)?.collected ?? [];
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
