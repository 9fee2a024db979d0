import { array, assert, boolean, constantFrom, integer, property, string } from "fast-check";
import { describe, expect, test } from "vitest";
import { type CsvImport, importCsv, splitByPerson } from "./index.ts";

const rowsOf = (csv: string): unknown => {
  const imported = importCsv(csv);
  return imported.ok ? imported.table.rows : imported.reason;
};
const refusalOf = (imported: CsvImport): string => (imported.ok ? "" : imported.reason);

describe("a table is read", () => {
  test("with its types", () => {
    const imported = importCsv("id,height,name,code,empty\n1,1.70,Ada,007,\n2,,Bob,012,\n");
    expect(imported).toMatchObject({
      ok: true,
      problemCount: 0,
      table: {
        columns: [
          { name: "id", type: "INTEGER" },
          { name: "height", type: "REAL" },
          { name: "name", type: "TEXT" },
          { name: "code", type: "TEXT" },
          { name: "empty", type: "TEXT" },
        ],
        rows: [
          [1, 1.7, "Ada", "007", null],
          [2, null, "Bob", "012", null],
        ],
      },
    });
  });

  test.each([
    ["1", "INTEGER", 1],
    ["-0", "INTEGER", 0],
    ["+3", "INTEGER", 3],
    [" 42\t", "INTEGER", 42],
    ["9007199254740991", "INTEGER", Number.MAX_SAFE_INTEGER],
    ["9007199254740993", "TEXT", "9007199254740993"],
    ["-1.5e3", "REAL", -1500],
    [".5", "REAL", 0.5],
    ["5.", "REAL", 5],
    ["1e999", "TEXT", "1e999"],
    ["0x10", "TEXT", "0x10"],
    ["1_000", "TEXT", "1_000"],
    ["1,5", "TEXT", "1,5"],
    ["NaN", "TEXT", "NaN"],
    ["NA", "TEXT", "NA"],
    ["01", "TEXT", "01"],
    ["2020-01-31", "TEXT", "2020-01-31"],
    [" ", "TEXT", " "],
  ])("%j is %s", (cell, type, value) => {
    const imported = importCsv(`a\n"${cell}"\n`);
    expect(imported).toMatchObject({ table: { columns: [{ type }], rows: [[value]] } });
  });

  test("one other cell makes a column a text, wherever it stands", () => {
    expect(rowsOf("a\n1\nx\n2.5\n")).toEqual([["1"], ["x"], ["2.5"]]);
    expect(rowsOf("a\n1\n2.5\n")).toEqual([[1], [2.5]]);
  });

  test("in every dialect of line ends, marks and blanks", () => {
    const expected = [
      [1, 2],
      [3, 4],
    ];
    expect(rowsOf("a,b\n1,2\n3,4\n")).toEqual(expected);
    expect(rowsOf("a,b\r\n1,2\r\n3,4\r\n")).toEqual(expected);
    expect(rowsOf("\uFEFFa,b\n1,2\n3,4")).toEqual(expected);
    expect(rowsOf("a,b\n\n1,2\n\r\n3,4\n\n")).toEqual(expected);
    expect(rowsOf('"a","b"\r\n"1","2"\r\n3,"4"\r\n')).toEqual(expected);
  });

  test("with commas, quotes and line breaks inside of quotes", () => {
    expect(rowsOf('a,b\n"x,y","say ""hi"""\n"two\nlines",\n"",z\n')).toEqual([
      ["x,y", 'say "hi"'],
      ["two\nlines", null],
      [null, "z"],
    ]);
  });

  test("back from what any writer of the format writes", () => {
    const cell = string({
      unit: constantFrom("a", "1", '"', ",", "\n", "\r", " ", "é"),
      maxLength: 8,
    });
    const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;
    assert(
      property(array(array(cell, { minLength: 3, maxLength: 3 })), boolean(), (table, windows) => {
        const end = windows ? "\r\n" : "\n";
        const marked = table.map((row) => ["x", ...row]);
        const csv = [["w", "a", "b", "c"], ...marked]
          .map((row) => row.map(quote).join(","))
          .join(end);
        const imported = importCsv(csv);
        const back = imported.ok && imported.table.rows.map((row) => row.map((v) => `${v ?? ""}`));
        const asTexts = imported.ok && imported.table.columns.every(({ type }) => type === "TEXT");
        if (asTexts) expect(back).toEqual(marked);
        else expect(back).toHaveLength(marked.length);
      }),
    );
  });
});

