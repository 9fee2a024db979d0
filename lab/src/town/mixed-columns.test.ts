import { importCsv, splitByPerson } from "@sumus/vault";
import { expect, test } from "vitest";
import { describeMixedColumns } from "./mixed-columns.ts";
import type { TownTable } from "./tables.ts";

function tableWith(cells: readonly string[]): TownTable {
  const csv = `id,x\n${cells.map((cell, row) => `p${row},${cell}\n`).join("")}`;
  const imported = importCsv(csv, { personColumn: "id" });
  if (!imported.ok) throw new Error(imported.reason);
  const { table } = imported;
  const collections = splitByPerson("t", table, "id");
  return { name: "t", personColumn: "id", columns: table.columns, collections };
}

const NUMBERS = Array.from({ length: 30 }, (_, number) => String(number - 3.5));

test.each<[string, readonly string[], readonly string[]]>([
  ["numbers", [...NUMBERS, ""], []],
  [
    "numbers and one NA",
    [...NUMBERS, "NA"],
    [
      't.x is read as text, for 1 of 31 cells hold no number, such as "NA". ' +
        "Comparisons with numbers go wrong; leave these cells empty.",
    ],
  ],
  ["codes with leading zeros", ["0042", ...NUMBERS.map((_, row) => String(1000 + row))], []],
  ["mostly words", [...NUMBERS, ...NUMBERS.map(() => "word")], []],
])("a column of %s", (_, cells, notes) => {
  expect(describeMixedColumns(tableWith(cells), ["x"])).toEqual(notes);
  expect(describeMixedColumns(tableWith(cells), ["y"])).toEqual([]);
});
