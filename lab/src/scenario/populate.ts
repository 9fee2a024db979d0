/** Makes the people of a scenario: from tables, by resampling, or simulated; all from the seed. */

import { defined, unreachable } from "@sumus/assert";
import type { ConsentRule } from "@sumus/consent";
import { createLocate } from "@sumus/pages";
import type { Table } from "@sumus/vault";
import { LabError } from "../lab-error.ts";
import type { Progress } from "../progress.ts";
import { loadPlaces } from "../report/assets.ts";
import { simulateFeedback } from "../simulated/feedback-tables.ts";
import { checkNeeds } from "../town/needs.ts";
import { withNeighborhoods } from "../town/places.ts";
import { createPopulation, type Person, type Population, peopleOf } from "../town/population.ts";
import type { SeededRandom } from "../town/seeded-random.ts";
import { readTable, type TownTable } from "../town/tables.ts";
import type {
  ConsentSetting,
  ImporterName,
  Question,
  Scenario,
  ScenarioPeople,
  ScenarioTable,
  SimulatorName,
} from "./scenario.ts";

/** A population that exists: its people, the shape of its tables, and what they are. */
export interface Populated {
  readonly population: Population;
  readonly tables: readonly TownTable[];
  /** One sentence when they are not real. */
  readonly simulated: string | null;
}

export interface PopulateOptions {
  /** At most so many in every population; null for as many as the scenario says. */
  readonly people: number | null;
  readonly random: SeededRandom;
  readonly progress: Progress;
}

interface Source {
  readonly everybody: readonly Person[];
  readonly tables: readonly TownTable[];
}

/** Makes everybody of whom something is asked; tables that nobody needs stay unread. */
export async function populate(
  { populations, questions }: Scenario,
  options: PopulateOptions,
): Promise<ReadonlyMap<string, Populated>> {
  const sources = new Map<string, Source>();
  const made = new Map<string, Populated>();
  for (const people of populations) {
    const names = drawnFrom(populations, people.name);
    const asked = questions.filter((question) => names.includes(question.people));
    if (asked.length === 0) continue;
    const source = await makeSource(people, sources, asked, options);
    sources.set(people.name, source);
    const isAsked = asked.some((question) => question.people === people.name);
    if (isAsked) made.set(people.name, settle(people, source, options));
  }
  for (const { people, study } of questions) {
    checkNeeds(study, defined(made.get(people), "a question's people are made").tables);
  }
  return made;
}

/** The names of a population and of all that are drawn from it: each names an earlier one. */
function drawnFrom(populations: readonly ScenarioPeople[], name: string): string[] {
  const later = populations.filter(
    ({ source }) => source.kind === "resampled" && source.of === name,
  );
  return [name, ...later.flatMap((people) => drawnFrom(populations, people.name))];
}

async function makeSource(
  people: ScenarioPeople,
  sources: ReadonlyMap<string, Source>,
  questions: readonly Question[],
  options: PopulateOptions,
): Promise<Source> {
  const { consent, count, name, source } = people;
  switch (source.kind) {
    case "resampled":
      return defined(sources.get(source.of), "a population is drawn from an earlier one");
    case "simulated": {
      const wanted = Math.min(count ?? 0, options.people ?? Infinity);
      const random = options.random.fork(`simulated ${name}`);
      return sourceOf(simulate(source.simulator, wanted, random), consent);
    }
    case "tables": {
      const needs = questions.flatMap(({ study }) => study.needs);
      const needed = new Set(needs.map(({ collection }) => collection));
      if (consent !== null) needed.add(consent.table);
      const files = source.tables.filter((table) => needed.has(table.name));
      return sourceOf(await readTables(name, files, options.progress), consent);
    }
    default:
      return unreachable(source);
  }
}

function sourceOf(tables: readonly TownTable[], consent: ConsentSetting | null): Source {
  return { everybody: withRules(peopleOf(tables), tables, consent), tables };
}

async function readTables(
  people: string,
  files: readonly ScenarioTable[],
  progress: Progress,
): Promise<TownTable[]> {
  const step = progress.begin(`${people}: tables read`, files.length, "tables");
  const tables: TownTable[] = [];
  for (const { importer, ...file } of files) {
    tables.push(await readTable(file, importer === null ? undefined : await load(importer)));
    step.advance(1);
  }
  step.end();
  return tables;
}

function simulate(simulator: SimulatorName, count: number, random: SeededRandom): TownTable[] {
  switch (simulator) {
    case "user-feedback":
      return simulateFeedback(count, random);
    default:
      return unreachable(simulator);
  }
}

async function load(importer: ImporterName): Promise<(table: Table) => Table> {
  switch (importer) {
    case "neighborhoods": {
      const locate = createLocate(await loadPlaces());
      return (table) => withNeighborhoods(table, locate);
    }
    default:
      return unreachable(importer);
  }
}

function settle(people: ScenarioPeople, source: Source, options: PopulateOptions): Populated {
  const { everybody, tables } = source;
  const wanted = people.count ?? everybody.length;
  const count = Math.min(wanted, options.people ?? wanted);
  const note = people.simulated
    ?.replaceAll("{people}", count.toLocaleString("en"))
    .replaceAll("{originals}", everybody.length.toLocaleString("en"));
  const random = options.random.fork(people.name);
  return {
    population: createPopulation(everybody, count, random),
    tables,
    simulated: note ?? null,
  };
}

/** Turns each person's own setting into the standing rule that it stands for. */
function withRules(
  people: readonly Person[],
  tables: readonly TownTable[],
  consent: ConsentSetting | null,
): readonly Person[] {
  if (consent === null) return people;
  const table = tables.find(({ name }) => name === consent.table);
  const column = table?.columns.findIndex(({ name }) => name === consent.column) ?? -1;
  if (column < 0) {
    throw new LabError(
      "badInput",
      `The setting ${consent.table}.${consent.column} is in no table.`,
      "Correct consent.setting in the scenario.",
    );
  }
  const rules = new Map(consent.levels.map(({ name }, index) => [name, ruleFor(consent, index)]));
  return people.map((person) => {
    const level = person.collections.get(consent.table)?.rows[0]?.[column];
    const rule = rules.get(String(level));
    return { ...person, rules: rule === undefined ? [] : [rule] };
  });
}

/** What somebody allows who chose a level. */
function ruleFor(consent: ConsentSetting, index: number): ConsentRule {
  const { column, epsilonMax, levels, peopleMin } = consent;
  const reads = levels.slice(0, index + 1).flatMap((level) => level.reads);
  return {
    name: `${column} ${levels[index]?.name}`,
    effect: "allow",
    epsilonMax,
    peopleMin,
    reads: Object.fromEntries(reads.map((collection) => [collection, "*"] as const)),
  };
}
