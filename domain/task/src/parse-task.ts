/**
 * Reading task documents: YAML from their authors, canonical JSON from the wire.
 *
 * @module
 */
import { decodeBase64url } from "@sumus/bytes";
import type { DapVersion } from "@sumus/dap";
import type { BatchMode } from "@sumus/dap/messages";
import {
  Cursor,
  clip,
  Findings,
  formatTimestamp,
  isWhole,
  type Problem,
  readAddress,
  readJson,
  readLine,
  readOr,
  readTime,
  readWords,
  readX25519Key,
  readYaml,
  type SourceNode,
} from "@sumus/document";
import { canonicalTask } from "./canonical-task.ts";
import { checkTask } from "./check-task.ts";
import { parseDuration } from "./duration.ts";
import { NOISE_REMEDY, readNoise } from "./read-noise.ts";
import { readVdaf } from "./read-vdaf.ts";
import type { TaskDocument, TaskDraft, TaskFiles, TaskInterval } from "./task-document.ts";
import { TaskError } from "./task-error.ts";

const PUBLIC_FIELDS = [
  "title",
  "version",
  "vdaf",
  "batch_mode",
  "time_precision",
  "min_batch_size",
  "leader",
  "helper",
  "collector",
  "interval",
  "noise",
  "task_info",
];
const FILE_FIELDS = ["peer", "collector_token_file"];

const TITLE_CHARACTERS_MAX = 120;
const PATH_CHARACTERS_MAX = 1024;
const BATCH_SIZE_MAX = 1_000_000_000;
/** Ten years: a longer unit of time tells nothing apart. */
const PRECISION_SECONDS_MAX = 10 * 366 * 86_400;
const TASK_INFO_BYTES_MAX = 255;
const BATCH_MODES: readonly BatchMode[] = ["time_interval", "leader_selected"];
const VERSIONS: readonly DapVersion[] = ["dap-18", "dap-19"];

export type TaskReading =
  | { readonly ok: true; readonly draft: TaskDraft; readonly warnings: readonly Problem[] }
  | {
      readonly ok: false;
      readonly problems: readonly Problem[];
      readonly warnings: readonly Problem[];
    };

/** Reads what a person wrote. It never throws; all problems come at once, each with its line. */
export function parseTask(text: string): TaskReading {
  const source = readYaml(text);
  if (!source.ok) return { ok: false, problems: source.problems, warnings: [] };
  return readTask(source.root, [...PUBLIC_FIELDS, ...FILE_FIELDS]);
}

/**
 * Reads a task from the wire: canonical JSON, complete, without files.
 *
 * @throws {TaskError} otherwise, with all problems
 */
export function decodeTask(text: string): TaskDocument {
  const reading = readTask(readTree(text), PUBLIC_FIELDS);
  if (!reading.ok) throw new TaskError(reading.problems);
  const document = completeTask(reading.draft);
  if (canonicalTask(document) !== text) {
    throw wholeError("expected canonical JSON, got another form", "send canonicalTask(document)");
  }
  return document;
}

/**
 * The document of a draft.
 *
 * @param collector the key that the draft may leave open
 * @throws {TaskError} when there is none
 */
export function completeTask(draft: TaskDraft, collector?: string): TaskDocument {
  const { files: _, ...document } = draft;
  const key = draft.collector ?? collector;
  if (key === undefined) {
    throw wholeError("expected collector, got nothing", "name the collector's public key");
  }
  return { ...document, collector: key };
}

function readTree(text: string): SourceNode {
  try {
    return readJson(text);
  } catch (cause) {
    // readJson throws RangeError and nothing else.
    const message = cause instanceof Error ? cause.message : String(cause);
    throw wholeError(message, "send canonicalTask(document)", cause);
  }
}

function wholeError(message: string, remedy: string, cause?: unknown): TaskError {
  return new TaskError([{ line: 1, column: 1, path: "", message, remedy }], { cause });
}

function readTask(root: SourceNode, known: readonly string[]): TaskReading {
  const findings = new Findings();
  const draft = readFields(new Cursor(root, "", findings), known);
  const { problems, warnings } = findings;
  return draft !== undefined && problems.length === 0
    ? { ok: true, draft, warnings }
    : { ok: false, problems, warnings };
}

