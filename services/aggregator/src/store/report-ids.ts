import { encodeHex } from "@sumus/bytes";
import type { Transaction } from "@sumus/storage";

/** A report by the number of its task and its id. */
export interface ReportKey {
  readonly task: number;
  readonly reportId: Uint8Array;
  /** Of its time: when that is collected, the id need not be known any more. */
  readonly bucket: number;
}

/**
 * Records reports, and tells which were not recorded before: for each of `keys` whether it is new.
 * Of two equal keys in one call the first is new at most.
 */
export async function recordReportIds(
  transaction: Transaction,
  keys: readonly ReportKey[],
): Promise<boolean[]> {
  const inserted = await transaction.query<{ task: number; report_id: Uint8Array }>(
    `INSERT INTO report_ids (task, report_id, bucket)
     SELECT * FROM unnest($1::integer[], $2::bytea[], $3::bigint[])
     ON CONFLICT DO NOTHING RETURNING task, report_id`,
    [keys.map((key) => key.task), keys.map((key) => key.reportId), keys.map((key) => key.bucket)],
  );
  const fresh = new Set(inserted.map((row) => nameOf(row.task, row.report_id)));
  // Deleting as we go leaves the second of two equal keys out.
  return keys.map((key) => fresh.delete(nameOf(key.task, key.reportId)));
}

function nameOf(task: number, reportId: Uint8Array): string {
  return `${task} ${encodeHex(reportId)}`;
}
