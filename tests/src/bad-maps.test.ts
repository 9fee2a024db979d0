/**
 * Maps that loop, bomb, lie about their types or fail for some people only. Either there is no
 * number and a reason, or the numbers are those of the people whose map worked, and it is said.
 */
import { expect, test } from "vitest";
import { toCsv } from "./crowd.ts";
import { checkRelease } from "./release-checks.ts";
import { answerOf, openDesk, studyOf } from "./sumus.ts";

const PEOPLE = 120;

function studyWith(source: string, language: string): string {
  return `title: A map
purpose: A test
needs: { cards: [age, sex] }
map: { language: ${language}, source: ${JSON.stringify(source)} }
result: { group: { sex: [female, male] }, measures: { people: count, level: { mean: age, min: 0, max: 100 } } }
privacy: { epsilon: 20, delta: 1e-6, people_min: 10 }
`;
}

const ROWS = Array.from({ length: PEOPLE }, (_, number) => {
  return { number, age: number % 97, sex: number % 3 === 0 ? "male" : "female" };
});

async function ask(source: string, language = "sql") {
  await using desk = await openDesk();
  await desk.write("study.yaml", studyWith(source, language));
  const rows = ROWS.map(({ number, age, sex }) => [number, age, sex]);
  await desk.write("cards.csv", toCsv(["id", "age", "sex"], rows));
  return await desk.run(
    ...["lab", "run", "--study", "study.yaml", "--table", "cards=cards.csv:id", "--json"],
  );
}

/** One that fails as it runs and one that is none; the others are told by vaults' and sandbox's tests. */
const HOPELESS: readonly (readonly [string, string, RegExp])[] = [
  [
    "loops",
    "WITH RECURSIVE t(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM t) SELECT sum(x) AS age, 'male' AS sex FROM t",
    /ran too long: 2,000,000 steps allowed/,
  ],
  ["is no query", "SELEKT age FROM cards", /near "SELEKT": syntax error/],
];

test.for(HOPELESS)("a map that %s gives no number, but its reason", async ([, source, reason]) => {
  const ended = await ask(source);
  expect(ended.code).toBe(2);
  const study = studyOf(ended);
  expect(study).toMatchObject({ accepted: 0, measures: [], reason: expect.stringMatching(reason) });
  expect(study.failures.map((failure) => failure.reason).join()).toMatch(reason);
  expect(ended.stderr).toMatch(reason);
});

test("a function that loops for some people counts the others", async () => {
  const source =
    "({ cards: [c] }) => { while (c?.age === 5); return c && { age: c.age, sex: c.sex }; }";
  const ended = await ask(source, "javascript");
  expect(ended.code, ended.stderr).toBe(0);
  const study = studyOf(ended);
  expect(study.silent).toEqual({
    people: ROWS.filter(({ age }) => age === 5).length,
    reason: "the map ran too long: 2,000,000 steps allowed",
  });
  const counted = study.measures.filter(({ name }) => name === "people");
  const truth = counted.reduce((sum, measure) => sum + (measure.truth ?? 0), 0);
  expect(truth).toBe(ROWS.filter(({ age }) => age !== 5).length);
});

test("a map that fails for some people counts the others, and says how many it failed for", async () => {
  const source = "SELECT CASE WHEN age < 30 THEN 'young' ELSE age END AS age, sex FROM cards";
  const ended = await ask(source);
  expect(ended.code, ended.stderr).toBe(0);
  const study = studyOf(ended);
  const failed = ROWS.filter(({ age }) => age < 30);
  expect(answerOf(ended)).toMatchObject({ people: PEOPLE, accepted: PEOPLE });
  expect(study.silent).toMatchObject({
    people: failed.length,
    reason: expect.stringMatching(/age: expected a number/),
  });
  checkRelease(study, 10);
  for (const sex of ["female", "male"]) {
    const others = ROWS.filter((row) => row.sex === sex && row.age >= 30);
    const mean = others.reduce((sum, { age }) => sum + age, 0) / others.length;
    const truth = (name: string) =>
      study.measures.find((measure) => measure.name === name && measure.group?.["sex"] === sex)
        ?.truth;
    expect(truth("people")).toBe(others.length);
    expect(truth("level")).toBeCloseTo(mean, 9);
  }
});
