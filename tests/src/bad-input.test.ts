/**
 * What cannot be used is refused before anybody is asked: exit code 1, the file and the line where
 * there is one, a remedy, and nothing on standard output that could be mistaken for an answer.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Desk, openDesk } from "./sumus.ts";

const STUDY = `title: Ages
purpose: A test
needs: { cards: [age, sex] }
map: { language: none }
result: { group: { sex: [female, male] }, measures: { people: count } }
privacy: { epsilon: 1, delta: 1e-9, people_min: 10 }
`;

const CARDS = "id,age,sex\n1,40,female\n2,50,male\n";

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk();
  await desk.write("study.yaml", STUDY);
  await desk.write("cards.csv", CARDS);
});
afterAll(() => desk[Symbol.asyncDispose]());

/** Runs and expects a refusal; what was said comes back. */
async function refused(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await desk.run(...args);
  expect(code, stderr).toBe(1);
  expect(stdout).toBe("");
  // No stack, no state of programs: words for a person.
  expect(stderr).not.toMatch(/^\s+at |Error:|undefined|\[object/m);
  return stderr;
}

const CARDS_TABLE = ["--table", "cards=cards.csv:id"];

describe("a manifest", () => {
  const refusedStudy = async (text: string | Uint8Array): Promise<string> => {
    await desk.write("bad.yaml", text);
    return await refused("lab", "run", "--study", "bad.yaml", ...CARDS_TABLE);
  };

  test("with impossible types is told all of them at once, each where it stands", async () => {
    const said = await refusedStudy(`title: Everything wrong
purpose: A test
needs: { cards: [age, sex] }
map: { language: none }
result:
  group: { age: { bands: [[0, 40], [30, 60]] }, sex: [female, female] }
  measures:
    people: cuont
    level: { mean: age, min: 100, max: 0 }
    total: { sum: age, min: 0 }
    huge: { sum: age, min: 0, max: 1e30 }
    fine: { sum: age, min: 0, max: 10, resolution: 0 }
    spread: { histogram: age, edges: [1, 1] }
    towards: { vector: age }
privacy: { epsilon: 0, delta: 0.5, people_min: 1, budget: 7 }
windw: { opens: 2026-01-01, closes: 2026-01-02 }
`);
    for (const problem of [
      /bad\.yaml:6:\d+: result\.group\.age\.bands: expected bands apart, got \[0, 40\] over \[30, 60\]/,
      /bad\.yaml:6:\d+: result\.group\.sex\[1\]: expected each value once/,
      /bad\.yaml:8:\d+: .*did you mean count\?/s,
      /bad\.yaml:9:\d+: .*expected min below max, got 100 and 0/,
      /bad\.yaml:10:\d+: .*expected max, got nothing/,
      /bad\.yaml:11:\d+: .*expected at most 2\^32 steps/,
      /bad\.yaml:12:\d+: .*expected a resolution above 0, got 0/,
      /bad\.yaml:13:\d+: .*expected edges to increase, got 1 after 1/,
      /bad\.yaml:14:\d+: .*it computes count, sum, mean, share, variance, /s,
      /bad\.yaml:15:\d+: privacy\.epsilon: expected epsilon from 0\.000001 to 20, got 0/,
      /bad\.yaml:15:\d+: privacy\.delta: .*got 0\.5/,
      /bad\.yaml:15:\d+: privacy\.people_min: .*got 1/,
      /bad\.yaml:15:\d+: privacy\.budget: expected a field of privacy/,
      /bad\.yaml:16:1: windw: .*did you mean window\?/s,
    ]) {
      expect(said).toMatch(problem);
    }
  });

  test("with an epsilon that protects nobody is refused", async () => {
    const said = await refusedStudy(STUDY.replace("epsilon: 1,", "epsilon: 1000,"));
    expect(said).toMatch(/bad\.yaml:6:\d+: privacy\.epsilon: .*to 20, got 1000/);
    expect(said).toContain("more protects nobody");
  });

  test("that is a bomb, no text, endless or empty is no manifest", async () => {
    const aliases = Array.from({ length: 9 }, (_, level) => {
      const before = level === 0 ? `"ha"` : `*a${level - 1}`;
      return `a${level}: &a${level} [${new Array(9).fill(before).join(", ")}]\n`;
    });
    expect(await refusedStudy(aliases.join(""))).toContain("expected no alias, got one");
    expect(await refusedStudy("[".repeat(100_000))).toContain("at most 12 levels of nesting");
    expect(await refusedStudy(`title: ${"x".repeat(3_000_000)}`)).toContain("262144 characters");
    expect(await refusedStudy("")).toContain("expected a study as a mapping, got nothing");
    const noise = Uint8Array.from({ length: 256 }, (_, index) => index);
    expect(await refusedStudy(noise)).toMatch(/bad\.yaml:1:1: expected/);
  });

  test("cannot paint the terminal of who reads about it", async () => {
    const said = await refusedStudy(`title: \u001b[2Jgone\u0007\nwrong\u009b31m: 3\n`);
    expect(said).toContain("bad.yaml:1:");
    for (const control of ["\u001b", "\u009b", "\u0007"]) expect(said).not.toContain(control);
  });

  test("must be a file", async () => {
    const run = (file: string) => refused("lab", "run", "--study", file, ...CARDS_TABLE);
    expect(await run("nowhere.yaml")).toContain("there is no file nowhere.yaml");
    expect(await run(".")).toContain("is a folder");
  });
});

describe("study check, before anybody is asked", () => {
  const study = (query: string, result: string, epsilon = 1): string => `title: Visits
purpose: A test
needs: { visits: [place, minutes, latitude, longitude] }
map: { language: sql, source: "SELECT ${query} FROM visits" }
result: ${result}
privacy: { epsilon: ${epsilon}, delta: 1e-9, people_min: 100 }
`;
  const cellsOf = (grid: string): string =>
    `{ group: { cell: { ${grid}, area: [30, -10, 60, 30] } }, measures: { people: count } }`;
  const mean = (max: number): string =>
    `{ measures: { level: { mean: minutes, min: 0, max: ${max} } } }`;

  test.concurrent.each<[string, string, 0 | 1, RegExp[]]>([
    [
      "an area of millions of geohashes",
      study("latitude, longitude", cellsOf("geohash: 6")),
      1,
      [/:5:\d+: .*fewer than 100000 cells in the area, got \d{8}\n/, /choose a smaller area/],
    ],
    [
      "an area of millions of hexagons",
      study("latitude, longitude", cellsOf("h3: 9")),
      1,
      [/:5:\d+: .*fewer than 100000 cells in the area, got about \d{8}\n/, /lower resolution/],
    ],
    [
      "bounds that make noise larger than the answer",
      study("minutes", mean(1e9), 0.01),
      0,
      [/:6:1: .*noise is larger than the answer could be/, /raise epsilon or people_min/],
    ],
    [
      "a map that yields another type",
      study("'x' AS minutes", mean(10)),
      1,
      [/:4:1: .*column minutes: expected a number, got a string/, /yield what the result declares/],
    ],
    [
      "a map that yields another column",
      study("place", mean(10)),
      1,
      [/:4:1: .*yields no column minutes/, /Add "… AS minutes"/],
    ],
  ])("tells of %s", async (_, text, code, words) => {
    await using own = await openDesk();
    await own.write("bad.yaml", text);
    const checked = await own.run("study", "check", "bad.yaml");
    expect(checked.code, checked.stderr).toBe(code);
    for (const expected of words) expect(checked.stderr).toMatch(expected);
    expect(checked.stderr).not.toMatch(/^\s+at |Error:|undefined|\[object/m);
  });
});

describe("a table", () => {
  const refusedTable = async (csv: string | Uint8Array): Promise<string> => {
    await desk.write("bad.csv", csv);
    const table = ["--table", "cards=bad.csv:id"];
    return await refused("lab", "run", "--study", "study.yaml", ...table);
  };

  test("with broken rows is told which", async () => {
    const said = await refusedTable('id,age,sex\n1,2\n3,4,male,5\n5,"6"7,male\n8,9,male\n');
    expect(said).toContain("bad.csv:2: expected 3 cells, got 2");
    expect(said).toContain("bad.csv:3: expected 3 cells, got 4");
    expect(said).toContain("bad.csv:4: text follows a closing quote");
    expect(said).not.toContain("bad.csv:5");
    expect(said).toContain("Correct or remove these rows.");
    const many = `id,age,sex\n${"1,2\n".repeat(3000)}`;
    expect(await refusedTable(many)).toContain("and 2995 more");
  });

  test("without its person column is told what it has", async () => {
    expect(await refusedTable("who,age,sex\n1,2,male\n")).toContain(
      "expected the person column id, got the columns who, age, sex",
    );
  });

  test("without rows, of a size or kind that no table has, is refused", async () => {
    expect(await refusedTable("")).toContain("bad.csv:1: expected a header line");
    expect(await refusedTable("id,age,sex\n")).toContain("the table has no rows");
    const latin = Uint8Array.from([...Buffer.from("id,age,sex\n1,2,"), 0xff, 0xfe, 0x0a]);
    expect(await refusedTable(latin)).toContain("bad.csv: this is not UTF-8 text");
    const huge = `id,age,sex\n1,2,${"x".repeat(3_000_000)}\n`;
    expect(await refusedTable(huge)).toContain("bad.csv:2: the row is longer than 1,048,576");
    const broken = Uint8Array.from([0x1f, 0x8b, 0x08, 1, 2, 3]);
    expect(await refusedTable(broken)).toContain("the gzip data cannot be unpacked");
  });

  test("must be a file", async () => {
    const run = (file: string) =>
      refused("lab", "run", "--study", "study.yaml", "--table", `cards=${file}:id`);
    expect(await run("nowhere.csv")).toContain("nowhere.csv: there is no such file");
    expect(await run(".")).toContain("this is a folder");
  });
});

describe("a study", () => {
  test("whose needs nobody has is not asked", async () => {
    const other = ["--table", "people=cards.csv:id"];
    expect(await refused("lab", "run", "--study", "study.yaml", ...other)).toContain(
      "The study needs cards, which nobody has; the tables are people.",
    );
    await desk.write("height.yaml", STUDY.replace("[age, sex]", "[height, sex]"));
    expect(await refused("lab", "run", "--study", "height.yaml", ...CARDS_TABLE)).toContain(
      "needs cards.height, which nobody has; the columns are id, age, sex",
    );
  });

  test("over tables that have nobody in common is not asked", async () => {
    await desk.write(
      "both.yaml",
      STUDY.replace("needs: {", "needs: { visits: [cost],").replace(
        "language: none",
        "language: sql, source: 'SELECT sex FROM cards'",
      ),
    );
    await desk.write("visits.csv", "who,cost\n7,1\n8,2\n");
    const tables = [...CARDS_TABLE, "--table", "visits=visits.csv:who"];
    expect(await refused("lab", "run", "--study", "both.yaml", ...tables)).toContain(
      "Nobody has rows in all of cards, visits",
    );
  });
});

describe("a command line", () => {
  test("with anything unknown or impossible is refused with the right way to say it", async () => {
    const run = ["lab", "run", "--study", "study.yaml", ...CARDS_TABLE];
    const cases: readonly (readonly [readonly string[], string])[] = [
      [[...run, "--bogus"], "unknown option '--bogus'"],
      [[...run, "--people", "0"], `a whole number from 1 to 1,000,000, got "0"`],
      [[...run, "--people", "1e3"], `a whole number from 1 to 1,000,000, got "1e3"`],
      [[...run, "--liars", "200%"], `a share such as 5% or 0.05, got "200%"`],
      [[...run, "--drop=-5%"], `a share such as 5% or 0.05, got "-5%"`],
      [[...run, "--deny", "60%", "--drop", "60%"], "shares of at most 100% together"],
      [[...run, "--table", "cards=cards.csv:id"], `each table once, got "cards" twice`],
      [[...run, "more"], "too many arguments"],
      [["lab", "run", "--study", "study.yaml"], "required option '--table"],
      [["lab", "run", "--study", "study.yaml", "--table", "cards.csv"], "NAME=FILE.csv:PERSON"],
    ];
    for (const [args, words] of cases) expect(await refused(...args)).toContain(words);
  });
});
