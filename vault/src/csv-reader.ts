/**
 * Comma-separated values [RFC 4180], one record after the other, for files that people bring:
 * either line ending, a byte order mark, blank lines, quoted cells with commas, quotes and line
 * breaks in them. A broken record costs itself alone: reading goes on with the next line.
 *
 * @module
 */

/** Characters of one record; a forgotten closing quote is noticed here at the latest. */
const RECORD_CHARACTERS_MAX = 1_048_576;

/** A record, or what is wrong with it; `line` counts from 1 and is where the record begins. */
export type CsvRecord =
  | { readonly ok: true; readonly line: number; readonly cells: string[] }
  | { readonly ok: false; readonly line: number; readonly reason: string };

const BYTE_ORDER_MARK = "\uFEFF";

/** Blank lines are left out. */
export function* readCsv(text: string): Generator<CsvRecord, void> {
  let at = text.startsWith(BYTE_ORDER_MARK) ? 1 : 0;
  let line = 1;
  while (at < text.length) {
    const lineEnd = endOfLine(text, at);
    const plain = contentOf(text, at, lineEnd);
    if (plain.length > RECORD_CHARACTERS_MAX) {
      yield { ok: false, line, reason: tooLong() };
    } else if (plain.includes('"')) {
      const quoted = readQuoted(text, at);
      if (quoted.ok) {
        yield { ok: true, line, cells: quoted.cells };
        line += countLines(text, at, quoted.end);
        at = quoted.end;
        continue;
      }
      yield { ok: false, line, reason: quoted.reason };
    } else if (plain !== "") {
      yield { ok: true, line, cells: plain.split(",") };
    }
    at = lineEnd + 1;
    line++;
  }
}

type Quoted =
  | { readonly ok: true; readonly cells: string[]; readonly end: number }
  | { readonly ok: false; readonly reason: string };

/** Reads a record that holds quotes; `end` is where the next one begins. */
function readQuoted(text: string, start: number): Quoted {
  const limit = Math.min(text.length, start + RECORD_CHARACTERS_MAX);
  const cells: string[] = [];
  let at = start;
  for (;;) {
    if (text[at] === '"') {
      const close = closingQuote(text, at + 1, limit);
      if (close < 0) return { ok: false, reason: limit < text.length ? tooLong() : OPEN_QUOTE };
      cells.push(text.slice(at + 1, close).replaceAll('""', '"'));
      at = close + 1;
    } else {
      const end = endOfCell(text, at);
      const cell = text.slice(at, end);
      if (cell.includes('"')) return { ok: false, reason: STRAY_QUOTE };
      cells.push(cell);
      at = end;
    }
    if (text[at] === ",") {
      at++;
    } else if (at >= text.length || text[at] === "\n") {
      return { ok: true, cells, end: at + 1 };
    } else if (text[at] === "\r" && (text[at + 1] === "\n" || at + 1 >= text.length)) {
      return { ok: true, cells, end: at + 2 };
    } else {
      return { ok: false, reason: AFTER_QUOTE };
    }
  }
}

const OPEN_QUOTE = "a quoted cell is never closed; add the closing quote";
const STRAY_QUOTE = "a quote stands inside of a cell; quote the cell and double the quote";
const AFTER_QUOTE = "text follows a closing quote; double quotes that belong to the cell";

function tooLong(): string {
  const most = RECORD_CHARACTERS_MAX.toLocaleString("en");
  return `the row is longer than ${most} characters; a closing quote may be missing`;
}

/** The quote that closes a cell: one that is not doubled. */
function closingQuote(text: string, from: number, limit: number): number {
  let at = text.indexOf('"', from);
  while (at >= 0 && at < limit && text[at + 1] === '"') at = text.indexOf('"', at + 2);
  return at < limit ? at : -1;
}

function endOfCell(text: string, from: number): number {
  const comma = text.indexOf(",", from);
  const end = endOfLine(text, from);
  if (comma >= 0 && comma < end) return comma;
  return end > from && text[end - 1] === "\r" ? end - 1 : end;
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end;
}

function contentOf(text: string, start: number, end: number): string {
  return text.slice(start, end > start && text[end - 1] === "\r" ? end - 1 : end);
}

function countLines(text: string, start: number, end: number): number {
  let count = 0;
  for (let at = text.indexOf("\n", start); at >= 0 && at < end; at = text.indexOf("\n", at + 1)) {
    count++;
  }
  return count;
}