describe("a broken row costs itself alone, and is named", () => {
  test.each([
    ["1,2", "expected 3 cells, got 2"],
    ["1,2,3,4", "expected 3 cells, got 4"],
    ['1,2,"3', "a quoted cell is never closed; add the closing quote"],
    ['1,2,"3"4', "text follows a closing quote; double quotes that belong to the cell"],
    ['1,2"3,4', "a quote stands inside of a cell; quote the cell and double the quote"],
    [",2,3", "expected a person in column id, got an empty cell"],
    [`1,2,${"x".repeat(70_000)}`, "the cell of column b is longer than 65,536 characters"],
    [`1,2,${"x".repeat(1_100_000)}`, "the row is longer than 1,048,576 characters"],
  ])("%s", (broken, reason) => {
    const csv = `id,a,b\r\n7,"one\ntwo",8\n${broken}\n9,1,1\n`;
    expect(importCsv(csv, { personColumn: "id" })).toMatchObject({
      ok: true,
      problemCount: 1,
      problems: [{ line: 4, reason: expect.stringContaining(reason) }],
      table: {
        rows: [
          [7, "one\ntwo", 8],
          [9, "1", 1],
        ],
      },
    });
  });

  test("many are counted, the first hundred listed", () => {
    const imported = importCsv(`a,b\n${"1\n".repeat(500)}`);
    expect(imported).toMatchObject({ ok: true, problemCount: 500, table: { rows: [] } });
    expect(imported.ok && imported.problems).toHaveLength(100);
  });

  test("any damage at all leaves an outcome", () => {
    const csv = 'id,a,b\n1,"x, y",3\n2,"say ""hi""",4\r\n3,"two\nlines",5\n';
    assert(
      property(
        string({ unit: "binary", maxLength: 5 }),
        integer({ min: 0, max: csv.length - 1 }),
        (noise, at) => {
          const damaged = csv.slice(0, at) + noise + csv.slice(at + noise.length);
          const imported = importCsv(damaged, { personColumn: "id" });
          if (!imported.ok) return;
          for (const row of imported.table.rows) expect(row).toHaveLength(3);
        },
      ),
    );
  });
});

describe("what cannot be a table is refused", () => {
  test("in words", () => {
    expect(refusalOf(importCsv(""))).toContain("empty file");
    expect(refusalOf(importCsv("\n\n"))).toContain("empty file");
    expect(refusalOf(importCsv("a,,c\n"))).toContain("column 2 has no name");
    expect(refusalOf(importCsv("a,b,A\n"))).toContain("two columns are named A");
    expect(refusalOf(importCsv(`${"x".repeat(65)}\n`))).toContain("at most 64 printable");
    expect(refusalOf(importCsv("a\u0000\n1\n"))).toContain("printable");
    expect(refusalOf(importCsv('"a\n1,2\n'))).toContain("never closed");
    const wide = Array.from({ length: 257 }, (_, index) => `c${index}`).join(",");
    expect(refusalOf(importCsv(wide))).toContain("at most 256 columns, got 257");
    expect(refusalOf(importCsv("a,b\n1,2\n", { personColumn: "id" }))).toBe(
      "expected the person column id, got the columns a, b",
    );
  });
});

describe("splitting by person", () => {
  const imported = importCsv("who,n\nb,1\na,2\nb,3\n,4\n");
  const table = imported.ok ? imported.table : { columns: [], rows: [] };

  test("keeps each person's rows in order, and shares them", () => {
    const people = splitByPerson("things", table, "who");
    expect([...people.keys()]).toEqual(["b", "a"]);
    expect(people.get("b")).toEqual({
      name: "things",
      personColumn: "who",
      columns: table.columns,
      rows: [
        ["b", 1],
        ["b", 3],
      ],
    });
    expect(people.get("b")?.rows[1]).toBe(table.rows[2]);
  });

  test("makes texts of ids, whatever their type", () => {
    const numbers = importCsv("id,x\n10,1\n10,2\n2,3\n");
    const people = numbers.ok && splitByPerson("t", numbers.table, "id");
    expect(people && [...people.keys()]).toEqual(["10", "2"]);
  });

  test("needs the column", () => {
    expect(() => splitByPerson("things", table, "id")).toThrow(
      "expected the person column id in things, got the columns who, n",
    );
  });
});
