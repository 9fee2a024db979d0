/**
 * The contract of a sandbox, on SQL, in Node and in Chromium: what honest maps get, what hostile
 * ones meet, and that nobody notices who ran before. Fuel is compared with fixed numbers, so both
 * platforms must count alike.
 */
import { assert, constantFrom, double, integer, oneof, property, string } from "fast-check";
import { describe, expect, test } from "vitest";
import {
  createSandbox,
  type MapOutcome,
  type MapRefusal,
  type MapRequest,
  type MapTable,
} from "../index.ts";

const language = "sql";
const sandbox = await createSandbox({ languages: ["sql"] });

const days: MapTable = {
  columns: [
    { name: "day", type: "INTEGER" },
    { name: "steps", type: "REAL" },
    { name: "note", type: "TEXT" },
  ],
  rows: Array.from({ length: 200 }, (_, index) => [index, index * 1.5, `day ${index}`]),
};
const person: MapTable = {
  columns: [
    { name: "age", type: "INTEGER", index: 2 },
    { name: "sex", type: "TEXT", index: 0 },
  ],
  rows: [["female", "not asked for", 44]],
};
const tables = { days, person };

const ask = (source: string, limits: MapRequest["limits"] = {}): MapOutcome =>
  sandbox.run({ language, source, tables, limits });
const rowOf = (source: string): unknown => {
  const outcome = ask(source);
  return outcome.ok ? outcome.row : outcome;
};
const reasonOf = (source: string): MapRefusal | "ok" => {
  const outcome = ask(source);
  return outcome.ok ? "ok" : outcome.reason;
};
const messageOf = (source: string, limits?: MapRequest["limits"]): string => {
  const outcome = ask(source, limits);
  return outcome.ok ? "" : outcome.message;
};

const numbersTo = (count: number | bigint): string =>
  `WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT ${count})`;
/** A text of 2^doublings letters. */
const longText = (doublings: number): string =>
  `(WITH RECURSIVE d(s) AS (SELECT 'a' UNION ALL SELECT s || s FROM d LIMIT ${doublings + 1})
    SELECT max(s) FROM d)`;

