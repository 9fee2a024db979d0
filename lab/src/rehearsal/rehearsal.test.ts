/** Studies rehearsed on people who do not exist, and maps that are at fault before anybody is asked. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseStudy, type Study } from "@sumus/study";
import {
  CHOLESTEROL_MANIFEST,
  DEPRESSION_MANIFEST,
  HEXAGONS_MANIFEST,
  manifestWith,
  PLACES_MANIFEST,
  WAITING_MANIFEST,
} from "@sumus/study/testing";
import { afterAll, expect, test } from "vitest";
import { SILENT_PROGRESS } from "../progress.ts";
import type { DryRun } from "./dry-run.ts";
import { rehearseStudy, tryStudyMap } from "./rehearse-study.ts";
import { renderDryRun } from "./render-dry-run.ts";
import type { SampleFile } from "./synthetic-people.ts";

const folder = await mkdtemp(join(tmpdir(), "sumus-rehearsal-"));
afterAll(() => rm(folder, { recursive: true }));

function studyOf(manifest: string): Study {
  const reading = parseStudy(manifest);
  if (!reading.ok) throw new TypeError(reading.problems.map(({ message }) => message).join("; "));
  return reading.study;
}

async function dryRunOf(
  manifest: string,
  people = 400,
  samples: readonly SampleFile[] = [],
): Promise<DryRun> {
  const { signal } = new AbortController();
  const options = { people, samples, progress: SILENT_PROGRESS, signal };
  const rehearsal = await rehearseStudy(studyOf(manifest), options);
  if (!rehearsal.ok) throw new TypeError(rehearsal.fault.message);
  return rehearsal.dryRun;
}

test.each([
  ["joins on an undeclared person column", CHOLESTEROL_MANIFEST, "one"],
  ["adds nine columns", DEPRESSION_MANIFEST, "one"],
  ["makes geohashes", PLACES_MANIFEST, "several"],
  ["makes places for hexagons", HEXAGONS_MANIFEST, "several"],
  ["takes the largest, with quantiles and prefixes", WAITING_MANIFEST, "several"],
])("a map that %s hits its groups", async (_, manifest, rowsPerPerson) => {
  const dryRun = await dryRunOf(manifest);
  expect(dryRun).toMatchObject({ synthetic: true, people: 400, rowsPerPerson, failures: [] });
  expect(dryRun.withRow + dryRun.withoutRow).toBe(400);
  expect(dryRun.withRow).toBeGreaterThan(200);
  for (const { cells, never } of dryRun.groups) expect(never).toBeLessThan(cells / 2);
  expect(dryRun.answer).toMatchObject({ state: "answered", accepted: 400, learned: null });
  expect(dryRun.answer.measures.some(({ truth }) => (truth ?? 0) > 0)).toBe(true);
});

test("people who are made up are those whom the study admits", async () => {
  const where = "{ where: { census: { age: { min: 18, max: 65 }, hours: [35, 40] } } }";
  const { columns } = await dryRunOf(manifestWith({ eligible: where }));
  const source = "the study admits no others";
  expect(columns).toMatchObject([
    { column: "age", values: "18 to 65", source },
    { column: "hours", values: expect.stringContaining("35"), source },
  ]);
});

test("the numbers have the noise of a real run: they differ, and the truth does not", async () => {
  const [first, second] = [await dryRunOf(WAITING_MANIFEST), await dryRunOf(WAITING_MANIFEST)];
  const truths = ({ answer }: DryRun): unknown => answer.measures.map(({ truth }) => truth);
  const estimates = ({ answer }: DryRun): unknown =>
    answer.measures.map(({ estimate }) => estimate);
  expect(truths(second)).toEqual(truths(first));
  expect(estimates(second)).not.toEqual(estimates(first));
  const count = first.answer.measures.find(({ name }) => name === "people");
  const half = ((count?.high ?? 0) - (count?.low ?? 0)) / 2;
  // 1.96 standard deviations are half an interval; eight of them are four times that.
  expect(Math.abs((count?.estimate ?? 0) - (count?.truth ?? 0))).toBeLessThan(half * 4.1);
  const width = first.measures.find(({ name }) => name === "people");
  expect(width?.halfWidth).toBeCloseTo(half);
});

test("groups that nobody is in are named", async () => {
  const { groups } = await dryRunOf(
    manifestWith({
      map: `{ language: sql, source: "SELECT 'x' AS band, max(age) AS age FROM census" }`,
      result: "{ group: { band: [x, y] }, measures: { people: count } }",
    }),
  );
  expect(groups).toEqual([{ by: "band", cells: 2, never: 1, examples: ["y"] }]);
});

test.each([
  ["joins on", "FROM a JOIN b ON a.id = b.id", true],
  ["joins on by name", "FROM a JOIN b USING (id)", true],
  ["reads of both", "FROM a, b WHERE a.id > 3 AND b.id > 3", false],
])("a column of two tables that the map %s", async (_, from, isKey) => {
  const manifest = manifestWith({
    needs: "{ a: [id, age], b: [id] }",
    map: `{ language: sql, source: "SELECT max(a.age) AS band ${from}" }`,
  });
  const { columns } = await dryRunOf(manifest, 50);
  const values = columns.filter(({ column }) => column === "id").map((column) => column.source);
  const source = isKey ? "it says whose row it is" : "the map compares it";
  expect(values).toEqual([source, source]);
});

test("a map without code takes the one row there is", async () => {
  const manifest = manifestWith({
    map: "{ language: none }",
    result: "{ measures: { people: count, time: { mean: hours, min: 0, max: 80 } } }",
  });
  expect(await dryRunOf(manifest)).toMatchObject({ rowsPerPerson: "one", withRow: 400 });
});

const javascript = (source: string): string =>
  manifestWith({ map: `{ language: javascript, source: ${JSON.stringify(source)} }` });

test("a function is rehearsed as a query is, and one that never ends is told so", async () => {
  const oldest = "({ census }) => census.length > 0 ? { band: census[0].age } : null";
  const dryRun = await dryRunOf(javascript(oldest), 200);
  expect(dryRun).toMatchObject({ rowsPerPerson: "several", withRow: 200, failures: [] });
  expect(dryRun.map.fuelMax).toBeGreaterThan(0);
  expect(dryRun.map.fuelMax).toBeLessThan(dryRun.map.fuelAllowed);
  expect(await tryStudyMap(studyOf(javascript("() => { for (;;); }")))).toMatchObject({
    message: expect.stringContaining("ran too long") as unknown,
  });
});

test("rows come from a sample where there is one", async () => {
  const file = join(folder, "visits.csv");
  await writeFile(file, "who,days,ward,code\n1,5,children,A1\n1,9,children,A1\n2,7,others,B\n");
  const samples = [{ name: "visits", file, personColumn: "who" }];
  const { answer, columns } = await dryRunOf(WAITING_MANIFEST, 400, samples);
  expect(new Set(columns.map(({ source }) => source))).toEqual(new Set([file]));
  const mean = answer.measures.find(({ name }) => name === "mean");
  expect(mean?.truth).toBeGreaterThan(7);
  expect(mean?.truth).toBeLessThan(9);
  await expect(
    dryRunOf(WAITING_MANIFEST, 10, [{ ...samples[0], name: "other", file, personColumn: null }]),
  ).rejects.toThrow("The study needs no table other; it needs visits.");
});

test("the page says that everything was made up, and escapes what a manifest says", async () => {
  const dryRun = await dryRunOf(WAITING_MANIFEST);
  const [hostile] = dryRun.columns.map((column) => ({ ...column, values: "<script>" }));
  const page = renderDryRun(
    { ...dryRun, columns: [...dryRun.columns, ...(hostile === undefined ? [] : [hostile])] },
    "",
    "Made up today.",
  );
  expect(page).toContain("&lt;script&gt;");
  expect(page).toContain("a rehearsal");
  expect(page).toContain("<b>Synthetic.</b> 400 people were made up");
  expect(page).toContain("visits.days");
  expect(page).not.toContain("<script");
});

const query = (source: string): string =>
  manifestWith({ map: `{ language: sql, source: ${JSON.stringify(source)} }` });

test.each([
  ["no query", "SELEKT age AS band FROM census", /near "SELEKT": syntax error/, "SELEKT"],
  ["an unknown table", "SELECT age AS band FROM cencus", /no such table: cencus/, "cencus"],
  ["an unknown column", "SELECT agee AS band FROM census", /no such column: agee/, "agee"],
  ["a missing column of the result", "SELECT age FROM census", /yields no column band/, null],
  ["chance", "SELECT random() AS band FROM census", /chance \(random\)/, null],
  ["another type", "SELECT 'a' AS band FROM census", /column band: expected a number/, null],
])("a query that is at fault for %s is told so", async (_, source, message, word) => {
  expect(await tryStudyMap(studyOf(query(source)))).toMatchObject({
    message: expect.stringMatching(message) as unknown,
    ...(word !== null && { word }),
  });
});

test.each([
  ["ends in a semicolon", "SELECT max(age) AS band FROM census;"],
  ["ends in a comment", "SELECT max(age) AS band FROM census -- the oldest"],
  ["quotes its columns", 'SELECT max("age") AS "band" FROM [census]'],
])("a query that %s is sound", async (_, source) => {
  expect(await tryStudyMap(studyOf(query(source)))).toBe(null);
});

test("columns that say whose row it is may join, and a slip of the pen is none of them", async () => {
  expect(await tryStudyMap(studyOf(CHOLESTEROL_MANIFEST))).toBe(null);
  const using = CHOLESTEROL_MANIFEST.replace("ON l.SEQN = d.SEQN", "USING (SEQN)");
  expect(await tryStudyMap(studyOf(using))).toBe(null);
  const two = CHOLESTEROL_MANIFEST.replace("l.SEQN = d.SEQN", "l.patient = d.SEQN");
  expect(await tryStudyMap(studyOf(two))).toBe(null);
  const slip = CHOLESTEROL_MANIFEST.replace("l.LBXTC AS", "l.LBXTCC AS");
  expect(await tryStudyMap(studyOf(slip))).toMatchObject({ word: "LBXTCC" });
});
