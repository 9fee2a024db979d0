/**
 * Goal: with noise off, studies answer about real people exactly what somebody else worked out from
 * the whole tables: every digit of every mean, bin, sum and cell. Method: data/PROVENANCE.md.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { answerOf, readPeople, readText, single } from "./answer-of.ts";

const here = (file: string): URL => new URL(`data/${file}`, import.meta.url);
const lab = (file: string): URL => new URL(`../../../lab/data/${file}`, import.meta.url);

type People = Awaited<ReturnType<typeof readPeople>>;
type Answer = Awaited<ReturnType<typeof answerOf>>;

const TERMS = `title: Expected
purpose: To compare
privacy: { epsilon: 1, delta: 1e-9, people_min: 100 }
`;

interface Expected {
  readonly adult: {
    readonly n: number;
    readonly mean_age: number;
    readonly mean_hours_by_sex: Readonly<Record<string, number>>;
    readonly income_by_education: Readonly<Record<string, number>>;
    readonly age_hist10: Readonly<Record<string, number>>;
  };
  readonly credit: {
    readonly n: number;
    readonly mean_limit_by_sex: Readonly<Record<string, number>>;
    readonly default_rate_by_education: Readonly<Record<string, number>>;
    readonly limit_hist100k: Readonly<Record<string, number>>;
    readonly sum_bill1: number;
    readonly var_limit: number;
  };
}

async function readExpected(): Promise<Expected> {
  return JSON.parse(await readText(here("tabular.json"))) as Expected;
}

/** Bins that anybody is in, by their lower edge, as the expected histograms have them. */
function histogram(answer: Answer, name: string): Record<string, number> {
  const bins = [...(answer.get(name) ?? [])].filter(([, people]) => people !== 0);
  return Object.fromEntries(
    bins.map(([bin, people]) => [/^\[([^,]+),/.exec(bin)?.[1] ?? bin, people ?? Number.NaN]),
  );
}

describe("the census", () => {
  let expected: Expected["adult"];
  let answer: Answer;
  const education = `[10th, 11th, 12th, 1st-4th, 5th-6th, 7th-8th, 9th, Assoc-acdm, Assoc-voc, Bachelors, Doctorate,
      HS-grad, Masters, Preschool, Prof-school, Some-college]`;

  beforeAll(async () => {
    expected = (await readExpected()).adult;
    const people = await readPeople([
      { name: "census", file: here("adult.csv.gz"), personColumn: "person_id" },
    ]);
    answer = await answerOf(
      `${TERMS}
needs: { census: [age, sex, education, hours_per_week, income_per_year] }
map: { language: none }
result:
  - measures:
      people: count
      mean_age: { mean: age, min: 0, max: 120, resolution: 1 }
      ages: { histogram: age, edges: [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100] }
      rich: { share: income_per_year, of: [">50K"] }
  - group: { sex: [Female, Male] }
    measures: { hours: { mean: hours_per_week, min: 0, max: 100, resolution: 1 } }
  - group: { education: ${education}, income_per_year: ["<=50K", ">50K"] }
    measures: { incomes: count }
`,
      people,
    );
  });

  test("people and their mean age", () => {
    expect(single(answer, "people")).toBe(expected.n);
    expect(single(answer, "mean_age")).toBe(expected.mean_age);
  });

  test("mean hours a week by sex", () => {
    expect(Object.fromEntries(answer.get("hours") ?? [])).toEqual(expected.mean_hours_by_sex);
  });

  test("ages by tens", () => {
    expect(histogram(answer, "ages")).toEqual(expected.age_hist10);
  });

  test("people by education and income, and who earns more", () => {
    const incomes = [...(answer.get("incomes") ?? [])].filter(([, people]) => people !== 0);
    expect(Object.fromEntries(incomes)).toEqual(expected.income_by_education);
    const rich = Object.entries(expected.income_by_education)
      .filter(([cell]) => cell.endsWith("|>50K"))
      .reduce((sum, [, people]) => sum + people, 0);
    expect(single(answer, "rich")).toBe(rich / expected.n);
  });
});

describe("credit cards", () => {
  let expected: Expected["credit"];
  let answer: Answer;

  beforeAll(async () => {
    expected = (await readExpected()).credit;
    const names = ["card_holders", "card_bills", "card_payments"];
    const people = await readPeople(
      names.map((name) => ({ name, file: lab(`credit/${name}.csv.gz`), personColumn: "ID" })),
    );
    const hundreds = Array.from({ length: 11 }, (_, index) => index * 100_000);
    answer = await answerOf(
      `${TERMS}
needs:
  card_holders: [SEX, EDUCATION, LIMIT_BAL]
  card_bills: [BILL_AMT1]
  card_payments: [DEFAULT_NEXT_MONTH]
map:
  language: sql
  source: SELECT SEX AS sex, EDUCATION AS education, LIMIT_BAL AS credit, BILL_AMT1 AS bill,
    DEFAULT_NEXT_MONTH AS defaults FROM card_holders, card_bills, card_payments
result:
  - measures:
      people: count
      bills: { sum: bill, min: -1000000, max: 2000000, resolution: 1 }
      limits: { histogram: credit, edges: [${hundreds.join(", ")}, 1100000] }
      apart: { variance: credit, min: 0, max: 1000000, resolution: 80 }
  - group: { sex: [1, 2] }
    measures: { limit: { mean: credit, min: 0, max: 1000000, resolution: 1 } }
  - group: { education: [0, 1, 2, 3, 4, 5, 6] }
    measures: { defaulted: { share: defaults } }
`,
      people,
    );
  });

  test("people, and what they owe together, debts of the bank included", () => {
    expect(single(answer, "people")).toBe(expected.n);
    expect(single(answer, "bills")).toBe(expected.sum_bill1);
  });

  test("credit given: means by sex, by hundred thousands", () => {
    expect(Object.fromEntries(answer.get("limit") ?? [])).toEqual(expected.mean_limit_by_sex);
    expect(histogram(answer, "limits")).toEqual(expected.limit_hist100k);
  });

  test("how far that lies apart, to the fifteen digits that doubles hold of it", () => {
    const ratio = (single(answer, "apart") ?? Number.NaN) / expected.var_limit;
    expect(Math.abs(ratio - 1)).toBeLessThan(1e-15);
  });

  test("shares of people who defaulted, by education", () => {
    expect(Object.fromEntries(answer.get("defaulted") ?? [])).toEqual(
      expected.default_rate_by_education,
    );
  });
});

describe("the heat map of a day", () => {
  const ROWS = 26;
  const COLUMNS = 34;
  const INSIDE = "lat >= 37.70 AND lat < 37.83 AND lon >= -122.52 AND lon < -122.35";
  const CELL = `CAST(round((lat - 37.70) / 0.005, 6) AS INTEGER) || ',' ||
    CAST(round((lon + 122.52) / 0.005, 6) AS INTEGER)`;
  const NEEDS = "needs: { points: [t, lat, lon] }";
  let cabs: People;

  beforeAll(async () => {
    const file = lab("cabs/points_2008-05-21.csv.gz");
    cabs = await readPeople([{ name: "points", file, personColumn: "user" }]);
  });

  function cells(prefixes: readonly string[]): string {
    const names = prefixes.flatMap((prefix) =>
      Array.from({ length: ROWS * COLUMNS }, (_, cell) => {
        return `"${prefix}${Math.floor(cell / COLUMNS)},${cell % COLUMNS}"`;
      }),
    );
    return `{ at_most: ${Math.min(names.length, 2000)}, values: [${names.join(",")}] }`;
  }

  /** Cells that somebody was in, as lines of the expected table. */
  function linesOf(answer: Answer): string[] {
    const found = [...(answer.get("cabs") ?? [])].filter(([, people]) => people !== 0);
    return found.map(([cell, people]) => `${cell},${people}`);
  }

  async function linesIn(file: string): Promise<string[]> {
    return (await readText(here(file))).trim().split(/\r?\n/).slice(1);
  }

  const sql = `SELECT json_group_array(DISTINCT ${CELL}) FILTER (WHERE ${INSIDE}) AS cell,
    count(*) AS fixes, count(*) FILTER (WHERE ${INSIDE}) AS inside FROM points`;
  const javascript = `({ points }) => {
    const inside = points.filter(({ lat, lon }) => lat >= 37.70 && lat < 37.83 && lon >= -122.52 && lon < -122.35);
    const step = (degrees) => Math.floor(Number((degrees / 0.005).toFixed(6)));
    const cell = inside.map(({ lat, lon }) => step(lat - 37.70) + "," + step(lon + 122.52));
    return { cell: [...new Set(cell)], fixes: points.length, inside: inside.length };
  }`;

  test.each([
    ["sql", sql],
    ["javascript", javascript],
  ])("cabs by cell, by a map in %s", async (language, source) => {
    const fixes = "min: 0, max: 5000, resolution: 1";
    const answer = await answerOf(
      `${TERMS}${NEEDS}
map: { language: ${language}, source: ${JSON.stringify(source)} }
result:
  - measures: { fixes: { sum: fixes, ${fixes} }, inside: { sum: inside, ${fixes} } }
  - { group: { cell: ${cells([""])} }, measures: { cabs: count } }
`,
      cabs,
    );
    const lines = linesOf(answer);
    expect(lines).toEqual(await linesIn("heatmap_points_2008-05-21_day.csv"));
    const summary = JSON.parse(await readText(here("heatmap_summary.json"))) as {
      readonly [day: string]: Readonly<Record<string, number>>;
    };
    expect(summary["points_2008-05-21"]).toMatchObject({
      points: single(answer, "fixes"),
      points_in_bbox: single(answer, "inside"),
      cells: lines.length,
      max_users_in_cell: Math.max(...lines.map((line) => Number(line.split(",").at(-1)))),
    });
  });

  test("cabs by hour and cell", async () => {
    const source = `SELECT json_group_array(DISTINCT ((t - 25200) % 86400 / 3600) || ',' || ${CELL}) AS cell
      FROM points WHERE ${INSIDE}`;
    const hours = Array.from({ length: 24 }, (_, hour) => `${hour},`);
    const answer = await answerOf(
      `${TERMS}${NEEDS}
map: { language: sql, source: ${JSON.stringify(source)} }
result: { group: { cell: ${cells(hours)} }, measures: { cabs: count } }
`,
      cabs,
    );
    expect(linesOf(answer)).toEqual(await linesIn("heatmap_points_2008-05-21_hour.csv.gz"));
  });
});
