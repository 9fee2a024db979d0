import type { Cursor } from "./cursor.ts";

/** Control, format and private characters, lone surrogates, line and paragraph separators. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/u;

/** The beginning of a tag or of a character reference in HTML. */
const MARKUP = /<[a-z!/?]|&(?:[a-z]+|#\w+);/i;

/** One line of plain words for people, such as a title. */
export function readWords(cursor: Cursor, what: string, max: number): string | undefined {
  const text = readLine(cursor, what, max);
  if (text === undefined) return undefined;
  if (MARKUP.test(text)) {
    return cursor.problem(`expected ${what} as plain words, got markup`, "remove the tags");
  }
  return text;
}

/** One line without control characters and without white space around it. */
export function readLine(cursor: Cursor, what: string, max: number): string | undefined {
  const text = readBounded(cursor, what, max);
  if (text === undefined) return undefined;
  if (UNPRINTABLE.test(text)) {
    const message = `expected ${what} in printable characters, got a control character`;
    return cursor.problem(message, "remove line breaks, control and direction characters");
  }
  if (text.trim() !== text) {
    return cursor.problem(`expected ${what} without space around it, got some`, "remove it");
  }
  return text;
}

/** A text of several lines, such as a query. */
export function readSource(cursor: Cursor, what: string, max: number): string | undefined {
  const text = readBounded(cursor, what, max);
  if (text === undefined) return undefined;
  if (UNPRINTABLE.test(text.replace(/[\t\n\r]/g, " "))) {
    const message = `expected ${what} in printable characters, got a control character`;
    return cursor.problem(message, "remove control and direction characters");
  }
  return text;
}

/** A text that says something and is not too long. */
function readBounded(cursor: Cursor, what: string, max: number): string | undefined {
  const text = cursor.text(what);
  if (text === undefined) return undefined;
  if (text.trim() === "")
    return cursor.problem(`expected ${what}, got an empty text`, "fill it in");
  if (text.length > max) {
    const message = `expected ${what} of at most ${max} characters, got ${text.length}`;
    return cursor.problem(message, "shorten it");
  }
  return text;
}

/** Whether a text can stand in one line and means what it shows. */
export function isPrintable(text: string): boolean {
  return !UNPRINTABLE.test(text);
}
