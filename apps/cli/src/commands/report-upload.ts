/** `sumus report upload`: a DAP client; measurements become reports that no node can read alone. */

import type { Command } from "@commander-js/extra-typings";
import { encodeBase64url } from "@sumus/bytes";
import { createPatientHttp, fetchHpkeConfig, sendReports } from "@sumus/client";
import { cryptoRandomBytes } from "@sumus/crypto";
import { createReport } from "@sumus/dap";
import { REPORT_ERROR_REMEDIES, type ReportError } from "@sumus/dap/messages";
import { CliError, EXIT } from "../cli-error.ts";
import { inWords } from "../tasks/ask-operator.ts";
import { readMeasurement } from "../tasks/measurement.ts";
import { readRows, readTime } from "../tasks/rows.ts";
import { type KnownTask, readKnownTask } from "../tasks/task-file.ts";
import { UploadJournal } from "../tasks/upload-journal.ts";
import { type UploadPlace, uploadRows } from "../tasks/upload-rows.ts";
import { createProgressBar } from "../terminal/progress-bar.ts";
import { type CommandContext, subcommand } from "./context.ts";

const EXAMPLES = `
Each measurement is split, proven and sealed for the two nodes here; neither can read it alone.

  Prio3Count             0 or 1
  Prio3Sum               a number
  Prio3Histogram         the number of a bucket, from 0
  Prio3SumVec and the other vectors    1,0,3
  Poplar1                0110…

A CSV file has one measurement a line; with a header it may have a column \`time\`. A JSON Lines file has
\`7\`, \`[1, 0, 3]\`, or \`{"measurement": 7, "time": "2026-10-01T12:00:00Z"}\`. Times are now unless they
are given. What an upload of a file has reached stands in FILE.upload until all of it is done: run the
same command again after Ctrl-C or a failure, and no report is counted twice.

Exit code 2 says that the leader refused reports; it says how many, and why.

Examples:
  sumus report upload --task task.json --measurement 7
  sumus report upload --task task.json --file rows.csv
  sumus report upload --task task.json --file rows.jsonl --json`;

interface UploadAnswer {
  readonly task: string;
  readonly uploaded: number;
  /** Of them, by DAP's names of the reasons. */
  readonly refused: Readonly<Record<string, number>>;
}

/** Adds `report` with `upload`. */
export function addReportCommand(program: Command, context: CommandContext): void {
  const report = subcommand(program, "report", "send measurements to a task");
  subcommand(report, "upload", "upload one measurement, or a file of them")
    .requiredOption("--task <file>", "the task, as sumus task create wrote it")
    .option("--measurement <value>", "one measurement")
    .option("--time <time>", "when it was taken, if not now")
    .option("--file <file>", "measurements, .csv or .jsonl")
    .option("--json", "print one JSON object")
    .addHelpText("after", EXAMPLES)
    .action(async (options) => {
      const known = await readKnownTask(options.task, context.output);
      const answer = await upload(known, options, context);
      context.output.print(options.json === true ? JSON.stringify(answer) : formatAnswer(answer));
      const isWhole = Object.keys(answer.refused).length === 0;
      context.finish(isWhole ? EXIT.ok : EXIT.noAnswer);
    });
}

interface UploadOptions {
  readonly measurement?: string | undefined;
  readonly time?: string | undefined;
  readonly file?: string | undefined;
}

async function upload(
  known: KnownTask,
  options: UploadOptions,
  context: CommandContext,
): Promise<UploadAnswer> {
  const { measurement, file, time } = options;
  if ((measurement === undefined) === (file === undefined)) {
    throw new CliError("One measurement or a file is uploaded.", "Give --measurement or --file.");
  }
  if (file === undefined) return await uploadOne(known, { measurement, time }, context);
  if (time !== undefined) {
    throw new CliError("--time is of one measurement.", "Put a column time into the file.");
  }
  return await uploadFile(known, file, context);
}

async function uploadOne(
  known: KnownTask,
  { measurement, time }: UploadOptions,
  context: CommandContext,
): Promise<UploadAnswer> {
  const { task } = known;
  const reading = readMeasurement(task.vdaf, measurement);
  if (!reading.ok) {
    throw new CliError(`--measurement: expected ${reading.expected}, got something else.`, "");
  }
  const timeSeconds = readTime(time, "--time") ?? nowSeconds();
  const refused = await reaching(known, context, async (place) => {
    const input = { ...place, measurement: reading.measurement, timeSeconds };
    const report = createReport(task, input, cryptoRandomBytes);
    return await sendReports(place.http, place.leader, task, [report]);
  });
  return {
    task: encodeBase64url(task.id),
    uploaded: 1,
    refused: Object.fromEntries(refused.map(({ error }) => [error, 1])),
  };
}

async function uploadFile(
  known: KnownTask,
  file: string,
  context: CommandContext,
): Promise<UploadAnswer> {
  const { task } = known;
  let count = 0;
  // All rows first: half a file that is sent cannot be taken back.
  for await (const _ of readRows(file, task.vdaf)) count++;
  const id = encodeBase64url(task.id);
  const journal = await UploadJournal.open(file, id, nowSeconds());
  const { done } = journal.state;
  if (done > 0) context.output.say(`Going on after the ${done} reports that were answered for.`);
  const progress = createProgressBar(context.output, () => performance.now());
  const step = progress.begin("reports uploaded", count, "reports");
  step.advance(done);
  try {
    await reaching(known, context, (place) => uploadRows(place, file, journal, step));
  } catch (error) {
    step.end();
    const { done: reached } = journal.state;
    context.output.say(`${reached} of ${count} reports are uploaded. Run the same to go on.`);
    throw error;
  }
  step.end();
  const { refused } = journal.state;
  await journal.end();
  return { task: id, uploaded: count, refused };
}

/** Fetches both nodes' keys, and says what a node does not do in words. */
async function reaching<T>(
  { document, task }: KnownTask,
  { signal, output }: CommandContext,
  act: (place: UploadPlace) => Promise<T>,
): Promise<T> {
  const http = createPatientHttp({
    signal,
    onTrouble: (trouble) => output.say(`${document.leader} ${trouble}`),
  });
  const { leader } = document;
  try {
    const [leaderHpkeConfig, helperHpkeConfig] = await Promise.all([
      fetchHpkeConfig(http, leader),
      fetchHpkeConfig(http, document.helper),
    ]);
    return await act({ http, leader, task, leaderHpkeConfig, helperHpkeConfig });
  } catch (error) {
    throw inWords(error, leader);
  }
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

function formatAnswer({ uploaded, refused }: UploadAnswer): string {
  const count = Object.values(refused).reduce((sum, number) => sum + number, 0);
  const lines = Object.entries(refused).map(([reason, number]) => {
    const remedy = REPORT_ERROR_REMEDIES[reason as ReportError];
    return `  ${number} ${reason}: ${remedy}`;
  });
  const taken = `${uploaded - count} of ${uploaded} ${uploaded === 1 ? "report" : "reports"} taken.`;
  return count === 0 ? taken : [`${taken} Refused:`, ...lines].join("\n");
}