describe("an honest map", () => {
  test("sees the columns it was given, in the tables' names", () => {
    expect(rowOf("SELECT age, sex FROM person")).toEqual({ age: 44, sex: "female" });
    expect(rowOf("SELECT sum(steps) AS s, count(*) AS n FROM days JOIN person")).toEqual({
      s: 29_850,
      n: 200,
    });
    expect(messageOf("SELECT * FROM visits")).toContain("no such table: visits");
  });

  test("yields no row when nothing matches", () => {
    expect(ask("SELECT age FROM person WHERE age > 60")).toMatchObject({ ok: true, row: null });
  });

  test("gets every value back as it was", () => {
    const anyNumber = oneof(
      integer(),
      integer({ min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER }),
      double({ noNaN: true, noDefaultInfinity: true }),
    );
    const anyText = string({ unit: "grapheme", maxLength: 8_000 });
    assert(
      property(anyNumber, anyText, constantFrom(1, 2000), (number, text, repeats) => {
        const long = text.repeat(repeats).slice(0, 16_000);
        const columns = [
          { name: "n", type: "REAL" as const },
          { name: "t", type: "TEXT" as const },
          { name: "nothing", type: "TEXT" as const },
        ];
        const request: MapRequest = {
          language,
          source: "SELECT * FROM one",
          tables: { one: { columns, rows: [[number, long, null]] } },
        };
        const well = long.isWellFormed();
        expect(sandbox.run(request)).toMatchObject({
          ok: true,
          // SQLite has one zero; a half of a surrogate pair has no UTF-8.
          row: { n: number + 0, t: well ? long : long.toWellFormed(), nothing: null },
        });
      }),
      { numRuns: 200 },
    );
  });

  test("may calculate with dates, texts, JSON, places and powers", () => {
    expect(rowOf("SELECT date('2020-01-31', '+1 month') AS d")).toEqual({ d: "2020-03-02" });
    expect(rowOf("SELECT geohash(45.724947, 4.874956, 9) AS g")).toEqual({ g: "u05kngvz4" });
    expect(rowOf("SELECT geohash(91, 0, 5) AS a, geohash(0, NULL, 5) AS b")).toEqual({
      a: null,
      b: null,
    });
    // The example of h3-js's own documentation.
    expect(rowOf("SELECT h3(37.3615593, -122.0553238, 7) AS h")).toEqual({ h: "87283472bffffff" });
    expect(rowOf("SELECT json_group_array(DISTINCT day % 3) AS j FROM days")).toEqual({
      j: "[0,1,2]",
    });
    expect(rowOf("SELECT power(2, 0.5) AS p, floor(-1.5) AS f, 7 / 2 AS q")).toEqual({
      p: Math.SQRT2,
      f: -2,
      q: 3,
    });
    expect(rowOf("SELECT e.value AS v FROM json_each('[5]') AS e")).toEqual({ v: 5 });
    expect(rowOf("WITH adults AS (SELECT 1) SELECT count(*) AS n FROM adults")).toEqual({ n: 1 });
  });

  test.each([
    "91, 0, 7",
    "0, -180.5, 7",
    "0, 0, 16",
    "0, 0, -1",
    "0, 0, 7.5",
    "NULL, 0, 7",
    "0, NULL, 7",
    "0, 0, NULL",
    "'37', '-122', '7'",
    "9e999, 0, 7",
  ])("gets no hexagon of h3(%s)", (values) => {
    expect(rowOf(`SELECT h3(${values}) AS h`)).toEqual({ h: null });
  });

  test("pays for every hexagon", () => {
    const fuelOf = (name: string): number => {
      const outcome = ask(`SELECT max(${name}(37.7, -122.4 + day * 0.001, 9)) AS h FROM days`);
      return outcome.ok ? outcome.fuelSteps : Number.NaN;
    };
    expect(fuelOf("h3") - fuelOf("geohash")).toBe(200 * 4);
  });

  test("sees what is the same in every row", () => {
    const marked: MapTable = {
      columns: [...days.columns, { name: "person", type: "INTEGER", constant: 1 }],
      rows: days.rows,
    };
    const source = "SELECT sum(a.person) AS n FROM days a JOIN days b USING (person, day)";
    expect(sandbox.run({ language, source, tables: { days: marked } })).toMatchObject({
      row: { n: 200 },
    });
  });

  test("may have odd names and end in a comment", () => {
    const odd: MapTable = { columns: [{ name: 'a "b" c', type: "INTEGER" }], rows: [[1]] };
    const source = 'SELECT "a ""b"" c" AS __proto__, 2 AS constructor FROM "the; table" ; -- end\n';
    const outcome = sandbox.run({ language, source, tables: { "the; table": odd } });
    expect(outcome.ok && Object.entries(outcome.row ?? {})).toEqual([
      ["__proto__", 1],
      ["constructor", 2],
    ]);
  });

  test("takes the same fuel every time and everywhere", () => {
    const fuelOf = (source: string): number | null => {
      const outcome = ask(source);
      return outcome.ok ? outcome.fuelSteps : null;
    };
    const joined = "SELECT count(*) AS n FROM days a, days b WHERE a.day < b.day AND b.note > 'e'";
    expect(fuelOf("SELECT age FROM person")).toBe(0);
    expect(fuelOf(`${numbersTo(10_000)} SELECT sum(x) AS s FROM c`)).toBe(170_000);
    expect(fuelOf(joined)).toBe(fuelOf(joined));
    expect(fuelOf(`SELECT instr(${longText(12)}, ${longText(10)} || 'b') AS i`)).toBe(49_600);
  });
});

