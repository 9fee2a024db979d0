/** Uploads the rows of a file: a few requests at a time, and what was answered is written down. */

import type { PatientHttp } from "@sumus/client";
import { REQUEST_BYTES_MAX, REQUEST_REPORTS_MAX, sendReports } from "@sumus/client";
import { createReport, type DapTask } from "@sumus/dap";
import type { HpkeConfig } from "@sumus/dap/messages";
import type { ProgressStep } from "@sumus/lab";
import { readRows } from "./rows.ts";
import type { UploadJournal } from "./upload-journal.ts";

const REQUESTS_IN_FLIGHT = 4;

export interface UploadPlace {
  readonly http: PatientHttp;
  readonly leader: string;
  readonly task: DapTask;
  readonly leaderHpkeConfig: HpkeConfig;
  readonly helperHpkeConfig: HpkeConfig;
}

/** @param step hears of every row that the leader has answered for */
export async function uploadRows(
  place: UploadPlace,
  file: string,
  journal: UploadJournal,
  step: ProgressStep,
): Promise<void> {
  const { http, leader, task } = place;
  const inFlight: Promise<{ count: number; refused: readonly string[] }>[] = [];
  const settleFirst = async (): Promise<void> => {
    const first = inFlight.shift();
    if (first === undefined) return;
    const { count, refused } = await first;
    await journal.advance(count, refused);
    step.advance(count);
  };
  const send = async (reports: readonly Uint8Array[]): Promise<void> => {
    const sending = sendReports(http, leader, task, reports, journal.isResumed).then((refused) => ({
      count: reports.length,
      refused: refused.map(({ error }) => error),
    }));
    // Whoever awaits it hears of the failure; until then nobody does.
    sending.catch(() => {});
    inFlight.push(sending);
    if (inFlight.length >= REQUESTS_IN_FLIGHT) await settleFirst();
  };
  for await (const reports of makeReports(place, file, journal)) await send(reports);
  while (inFlight.length > 0) await settleFirst();
}

/** Reports of the rows that nobody has answered for, in requests' worths. */
async function* makeReports(
  { task, leaderHpkeConfig, helperHpkeConfig }: UploadPlace,
  file: string,
  journal: UploadJournal,
): AsyncGenerator<readonly Uint8Array[], void, void> {
  const { done, startedSeconds } = journal.state;
  let reports: Uint8Array[] = [];
  let bytes = 0;
  let number = 0;
  for await (const { measurement, timeSeconds = startedSeconds } of readRows(file, task.vdaf)) {
    if (number++ < done) continue;
    const input = { measurement, timeSeconds, leaderHpkeConfig, helperHpkeConfig };
    const report = createReport(task, input, journal.randomOf(number));
    if (reports.length >= REQUEST_REPORTS_MAX || bytes + report.length > REQUEST_BYTES_MAX) {
      yield reports;
      [reports, bytes] = [[], 0];
    }
    reports.push(report);
    bytes += report.length;
  }
  if (reports.length > 0) yield reports;
}
