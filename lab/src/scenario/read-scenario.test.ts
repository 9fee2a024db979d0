import fc from "fast-check";
import { expect, test } from "vitest";
import { readScenario, type ScenarioReading } from "./read-scenario.ts";
import type { Scenario } from "./scenario.ts";

const MANIFEST = `title: Sleep by place
purpose: A test
needs: { nights: [place, hours] }
map: { language: none }
result:
  group: { place: [north, south] }
  measures:
    people: count
    sleep: { mean: hours, min: 0, max: 12 }
privacy: { epsilon: 1, delta: 1.0e-6, people_min: 50 }
`;

const SCENARIO = `title: How people sleep
lead: A few words.
people:
  sleepers:
    tables:
      nights: { file: ../nights.csv, person: who }
  many: { resampled: sleepers, people: 500, note: "{people} of {originals}." }
questions:
  sleep:
    of: many
    question: How long do people sleep?
    headline: { of: sleep, as: decimal, says: "In the {highest.who} {highest} h, {south} in the south." }
    draw:
      - { rows: sleep, title: "Hours", as: decimal, marks: dots, top: 5 }
      - { rows: people, title: "People" }
sources: [Nobody.]
`;

function read(scenario = SCENARIO, manifest = MANIFEST): ScenarioReading {
  const texts = new Map([
    ["scenario.yaml", scenario],
    ["sleep.yaml", manifest],
  ]);
  return readScenario({ name: "sleep", texts, others: () => undefined });
}

function whole(reading: ScenarioReading = read()): Scenario {
  if (!reading.ok) throw new Error(reading.problems.map(({ message }) => message).join("; "));
  return reading.scenario;
}

test("a folder's texts become people, questions and words", () => {
  const { populations, questions, sources } = whole();
  expect(populations.map(({ name, count, source }) => [name, count, source.kind])).toEqual([
    ["sleepers", null, "tables"],
    ["many", 500, "resampled"],
  ]);
  const [question] = questions;
  expect(question?.study.title).toBe("Sleep by place");
  expect(question?.story.views[0]).toMatchObject({ style: "decimal", bars: false, top: 5 });
  expect(sources).toEqual(["Nobody."]);
});

test.each([
  ["of: many", "of: nobody", /10:9 questions\.sleep\.of: .*nobody.*sleepers or many/],
  [
    "of: sleep, as",
    "of: sleap, as",
    /12:21 .*measure of the study, got "sleap"; it has people, sleep/,
  ],
  ["{highest.who}", "{higest.who}", /12:47 .*place of the answer, got \{higest\.who\}/],
  ["{south}", "{west}", /got \{west\}; it has highest, lowest, counted, places, north, south/],
  ["rows: people", "rowz: people", /15:9 .*expected a drawing/],
  ["marks: dots", "marks: blobs", /14:\d+ .*expected marks, got "blobs"; write bars or dots/],
  ["  sleep:\n", "  slept:\n", /9:3 .*manifest slept\.yaml beside it, got none/],
  ["  sleep:\n", "  limits:\n", /9:3 .*another name of a question, got "limits"/],
  ["resampled: sleepers", "resampled: others", /7:\d+ people\.many\.resampled: .*"others"/],
  [", note:", ", nota:", /7:\d+ .*did you mean note/],
  ['people: 500, note: "{people} of {originals}."', "people: 500", /people and a note/],
  ["person: who", "who: who", /6:\d+ .*expected a field of a table, got "who"/],
  ["lead: A few words.\n", "", /expected lead, got nothing/],
])("%s for %s is told with its place", (from, to, problem) => {
  expect(SCENARIO).toContain(from);
  const reading = read(SCENARIO.replace(from, to));
  expect(reading.ok).toBe(false);
  const told = reading.ok
    ? []
    : reading.problems.map(
        ({ line, column, path, message, remedy }) =>
          `${line}:${column} ${path}: ${message}; ${remedy}`,
      );
  expect(told.join("\n")).toMatch(problem);
});

test("problems of a manifest name its file", () => {
  const reading = read(SCENARIO, MANIFEST.replace("max: 12", "max: -1"));
  expect(reading).toMatchObject({ ok: false, problems: [{ file: "sleep.yaml", line: 9 }] });
});

test("a composed scenario takes questions with their people, or says which there are", () => {
  const composed = (keys: string): ScenarioReading =>
    readScenario({
      name: "all",
      texts: new Map([
        ["scenario.yaml", `title: T\nlead: L\nsources: [S]\ntakes:\n  sleep: ${keys}\n`],
      ]),
      others: (name) => (name === "sleep" ? whole() : undefined),
    });
  const { populations, questions } = whole(composed("[sleep]"));
  expect(populations.map(({ name }) => name)).toEqual(["sleep.sleepers", "sleep.many"]);
  expect(questions.map(({ people }) => people)).toEqual(["sleep.many"]);
  const [problem] = (composed("[nap]") as { problems: readonly { remedy: string }[] }).problems;
  expect(problem?.remedy).toBe("it has sleep");
});

test("whatever is written, reading ends with a scenario or with problems", () => {
  const lines = SCENARIO.split("\n");
  const line = fc.integer({ min: 0, max: lines.length - 1 });
  const text = fc.oneof(fc.constantFrom("", "- ", "a: [", "x: { y: ", "  of: 1"), fc.string());
  fc.assert(
    fc.property(line, line, text, (first, second, replacement) => {
      const mutated = lines.with(first, replacement).with(second, lines[first] ?? "");
      const reading = read(mutated.join("\n"));
      expect(reading.ok || reading.problems.length > 0).toBe(true);
    }),
    { numRuns: 300 },
  );
});
