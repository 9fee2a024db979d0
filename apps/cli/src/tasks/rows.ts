/**
 * Files of measurements: CSV or JSON lines, one person's a line, read as a stream.
 *
 *   CSV     `7`, or `1,0,1`; with a header, a column `time` and the others in their order
 *   JSONL   `7`, `[1, 0, 1]`, `"0110"`, or `{"measurement": 7, "time": "2026-10-01T12:00:00Z"}`
 */
import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import type { TaskMeasurement, TaskVdaf } from "@sumus/dap";
import { CliError } from "../cli-error.ts";
import { type MeasurementReading, readMeasurement } from "./measurement.ts";

export interface Row {
  /** Seconds since 1970; undefined: now. */
  readonly timeSeconds: number | undefined;
  readonly measurement: TaskMeasurement;
}

type Format = "csv" | "jsonl";

/** @throws {CliError} that names the line of the first row that the task does not take */
export async function* readRows(file: string, vdaf: TaskVdaf): AsyncGenerator<Row, void, void> {
  const format = formatOf(file);
  const lines = createInterface({ input: createReadStream(file, "utf8"), crlfDelay: Infinity });
  let columns: readonly string[] | undefined;
  let number = 0;
  try {
    for await (const line of lines) {
      number++;
      if (line.trim() === "") continue;
      if (format === "csv" && number === 1 && isHeader(line)) {
        columns = line.split(",").map((name) => name.trim());
        continue;
      }
      const fields = format === "csv" ? readCsv(line, columns) : readJsonLine(line);
      yield toRow(fields, vdaf, `${file}:${number}`);
    }
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && "syscall" in cause)) throw cause;
    throw new CliError(`Cannot read ${file}: ${cause.message}`, "Check the path.");
  } finally {
    lines.close();
  }
}

function formatOf(file: string): Format {
  if (/\.(jsonl|ndjson)$/i.test(file)) return "jsonl";
  if (/\.csv$/i.test(file)) return "csv";
  throw new CliError(`Cannot tell what ${file} is.`, "Name a file that ends in .csv or .jsonl.");
}

interface Fields {
  readonly measurement: unknown;
  readonly time: unknown;
}

/** A line with anything but numbers, signs and commas in it. */
function isHeader(line: string): boolean {
  return /[A-Za-z_]/.test(line);
}

function readCsv(line: string, columns: readonly string[] | undefined): Fields {
  const cells = line.split(",").map((cell) => cell.trim());
  const timeColumn = columns?.indexOf("time") ?? -1;
  const measurement = cells.filter((_, index) => index !== timeColumn).join(",");
  return { measurement, time: timeColumn < 0 ? undefined : cells[timeColumn] };
}

function readJsonLine(line: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    // Whatever it is, it is no measurement; the row says so with its line.
    return { measurement: undefined, time: undefined };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { measurement: value, time: undefined };
  }
  const { measurement, time } = value as Record<string, unknown>;
  return { measurement, time };
}

function toRow({ measurement, time }: Fields, vdaf: TaskVdaf, place: string): Row {
  const reading: MeasurementReading = readMeasurement(vdaf, measurement);
  if (!reading.ok) {
    // What came is a person's: it is not repeated.
    throw new CliError(
      `${place}: expected ${reading.expected}, got something else.`,
      "Correct it.",
    );
  }
  return { measurement: reading.measurement, timeSeconds: readTime(time, place) };
}

/** @throws {CliError} */
export function readTime(time: unknown, place: string): number | undefined {
  if (time === undefined) return undefined;
  if (typeof time === "number" && Number.isSafeInteger(time) && time >= 0) return time;
  const text = typeof time === "string" ? time : "";
  if (/^\d{1,12}$/.test(text)) return Number(text);
  const milliseconds = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (milliseconds >= 0) return Math.floor(milliseconds / 1000);
  throw new CliError(
    `${place}: expected a time, got something else.`,
    "Write it as 2026-10-01T12:00:00Z, or as seconds since 1970.",
  );
}
