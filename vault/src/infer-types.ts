/** What the cells of a column are: whole numbers, numbers, or texts. An empty cell is NULL. */
import type { CellValue, ColumnType } from "@sumus/sandbox";

const INTEGER = /^[ \t]*[+-]?(?:0|[1-9][0-9]*)[ \t]*$/;
const REAL = /^[ \t]*[+-]?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[ \t]*$/;

/**
 * The narrowest type that holds every cell without losing anything. Numbers with leading zeros are
 * texts (they are codes), and so are whole numbers beyond 2^53.
 */
export function inferType(cells: Iterable<string>): ColumnType {
  let type: ColumnType = "INTEGER";
  let seen = false;
  for (const cell of cells) {
    if (cell === "") continue;
    seen = true;
    if (INTEGER.test(cell)) {
      if (!Number.isSafeInteger(Number(cell))) return "TEXT";
    } else if (REAL.test(cell) && Number.isFinite(Number(cell))) {
      type = "REAL";
    } else {
      return "TEXT";
    }
  }
  return seen ? type : "TEXT";
}

export function readCell(cell: string, type: ColumnType): CellValue {
  if (cell === "") return null;
  // Negative zero is no other number to anybody who counts.
  return type === "TEXT" ? cell : Number(cell) + 0;
}
