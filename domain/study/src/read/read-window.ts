import { type Cursor, isWhole, readTime } from "@sumus/document";
import { TIMES_MAX, WINDOW_SECONDS_MAX } from "../limits.ts";
import { shiftWindow } from "../recurrence.ts";
import type { Recurrence, StudyWindow } from "../study.ts";

/** When reports are taken, and how often it is asked. */
export interface WindowReading {
  readonly window: StudyWindow;
  readonly recurrence: Recurrence | null;
}

const EVERY = ["day", "week", "month"] as const;

/** A day that every month has. */
const MONTH_DAY_MAX = 28;

/** The last second of year 9999: times have four digits. */
const TIME_MAX = 253_402_300_799;

/** Reads `window`. */
export function readWindow(cursor: Cursor): WindowReading | undefined {
  const fields = cursor.fields(["opens", "closes", "every", "times", "occurrence"], "window");
  if (fields === undefined) return undefined;
  const remedy = "such as 2026-10-01T00:00:00Z";
  const opens = readTime(cursor.required(fields, "opens", remedy));
  const closes = readTime(cursor.required(fields, "closes", remedy));
  const recurrence = readRecurrence(cursor, fields);
  if (opens === undefined || closes === undefined || recurrence === undefined) return undefined;
  const at = fields.get("closes") ?? cursor;
  if (closes <= opens) {
    return at.problem("expected closes after opens, got it before", "swap or correct them");
  }
  if (closes - opens > WINDOW_SECONDS_MAX) {
    const message = "expected a window of at most ten years, got a longer one";
    return at.problem(message, "close it earlier");
  }
  const window = { opens, closes };
  if (recurrence !== null && !checkSeries(at, window, recurrence)) return undefined;
  return { window, recurrence };
}

/** Null when the study is asked once. */
function readRecurrence(
  cursor: Cursor,
  fields: ReadonlyMap<string, Cursor>,
): Recurrence | null | undefined {
  if (!["every", "times", "occurrence"].some((key) => fields.has(key))) return null;
  const timesField = cursor.required(fields, "times", "such as times: 4");
  const times = timesField?.integer("times", 2, TIMES_MAX);
  const given = fields.get("occurrence");
  const read = {
    every: readEvery(cursor.required(fields, "every", "such as every: week")),
    times,
    occurrence: given === undefined ? null : given.integer("occurrence", 1, times ?? TIMES_MAX),
  };
  return isWhole(read) ? read : undefined;
}

function readEvery(cursor: Cursor | undefined): Recurrence["every"] | undefined {
  const text = cursor?.text("every");
  const every = EVERY.find((each) => each === text);
  if (every !== undefined || cursor === undefined || text === undefined) return every;
  return cursor.problem(
    `expected ${EVERY.join(", ")}, got ${cursor.describe()}`,
    "such as every: week",
  );
}

/** Whether the occurrences lie apart, and in time that can be written. */
function checkSeries(
  cursor: Cursor,
  window: StudyWindow,
  { every, occurrence, times }: Recurrence,
): boolean {
  const refuse = (message: string, remedy: string): boolean => {
    cursor.problem(message, remedy);
    return false;
  };
  const late = [window.opens, window.closes].find(
    (seconds) => new Date(seconds * 1000).getUTCDate() > MONTH_DAY_MAX,
  );
  if (every === "month" && late !== undefined) {
    const message = `expected days up to the ${MONTH_DAY_MAX}th, got one that not every month has`;
    return refuse(message, "let it open and close on other days");
  }
  // Times go up to a year's end: what is shifted from there is not looked at.
  const place = occurrence ?? 1;
  const first = shiftWindow(window, every, 1 - place);
  const last = shiftWindow(window, every, times - place);
  if (!(first.opens >= 0 && last.closes <= TIME_MAX)) {
    return refuse("expected all times between 1970 and 9999, got others", "ask nearer to now");
  }
  for (let count = 0; count + 1 < times; count++) {
    if (shiftWindow(first, every, count).closes <= shiftWindow(first, every, count + 1).opens)
      continue;
    const message = `expected a window that closes before the next one opens, a ${every} later`;
    return refuse(message, "close it earlier, or ask less often");
  }
  return true;
}
