/** Tables for a terminal: columns as wide as their widest cell, two spaces between. */

import { stripVTControlCharacters } from "node:util";

export interface Column {
  readonly title: string;
  readonly align: "left" | "right";
}

/** Cells a text takes on the screen; colours take none. */
function widthOf(text: string): number {
  return [...stripVTControlCharacters(text)].length;
}

function pad(text: string, width: number, align: Column["align"]): string {
  const space = " ".repeat(Math.max(0, width - widthOf(text)));
  return align === "right" ? space + text : text + space;
}

/** Lines without trailing spaces, the titles first. Missing cells are empty. */
export function formatTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string {
  const lines = [columns.map(({ title }) => title), ...rows];
  const widths = columns.map((_, index) =>
    Math.max(...lines.map((line) => widthOf(line[index] ?? ""))),
  );
  return lines
    .map((line) =>
      columns
        .map(({ align }, index) => pad(line[index] ?? "", widths[index] ?? 0, align))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