describe("SQLite's own functions that were replaced answer as before", () => {
  const literal = oneof(
    constantFrom("NULL", "''", "x''", "12", "-1.5", "x'61c3a4'", "'a' || char(0) || 'a'"),
    string({ unit: constantFrom("a", "b", "ä", "€", "𝄞", " "), maxLength: 12 }).map(
      (text) => `'${text}'`,
    ),
  );

  test("replace keeps and swaps the right bytes", () => {
    assert(
      property(literal, literal, literal, (text, from, to) => {
        // What SQLite computes without its replace(): split at the first place and go on.
        const expected = `WITH RECURSIVE
          given(t, f, w) AS (SELECT ${text}, ${from}, ${to}),
          r(done, rest) AS (
            SELECT '', CAST(t AS TEXT) FROM given
            UNION ALL
            SELECT done || CASE WHEN substr(rest, 1, length(f)) = f THEN w ELSE substr(rest, 1, 1) END,
              substr(rest, CASE WHEN substr(rest, 1, length(f)) = f THEN length(f) ELSE 1 END + 1)
            FROM r, given WHERE rest <> '' AND f <> '')
          SELECT done AS v FROM r, given WHERE rest = '' AND f <> '' AND t || f || w IS NOT NULL`;
        const plain = [text, from, to].every((value) => /^'[^|]*'$/.test(value));
        if (!plain || from === "''") return;
        expect(rowOf(`SELECT replace(${text}, ${from}, ${to}) AS v`)).toEqual(rowOf(expected));
      }),
    );
  });

  test("edge cases, as SQLite 3.44 answers them", () => {
    const v = (expression: string): unknown =>
      (rowOf(`SELECT ${expression} AS v`) as { v: unknown }).v;
    expect(v("instr('häuser', 'user')")).toBe(3);
    expect(v("instr(x'68c3a47573', x'7573')")).toBe(4);
    expect(v("instr('abc', '')")).toBe(1);
    expect(v("instr('abc', 'abcd')")).toBe(0);
    expect(v("instr(12345, 34)")).toBe(3);
    expect(v("instr(NULL, 'a')")).toBeNull();
    expect(v("replace('aaa', 'aa', 'b')")).toBe("ba");
    expect(v("replace('abc', '', 'x')")).toBe("abc");
    expect(v("replace(1001, 0, 22)")).toBe("122221");
    expect(v("replace('abc', 'b', NULL)")).toBeNull();
    expect(v("trim('xyzzyx', 'xy')")).toBe("zz");
    expect(v("ltrim('€€a€', '€')")).toBe("a€");
    expect(v("rtrim('€€a€', '€')")).toBe("€€a");
    expect(v("trim('aaa', 'a')")).toBe("");
    expect(v("trim(' a ')")).toBe("a");
    expect(v("trim('a', '')")).toBe("a");
    expect(v("trim(101, 1)")).toBe("0");
    expect(v("trim('a', NULL)")).toBeNull();
  });
});

describe("a map may not", () => {
  const forbidden: readonly [source: string, words: string][] = [
    ["SELECT random() AS r", "no randomness"],
    ["SELECT hex(randomblob(8)) AS r", "no randomness"],
    ["SELECT day FROM days ORDER BY random() LIMIT 1", "no randomness"],
    ["SELECT date('now') AS d", "asks for the time"],
    ["SELECT julianday() AS d", "asks for the time"],
    ["SELECT strftime('%s', 'n' || 'ow') AS d", "asks for the time"],
    ["SELECT CURRENT_TIMESTAMP AS d", "no clock"],
    ["SELECT datetime('2020-01-01', 'localtime') AS d", "the time zone"],
    ["PRAGMA hard_heap_limit = 0", "PRAGMA"],
    ["SELECT * FROM pragma_compile_options", "not among its tables (days, person)"],
    ["SELECT count(*) AS n FROM pragma_database_list", "not among its tables"],
    ["SELECT sql FROM sqlite_master LIMIT 1", "not among its tables"],
    ["SELECT count(*) AS n FROM sqlite_schema", "not among its tables"],
    ["ATTACH 'file.db' AS f", "ATTACH"],
    ["INSERT INTO person VALUES (1, 'x')", "to insert rows"],
    ["WITH p AS (SELECT 1) UPDATE person SET age = 3", "to change rows"],
    ["DELETE FROM person RETURNING age", "to delete rows"],
    ["CREATE TABLE t (a)", "to change the tables"],
    ["CREATE TEMP TABLE t (a)", "to change the tables"],
    ["CREATE VIRTUAL TABLE t USING json_each", "to change the tables"],
    ["DROP TABLE person", "to change the tables"],
    ["ALTER TABLE person RENAME TO q", "to change the tables"],
    ["COMMIT", "transaction"],
    ["SAVEPOINT a", "savepoint"],
    ["SELECT sqlite_version() AS v", "the function sqlite_version"],
    ["SELECT median(day) AS m FROM days", "the function median"],
    ["SELECT hex(zeroblob(1000000000)) AS z", "the function zeroblob"],
    ["SELECT unhex('00', 'x') AS z", "the function unhex"],
    ["SELECT json_patch('{}', '{}') AS z", "the function json_patch"],
  ];
  test.each(forbidden)("%s", (source, words) => {
    expect(ask(source)).toEqual({
      ok: false,
      reason: "mapForbidden",
      message: expect.stringContaining(words),
    });
  });
});

