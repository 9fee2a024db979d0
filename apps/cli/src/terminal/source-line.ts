/** A problem in a file, shown as compilers show it: where, what, the line, and a caret under it. */

import { styleText } from "node:util";

export interface LocatedProblem {
  /** Counted from 1. */
  readonly line: number;
  readonly column: number;
  readonly message: string;
  readonly remedy: string;
}

/** Characters of a source line that are shown; the caret must be among them. */
const SHOWN_MAX = 100;

/** Characters by which a file could repaint the terminal or turn the text around. */
const UNPRINTABLE = /[\p{Cc}\p{Bidi_Control}]/gu;

/** `study.yaml:4:11: message`, the remedy, the source line and a caret. */
export function formatLocated(file: string, source: string, problem: LocatedProblem): string {
  const { line, column, message, remedy } = problem;
  const text = (source.split(/\r?\n/)[line - 1] ?? "").replaceAll("\t", " ");
  const start = column > SHOWN_MAX ? column - SHOWN_MAX / 2 : 0;
  const shown = text.slice(start, start + SHOWN_MAX).replaceAll(UNPRINTABLE, "\ufffd");
  const gutter = `${line} | `;
  const caret = `${" ".repeat(gutter.length + Math.max(0, column - 1 - start))}^`;
  return [
    `${styleText("bold", `${file}:${line}:${column}:`)} ${message}`,
    `${styleText("dim", gutter)}${shown}`,
    styleText("red", caret),
    `  ${remedy}`,
  ].join("\n");
}
