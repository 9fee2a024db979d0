/**
 * The scenarios that come with the lab: all of them can be read, their manifests have no problem and
 * ask for nothing that noise would drown, and every question is answered end to end by a small town.
 */

import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defined } from "@sumus/assert";
import { createSandbox } from "@sumus/sandbox";
import { checkStudy, createTally, estimateStudy, lowerStudy, parseStudy } from "@sumus/study";
import { selectTables } from "@sumus/vault/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { SILENT_PROGRESS } from "../progress.ts";
import { writeReport } from "../report/write-report.ts";
import { personAt } from "../town/population.ts";
import { createSeededRandom } from "../town/seeded-random.ts";
import { populate } from "./populate.ts";
import { runScenario } from "./run-scenario.ts";
import type { Scenario } from "./scenario.ts";
import { loadScenario, MAIN_SCENARIO, scenarioNames } from "./scenario-folder.ts";

/** So few that a run takes seconds; the answers are noise, and that they come is what is tested. */
const PEOPLE = 60;

const SCENARIOS = (await scenarioNames()).filter((name) => name !== MAIN_SCENARIO);
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sumus-scenarios-test-"));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

test("there is a scenario of each kind, and the main job takes from them", async () => {
  expect(SCENARIOS).toEqual(["finances", "health", "mobility", "telemetry"]);
  const { questions } = await loadScenario(MAIN_SCENARIO);
  expect(questions.map(({ story }) => story.key)).toEqual([
    "cholesterol",
    "diabetes",
    "depression",
    "neighborhoods",
    "heat-map",
  ]);
});

test.each(SCENARIOS)("the manifests of %s have no problem", async (name) => {
  const url = new URL(`../../scenarios/${name}/`, import.meta.url);
  const manifests = (await readdir(url)).filter(
    (file) => file.endsWith(".yaml") && file !== "scenario.yaml",
  );
  const { questions } = await loadScenario(name);
  expect(manifests).toHaveLength(questions.length);
  for (const file of manifests) {
    const reading = parseStudy(await readFile(new URL(file, url), "utf8"));
    expect(reading, file).toMatchObject({ ok: true });
    // Only what every draft leaves open: not that noise would be larger than the answer.
    for (const { message } of reading.warnings) {
      expect(message, file).toMatch(/^no commissioner is named$|^left open: /);
    }
  }
});

test.each(SCENARIOS)("the answers of %s are worth reading", async (name) => {
  const { populations, questions } = await loadScenario(name);
  for (const { people, study } of questions) {
    const count = populations.find((population) => population.name === people)?.count ?? 5000;
    // Of simulated people with the highest level of telemetry there are a tenth.
    const taking = name === "telemetry" ? count / 10 : count;
    for (const { numbers, relativeError, kind, name: measure } of checkStudy(study, {
      people: taking,
    }).measures) {
      // People in cells are known against everybody; levels against their range.
      const isCount = ["count", "histogram", "prefixes"].includes(kind);
      const error = isCount ? relativeError / Math.max(1, numbers) : relativeError;
      expect(error, `${study.title}: ${measure}`).toBeLessThan(0.15);
    }
  }
});

/** All scenarios as one: a town's nodes take longer to start than its few people to answer. */
async function everything(): Promise<Scenario> {
  const all = await Promise.all(SCENARIOS.map((name) => loadScenario(name)));
  return {
    ...(await loadScenario(MAIN_SCENARIO)),
    populations: all.flatMap(({ populations }) => populations),
    questions: all.flatMap(({ questions }) => questions),
  };
}

test("every map yields what its manifest declares, of real rows", async () => {
  const scenario = await everything();
  const random = createSeededRandom("maps");
  const made = await populate(scenario, { people: 20, random, progress: SILENT_PROGRESS });
  const sandbox = await createSandbox();
  for (const { people, study } of scenario.questions) {
    const population = defined(made.get(people)?.population, "a question's people");
    const plan = lowerStudy(study);
    const tally = createTally(plan);
    for (const [place] of population.rowsOf.entries()) {
      const held = [...personAt(population, place).collections.values()];
      const selection = selectTables(study.needs, held);
      if (!selection.ok || study.map.language === "none") continue;
      const { language, source } = study.map;
      const outcome = sandbox.run({ language, source, tables: selection.tables });
      expect(outcome, study.title).toMatchObject({ ok: true });
      if (outcome.ok && outcome.row !== null) tally.add(plan.encode(outcome.row));
    }
    const truth = estimateStudy(plan, tally.aggregates(), { noised: false });
    const names = truth.flatMap(({ name, estimate }) => ((estimate ?? 0) === 0 ? [] : [name]));
    // Every measure has somebody to tell of.
    expect([...new Set(names)].sort(), study.title).toEqual(
      study.result.flatMap(({ measures }) => measures.map(({ name }) => name)).sort(),
    );
  }
});

/** One of each scenario; so few people that two are enough. */
const ANSWERED = ["credit", "body", "hexagons", "tools"];

test("a town answers, the page says who is simulated, and who allows nothing is not counted", async () => {
  const whole = await everything();
  const questions = whole.questions
    .filter(({ story }) => ANSWERED.includes(story.key))
    .map((question) => {
      const { study } = question;
      return { ...question, study: { ...study, privacy: { ...study.privacy, peopleMin: 2 } } };
    });
  const populations = whole.populations.map(({ consent, ...people }) => ({
    ...people,
    consent: consent && { ...consent, peopleMin: 2 },
  }));
  const scenario = { ...whole, populations, questions };
  const result = await runScenario(scenario, {
    shares: { deny: 0.05, drop: 0.05, lie: 0.05 },
    people: PEOPLE,
    seed: "scenarios",
    progress: SILENT_PROGRESS,
    signal: new AbortController().signal,
  });
  expect(result.studies).toHaveLength(ANSWERED.length);
  for (const study of result.studies) {
    expect(study, study.title).toMatchObject({ state: "answered", failures: [], silent: null });
  }
  const simulated = result.studies.filter((study) => study.simulated !== null);
  expect(simulated).toHaveLength(2);
  const tools = result.studies.find(({ title }) => title === "Which tools people draw with");
  expect(tools?.isRuled).toBe(true);
  // Six of sixty choose the highest level; the seed is fixed.
  expect(tools?.consented).toBeGreaterThan(0);
  expect(tools?.consented).toBeLessThan(PEOPLE / 2);
  const page = await readFile(await writeReport(folder, result, scenario), "utf8");
  for (const { story } of scenario.questions) expect(page).toContain(story.question);
  expect(page).toContain(`<b>Simulated.</b> ${PEOPLE} users of a drawing program`);
  expect((await readdir(folder)).filter((file) => /\.(?:geojson|kml)$/.test(file))).toHaveLength(2);
});