describe("a map must be one query", () => {
  const invalid: readonly [source: string, words: string][] = [
    ["", "empty map"],
    [" -- nothing\n", "empty map"],
    ["SELEC 1", "syntax error"],
    ["SELECT 1; SELECT 2", "several statements"],
    ["SELECT 1; SELEC", "syntax error"],
    ["SELECT ?1", "without parameters"],
    ["SELECT 'a' REGEXP 'b'", "no such function"],
    ["SELECT load_extension('x')", "no such function"],
    ["SELECT 1\0; DROP TABLE person", "zero character"],
    ["VACUUM", "expected a query"],
    [`SELECT '${"x".repeat(140_000)}'`, "at most 131,072 bytes"],
    [`SELECT ${"(".repeat(1000)}1${")".repeat(1000)}`, "parser stack overflow"],
  ];
  test.each(invalid)("%s", (source, words) => {
    expect(ask(source)).toEqual({
      ok: false,
      reason: "mapInvalid",
      message: expect.stringContaining(words),
    });
  });
});

describe("a map may give back only a small row", () => {
  const rubbish: readonly [source: string, words: string][] = [
    ["SELECT day FROM days", "at most one row, got several; aggregate"],
    ["SELECT 1 AS a, 2 AS a", 'two "a"'],
    ["SELECT x'00' AS b", "BLOB"],
    ["SELECT 9e999 AS big", 'Infinity in column "big"'],
    ["SELECT 9007199254740992 AS big", "below 2^53"],
    ["SELECT -9223372036854775807 AS big", "below 2^53"],
    [`SELECT ${longText(17)} AS long`, "65,536 bytes of text"],
    [`SELECT ${longText(15)} AS a, ${longText(15)} || 'b' AS b`, "65,536 bytes of text"],
    ["SELECT CAST(x'ff' AS TEXT) AS t", "malformed bytes"],
    [`SELECT ${Array.from({ length: 65 }, (_, i) => `1 AS c${i}`).join(", ")}`, "64 columns"],
    ["EXPLAIN SELECT 1", "at most one row"],
  ];
  test.each(rubbish)("%s", (source, words) => {
    expect(ask(source)).toEqual({
      ok: false,
      reason: "outputInvalid",
      message: expect.stringContaining(words),
    });
  });

  test("up to the bounds it may", () => {
    expect(rowOf("SELECT 9007199254740991 AS a, -9007199254740991 AS b")).toEqual({
      a: Number.MAX_SAFE_INTEGER,
      b: Number.MIN_SAFE_INTEGER,
    });
    expect(rowOf(`SELECT length(${longText(16)}) AS n, ${longText(16)} AS t`)).toMatchObject({
      n: 65_536,
    });
  });
});

