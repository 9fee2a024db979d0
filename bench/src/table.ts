/** Tables that grow a line at a time. */
import type { Column } from "./bench.ts";

const GAP = "  ";

export function tableHead<Row>(columns: readonly Column<Row>[]): string {
  const titles = line(columns, (column) => column.title);
  return `${titles}\n${"-".repeat(titles.length)}`;
}

export function tableLine<Row>(columns: readonly Column<Row>[], row: Row): string {
  return line(columns, (column) => column.text(row));
}

/** Three significant digits, or whole numbers from 100 on, grouped by thousands. */
export function formatNumber(value: number): string {
  const options =
    Math.abs(value) < 100 ? { maximumSignificantDigits: 3 } : { maximumFractionDigits: 0 };
  return value.toLocaleString("en-US", options);
}

function line<Row>(
  columns: readonly Column<Row>[],
  textOf: (column: Column<Row>) => string,
): string {
  const cells = columns.map((column, index) => {
    const text = textOf(column);
    return index === 0 ? text.padEnd(column.width) : text.padStart(column.width);
  });
  return cells.join(GAP).trimEnd();
}