function readFields(cursor: Cursor, known: readonly string[]): TaskDraft | undefined {
  const fields = cursor.fields(known, "a task");
  if (fields === undefined) return undefined;
  const find = (key: string, remedy: string): Cursor | undefined =>
    cursor.required(fields, key, remedy);
  const title = find("title", "say in a line what is counted");
  const vdaf = find("vdaf", "such as { type: Prio3Histogram, length: 256 }");
  const mode = find("batch_mode", "write time_interval or leader_selected");
  const precision = find("time_precision", "such as 1h: reports tell their time no finer");
  const size = find("min_batch_size", "such as 100: no smaller batch is ever opened");
  const leader = find("leader", "such as https://leader.example");
  const helper = find("helper", "such as https://helper.example");
  const noise = find("noise", NOISE_REMEDY);
  const timePrecision = precision && readPrecision(precision);
  const read = {
    title: title && readWords(title, "a title", TITLE_CHARACTERS_MAX),
    version: readOr(fields.get("version"), VERSIONS[0], (at) => readOne(at, "a version", VERSIONS)),
    vdaf: vdaf && readVdaf(vdaf),
    batchMode: mode && readOne(mode, "a batch mode", BATCH_MODES),
    timePrecision,
    minBatchSize: size?.integer("min_batch_size", 1, BATCH_SIZE_MAX),
    leader: leader && readAddress(leader),
    helper: helper && readAddress(helper),
    collector: readOr(fields.get("collector"), null, (at) =>
      readX25519Key(at, "the collector's key"),
    ),
    interval: readOr(fields.get("interval"), null, (at) => readInterval(at, timePrecision)),
    noise: noise && readNoise(noise),
    taskInfo: readOr(fields.get("task_info"), null, readTaskInfo),
    files: readFiles(fields),
  };
  if (!isWhole(read)) return undefined;
  checkTask(cursor, fields, read);
  return read;
}

function readOne<T extends string>(
  cursor: Cursor,
  what: string,
  choices: readonly T[],
): T | undefined {
  const text = cursor.text(what);
  if (text === undefined) return undefined;
  const choice = choices.find((known) => known === text);
  if (choice !== undefined) return choice;
  return cursor.problem(`expected ${what}, got "${clip(text)}"`, `write ${choices.join(" or ")}`);
}

function readPrecision(cursor: Cursor): number | undefined {
  const { value } = cursor.node;
  if (typeof value === "number") {
    return cursor.integer("time_precision", 1, PRECISION_SECONDS_MAX);
  }
  const seconds = typeof value === "string" ? parseDuration(value) : undefined;
  if (seconds !== undefined && seconds <= PRECISION_SECONDS_MAX) return seconds;
  const message = `expected a time of at most ten years, got ${cursor.describe()}`;
  return cursor.problem(message, "write it as 30s, 15m, 1h, 1d or 1w, or as a number of seconds");
}

function readInterval(cursor: Cursor, precision: number | undefined): TaskInterval | undefined {
  const fields = cursor.fields(["starts", "ends"], "interval");
  if (fields === undefined) return undefined;
  const remedy = "such as 2026-10-01T00:00:00Z";
  const [from, to] = [
    cursor.required(fields, "starts", remedy),
    cursor.required(fields, "ends", remedy),
  ];
  const [starts, ends] = [readTime(from), readTime(to)];
  if (from === undefined || to === undefined) return undefined;
  if (starts === undefined || ends === undefined || precision === undefined) return undefined;
  if (ends <= starts) {
    return to.problem("expected ends after starts, got it before", "swap or correct them");
  }
  for (const [at, seconds] of [
    [from, starts],
    [to, ends],
  ] as const) {
    if (seconds % precision === 0) continue;
    const message = `expected a multiple of the time precision of ${precision} s since 1970`;
    const nearest = Math.round(seconds / precision) * precision;
    const fits = formatTimestamp(nearest);
    return at.problem(`${message}, got another time`, `the nearest is ${fits}`);
  }
  return { starts, ends };
}

function readTaskInfo(cursor: Cursor): string | undefined {
  const text = cursor.text("task_info");
  if (text === undefined) return undefined;
  const remedy = `write 1 to ${TASK_INFO_BYTES_MAX} bytes in base64url, or leave it out`;
  try {
    const { length } = decodeBase64url(text);
    if (length >= 1 && length <= TASK_INFO_BYTES_MAX) return text;
    return cursor.problem(`expected 1 to ${TASK_INFO_BYTES_MAX} bytes, got ${length}`, remedy);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return cursor.problem("expected task_info in base64url, got another text", remedy);
  }
}

function readFiles(fields: ReadonlyMap<string, Cursor>): TaskFiles | undefined {
  const peer = readOr(fields.get("peer"), null, readPeer);
  const token = readOr(fields.get("collector_token_file"), null, (at) =>
    readLine(at, "a path", PATH_CHARACTERS_MAX),
  );
  if (peer === undefined || token === undefined) return undefined;
  return { peer, collectorTokenFile: token };
}

function readPeer(cursor: Cursor): TaskFiles["peer"] | undefined {
  const fields = cursor.fields(["verify_key_file", "token_file"], "peer");
  if (fields === undefined) return undefined;
  const path = (key: string): string | undefined => {
    const found = cursor.required(fields, key, `name a file, such as ${key}: ./secret`);
    return found && readLine(found, "a path", PATH_CHARACTERS_MAX);
  };
  const [verifyKeyFile, tokenFile] = [path("verify_key_file"), path("token_file")];
  if (verifyKeyFile === undefined || tokenFile === undefined) return undefined;
  return { verifyKeyFile, tokenFile };
}