describe("a bomb ends soon, in words, and the next map is unharmed", () => {
  const nestedViews = Array.from(
    { length: 40 },
    (_, index) => `v${index + 1} AS NOT MATERIALIZED (SELECT l.x FROM v${index} l, v${index} r)`,
  ).join(", ");
  const million = numbersTo(1_000_000);
  const bombs: readonly [name: string, source: string, reason: MapRefusal | "ok"][] = [
    ["endless recursion", `${numbersTo(-1)} SELECT count(*) AS n FROM c`, "outOfFuel"],
    ["nested joins", "SELECT count(*) AS n FROM days a, days b, days c, days d", "outOfFuel"],
    [
      "many joins",
      `SELECT count(*) AS n FROM ${Array.from({ length: 64 }, (_, i) => `days d${i}`).join(", ")}`,
      "outOfFuel",
    ],
    ["views of views", `WITH v0(x) AS (SELECT 1), ${nestedViews} SELECT * FROM v40`, "outOfMemory"],
    ["doubling text", `SELECT length(${longText(40)}) AS n`, "outOfMemory"],
    [
      "rows in memory",
      `${million} SELECT max(x) AS m FROM (SELECT x || ${longText(12)} AS s, x FROM c ORDER BY s)`,
      "outOfMemory",
    ],
    [
      "long group_concat",
      `${million} SELECT group_concat(${longText(10)}) AS g FROM c`,
      "outOfFuel",
    ],
    [
      "replace upon replace",
      `SELECT ${"replace(".repeat(9)}'aaaaaaaaaa'${", 'a', 'aaaaaaaaaa')".repeat(9)} AS t`,
      "outOfMemory",
    ],
    ["printf by count", "SELECT printf('%.*c', 1000000000, 'x') AS t", "ok"],
    ["printf by width", "SELECT printf('%*d', 2147483647, 1) AS t", "ok"],
    ["printf by precision", "SELECT printf('%.99999999f', 1.5) AS t", "ok"],
    ["instr", `SELECT instr(${longText(17)}, ${longText(16)} || 'b') AS i`, "outOfFuel"],
    [
      "instr, a million times",
      `${million} SELECT sum(instr(s, t || x)) AS n FROM c, (SELECT ${longText(15)} AS s, ${longText(14)} AS t)`,
      "outOfFuel",
    ],
    [
      "replace of nothing",
      `SELECT replace(${longText(17)}, ${longText(16)} || 'b', '') AS t`,
      "outOfFuel",
    ],
    [
      "trim",
      `SELECT trim(${longText(17)}, replace(${longText(16)}, 'a', 'b') || 'a') AS t`,
      "outOfFuel",
    ],
    [
      "LIKE",
      `${million} SELECT sum(s || x LIKE '${"%a".repeat(60)}b') AS n FROM c, (SELECT ${longText(17)} AS s)`,
      "outOfTime",
    ],
    [
      "GLOB",
      `${million} SELECT sum(s || x GLOB '${"*[a-z]".repeat(20)}B') AS n FROM c, (SELECT ${longText(17)} AS s)`,
      "outOfTime",
    ],
    ["huge LIKE pattern", `SELECT 'a' LIKE '${"%a".repeat(1000)}' AS n`, "mapFailed"],
    [
      "hex",
      `${million} SELECT sum(length(hex(s || x))) AS n FROM c, (SELECT ${longText(16)} AS s)`,
      "outOfTime",
    ],
    ["deep JSON", `SELECT json_extract('${"[".repeat(60_000)}', '$[0]') AS j`, "mapFailed"],
    [
      "JSON, a million times",
      `${million} SELECT sum(json_valid(j || ' ')) AS n FROM c, (${numbersTo(30_000)} SELECT json_group_array(x) AS j FROM c)`,
      "outOfTime",
    ],
    [
      "JSON squared",
      "SELECT count(*) AS n FROM days a, json_each((SELECT json_group_array(day) FROM days)), json_tree((SELECT json_group_array(day) FROM days))",
      "outOfFuel",
    ],
    ["a chain of operators", `SELECT ${"1+".repeat(60_000)}1 AS n`, "outOfMemory"],
    ["nots", `SELECT ${"NOT ".repeat(30_000)}1 AS n`, "mapInvalid"],
    ["arithmetic", "SELECT abs(-9223372036854775808) AS n", "mapFailed"],
  ];
  test.each(bombs)("%s", (_, source, reason) => {
    const outcome = ask(source);
    const stopped = outcome.ok ? "ok" : outcome.reason;
    // Which of the two limits is met first depends on the machine.
    const endless = ["outOfTime", "outOfFuel"];
    expect(endless.includes(reason) ? endless : [reason]).toContain(stopped);
    expect(rowOf("SELECT sum(day) AS s, max(note) AS m FROM days")).toEqual({
      s: 19_900,
      m: "day 99",
    });
  });

  test("too many rows for the memory", () => {
    const rows = Array.from({ length: 20_000 }, () => [1, 2, "x".repeat(2_000)]);
    const huge = { ...tables, days: { ...days, rows } };
    const outcome = sandbox.run({
      language,
      source: "SELECT count(*) AS n FROM days",
      tables: huge,
    });
    expect(outcome).toMatchObject({ ok: false, reason: "outOfMemory" });
    expect(rowOf("SELECT count(*) AS n FROM days")).toEqual({ n: 200 });
  });

  test("limits are the caller's, and named", () => {
    const source = `${numbersTo(10_000)} SELECT count(*) AS n FROM c`;
    expect(ask(source)).toMatchObject({ ok: true, row: { n: 10_000 } });
    expect(messageOf(source, { fuelSteps: 1_000 })).toBe(
      "the map ran too long: 1,000 steps allowed",
    );
    const hungry =
      "SELECT count(*) AS n FROM (SELECT DISTINCT printf('%.40d %.40d', a.day, b.day) FROM days a, days b)";
    expect(ask(hungry)).toMatchObject({ ok: true, row: { n: 40_000 } });
    expect(messageOf(hungry, { memoryBytes: 2 << 20 })).toBe(
      "the map and its rows need too much memory: 2 MiB allowed",
    );
    expect(messageOf("SELECT sex FROM person", { outputBytes: 5 })).toContain("at most 5 bytes");
  });

  test("the clock has a veto when nothing else counts", () => {
    let nowMs = 0;
    const slow = createSandbox({ languages: [language], nowMs: () => (nowMs += 30) });
    return slow.then((sandboxOfSlowMachine) => {
      const source = `${numbersTo(1_000)} SELECT count(*) AS n FROM c`;
      const outcome = sandboxOfSlowMachine.run({ language, source, tables });
      expect(outcome).toMatchObject({ ok: false, reason: "outOfTime" });
    });
  });
});

