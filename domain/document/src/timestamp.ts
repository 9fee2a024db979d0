import type { Cursor } from "./cursor.ts";
import { clip } from "./printable.ts";

/** RFC 3339 in whole seconds, or a date alone for its midnight UTC. */
const TIMESTAMP =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2}):(\d{2})(?:[Zz]|([+-])(\d{2}):(\d{2})))?$/;

/** Seconds since 1970 UTC, or undefined when the text is no time that exists. */
function parseTimestamp(text: string): number | undefined {
  const match = TIMESTAMP.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((digits) => Number(digits ?? 0));
  const milliseconds = Date.UTC(year, month - 1, day, hour, minute, second);
  // Date.UTC carries the 31st of June over to July: such a time was mistyped.
  const expected = [year, month, day, hour, minute, second].map((part) => String(part)).join();
  const date = new Date(milliseconds);
  const actual = [
    date.getUTCFullYear(),
    date.getUTCMonth() + 1,
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
  ].join();
  const [offsetHours, offsetMinutes] = [Number(match[8] ?? 0), Number(match[9] ?? 0)];
  if (actual !== expected || offsetHours > 23 || offsetMinutes > 59) return undefined;
  const offset = (offsetHours * 60 + offsetMinutes) * 60 * (match[7] === "-" ? -1 : 1);
  const seconds = milliseconds / 1000 - offset;
  return seconds >= 0 ? seconds : undefined;
}

/** A time as RFC 3339 in UTC, such as `2026-10-01T00:00:00Z`. */
export function formatTimestamp(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace(".000Z", "Z");
}

/** A time in seconds since 1970; nothing when there is no cursor. */
export function readTime(cursor: Cursor | undefined): number | undefined {
  const text = cursor?.text("a time");
  if (cursor === undefined || text === undefined) return undefined;
  const seconds = parseTimestamp(text);
  if (seconds !== undefined) return seconds;
  const message = `expected a time, got "${clip(text)}"`;
  return cursor.problem(message, "write it as 2026-10-01T00:00:00Z or 2026-10-01");
}
