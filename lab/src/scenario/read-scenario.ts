/** Reads a scenario from the texts of its folder: bounded, and every fault with its file and line. */

import { Cursor, clip, Findings, isWhole, type Problem, readLine, readYaml } from "@sumus/document";
import { parseStudy, type Study } from "@sumus/study";
import { readLines } from "./read-parts.ts";
import { readPeople } from "./read-people.ts";
import { readQuestion } from "./read-question.ts";
import type { Question, Scenario, ScenarioPeople, ScenarioWords } from "./scenario.ts";

/** The file that makes a folder a scenario; the other `.yaml` files in it are manifests. */
export const SCENARIO_FILE = "scenario.yaml";

const WORDS = ["title", "lead", "limits", "sources"];
const OWN = [...WORDS, "people", "questions"];
const COMPOSED = [...WORDS, "takes"];
const TITLE_CHARACTERS_MAX = 120;
const LINES = { items: 16, characters: 1000 };
const KEYS = { items: 64, characters: 64 };

/** A question's key is its section on the page, and its files: these sections are there already. */
const KEY = /^[a-z][a-z0-9-]*$/;
const TAKEN_KEYS: readonly string[] = ["lies", "words", "limits", "files"];

/** A problem and the file of the folder that has it. */
interface ScenarioProblem extends Problem {
  readonly file: string;
}

export type ScenarioReading =
  | { readonly ok: true; readonly scenario: Scenario }
  | { readonly ok: false; readonly problems: readonly ScenarioProblem[] };

/** The texts of a folder by file name, and how to find the scenarios it takes questions from. */
export interface ScenarioSource {
  readonly name: string;
  readonly texts: ReadonlyMap<string, string>;
  /** Undefined when there is none of this name. */
  readonly others: (name: string) => Scenario | undefined;
}

/** Reads the folder; never throws, and finds all problems at once. */
export function readScenario(source: ScenarioSource): ScenarioReading {
  const problems: ScenarioProblem[] = [];
  const yaml = readYaml(source.texts.get(SCENARIO_FILE) ?? "");
  if (!yaml.ok) {
    return { ok: false, problems: yaml.problems.map((each) => ({ ...each, file: SCENARIO_FILE })) };
  }
  const findings = new Findings();
  const reader = new Reader(source, problems);
  const scenario = reader.read(new Cursor(yaml.root, "", findings));
  problems.push(...findings.problems.map((each) => ({ ...each, file: SCENARIO_FILE })));
  if (scenario === undefined || problems.length > 0) return { ok: false, problems };
  return { ok: true, scenario };
}

type Asked = Pick<Scenario, "populations" | "questions">;

class Reader {
  readonly #source: ScenarioSource;
  readonly #problems: ScenarioProblem[];

  constructor(source: ScenarioSource, problems: ScenarioProblem[]) {
    this.#source = source;
    this.#problems = problems;
  }

  read(cursor: Cursor): Scenario | undefined {
    const entries = cursor.entries("a scenario");
    if (entries === undefined) return undefined;
    const takes = entries.get("takes");
    const fields = cursor.fields(takes === undefined ? OWN : COMPOSED, "a scenario");
    if (fields === undefined) return undefined;
    const words = readScenarioWords(cursor, fields);
    const asked = takes === undefined ? this.#ownQuestions(cursor, fields) : this.#taken(takes);
    if (words === undefined || asked === undefined) return undefined;
    return { name: this.#source.name, ...words, ...asked };
  }

  #ownQuestions(cursor: Cursor, fields: ReadonlyMap<string, Cursor>): Asked | undefined {
    const people = cursor.required(fields, "people", "say who lives in the town");
    const asked = cursor.required(fields, "questions", "name manifests of this folder");
    const populations = people && readPeople(people);
    const entries = asked?.entries("questions");
    if (populations === undefined || entries === undefined) return undefined;
    const titles = new Set<string>();
    const questions = [...entries].map(([key, field]) => {
      const study = this.#study(key, field);
      if (study === undefined) return undefined;
      if (titles.has(study.title)) {
        return field.keyProblem(
          `expected each title once, got "${study.title}" again`,
          "rename it",
        );
      }
      titles.add(study.title);
      return readQuestion(
        field,
        key,
        study,
        populations.map(({ name }) => name),
      );
    });
    const whole = questions.filter((question) => question !== undefined);
    return whole.length === questions.length ? { populations, questions: whole } : undefined;
  }

  #study(key: string, field: Cursor): Study | undefined {
    if (!KEY.test(key) || TAKEN_KEYS.includes(key)) {
      const message = `expected another name of a question, got "${clip(key)}"`;
      const remedy = `use small letters, digits and -, and none of ${TAKEN_KEYS.join(", ")}`;
      return field.keyProblem(message, remedy);
    }
    const file = `${key}.yaml`;
    const text = this.#source.texts.get(file);
    if (text === undefined) {
      return field.keyProblem(`expected a manifest ${clip(file)} beside it, got none`, "write it");
    }
    const reading = parseStudy(text);
    if (reading.ok) return reading.study;
    this.#problems.push(...reading.problems.map((each) => ({ ...each, file })));
    return undefined;
  }

  /** Questions of other scenarios, with the people they are asked of. */
  #taken(takes: Cursor): Asked | undefined {
    const populations = new Map<string, ScenarioPeople>();
    const questions: Question[] = [];
    for (const [name, field] of takes.entries("takes") ?? []) {
      const other = this.#source.others(name);
      if (other === undefined) {
        return field.keyProblem(`expected a scenario, got "${clip(name)}"`, "name one beside this");
      }
      for (const population of other.populations) {
        const renamed = renamePopulation(population, name);
        populations.set(renamed.name, renamed);
      }
      for (const key of readLines(field, "question", KEYS) ?? []) {
        const question = other.questions.find(({ story }) => story.key === key);
        if (question === undefined) {
          const known = other.questions.map(({ story }) => story.key).join(", ");
          return field.problem(`expected a question of ${name}, got "${key}"`, `it has ${known}`);
        }
        questions.push({ ...question, people: `${name}.${question.people}` });
      }
    }
    return { populations: [...populations.values()], questions };
  }
}

/** Populations of several scenarios side by side go by `scenario.population`. */
function renamePopulation(population: ScenarioPeople, scenario: string): ScenarioPeople {
  const { name, source } = population;
  return {
    ...population,
    name: `${scenario}.${name}`,
    source: source.kind === "resampled" ? { ...source, of: `${scenario}.${source.of}` } : source,
  };
}

function readScenarioWords(
  cursor: Cursor,
  fields: ReadonlyMap<string, Cursor>,
): ScenarioWords | undefined {
  const title = cursor.required(fields, "title", "say in a line what it is about");
  const lead = cursor.required(fields, "lead", "say in a few sentences what a reader finds");
  const sources = cursor.required(fields, "sources", "say whose data it is, and its licence");
  const limits = fields.get("limits");
  const read = {
    title: title && readLine(title, "a title", TITLE_CHARACTERS_MAX),
    lead: lead && readLine(lead, "a lead", LINES.characters),
    limits: limits === undefined ? [] : readLines(limits, "limit", LINES),
    sources: sources && readLines(sources, "source", LINES),
  };
  return isWhole(read) ? read : undefined;
}
