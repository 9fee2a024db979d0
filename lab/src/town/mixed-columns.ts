/**
 * Columns of numbers that one odd cell has made a text of. `age < 40` is true for the text '100' and
 * false for 'NA', and nothing fails: the lab says it before anybody reads the answer.
 */

import type { TownTable } from "./tables.ts";

/** A column with more odd cells than this is meant to be text. */
const ODD_SHARE_MAX = 0.1;
const EXAMPLE_CHARACTERS_MAX = 20;

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** One sentence for each such column among those that are read, with a remedy. */
export function describeMixedColumns(
  { name, columns, collections }: TownTable,
  read: readonly string[],
): string[] {
  const rows = [...collections.values()].flatMap((collection) => collection.rows);
  return columns.flatMap((column, index) => {
    if (column.type !== "TEXT" || !read.includes(column.name)) return [];
    const cells = rows.flatMap((row) => row[index] ?? []).map(String);
    const odd = cells.filter((cell) => !NUMBER.test(cell));
    const [first] = odd;
    // Without odd cells these are codes with leading zeros, and rightly texts.
    if (first === undefined || odd.length > cells.length * ODD_SHARE_MAX) return [];
    const example = JSON.stringify(first.slice(0, EXAMPLE_CHARACTERS_MAX));
    const share = `${odd.length} of ${cells.length} cells`;
    return [
      `${name}.${column.name} is read as text, for ${share} hold no number, such as ${example}. ` +
        "Comparisons with numbers go wrong; leave these cells empty.",
    ];
  });
}