describe("runs know nothing of each other", () => {
  test("rows of one person are gone for the next", () => {
    const source = "SELECT group_concat(age) AS ages FROM person";
    const withAges = (ages: readonly number[]): MapOutcome =>
      sandbox.run({
        language,
        source,
        tables: { person: { ...person, rows: ages.map((a) => ["", "", a]) } },
      });
    expect(withAges([1, 2])).toMatchObject({ row: { ages: "1,2" } });
    expect(withAges([3])).toMatchObject({ row: { ages: "3" } });
    expect(withAges([])).toMatchObject({ row: { ages: null } });
  });

  test("a map's outcome does not depend on what ran before", () => {
    const sources = [
      "SELECT count(*) AS n, sum(steps) AS s FROM days",
      `${numbersTo(-1)} SELECT count(*) AS n FROM c`,
      "SELECT random()",
      `SELECT length(${longText(16)}) AS n`,
      `SELECT ${"1+".repeat(60_000)}1 AS n`,
      "SELECT julianday()",
      "SELECT note FROM days WHERE day = 7",
      "SELECT abs(-9223372036854775807 - day) AS n FROM days WHERE day = 1",
    ];
    const alone = sources.map((source) => ask(source));
    assert(
      property(integer({ min: 0, max: 7 }), integer({ min: 0, max: 7 }), (first, second) => {
        ask(sources[first] ?? "");
        expect(ask(sources[second] ?? "")).toEqual(alone[second]);
      }),
      { numRuns: 60 },
    );
  });

  test("a failure does not quote the row that it failed on", () => {
    const outcome = ask("SELECT json_extract('{}', 'SECRET' || day) AS n FROM days");
    expect(outcome).toMatchObject({ ok: false, reason: "mapFailed" });
    expect(JSON.stringify(outcome)).not.toContain("SECRET");
  });

  test("a refusal is not held against the next map", () => {
    const failing = "SELECT abs(-9223372036854775807 - day) AS n FROM days WHERE day = 1";
    expect(reasonOf(failing)).toBe("mapFailed");
    expect(reasonOf("SELECT random() AS other")).toBe("mapForbidden");
    expect(reasonOf(failing)).toBe("mapFailed");
  });

  test("more maps than stay compiled, in turns", () => {
    for (let round = 0; round < 2; round++) {
      for (let map = 0; map < 20; map++) {
        expect(rowOf(`SELECT age + ${map} AS a FROM person`)).toEqual({ a: 44 + map });
      }
    }
    expect(reasonOf("SELECT 1 AS one")).toBe("ok");
  });
});
