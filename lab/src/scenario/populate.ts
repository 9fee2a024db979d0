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
  const asked = new Set(questions.map(({ people }) => people));
  const sources = new Map<string, Source>();
  const made = new Map<string, Populated>();
  for (const population of populations) {
    const { name } = population;
    const isUsed = asked.has(name) || populations.some((other) => isOf(other, name, asked));
    if (!isUsed) continue;
    const own = questions.filter(({ people }) =>
      [name, ...originsFrom(populations, name)].includes(people),
    );
    const source = await makeSource(population, sources, own, options);
    sources.set(name, source);
    if (asked.has(name)) made.set(name, settle(population, source, options));
  }
  for (const { people, study } of questions) {
    checkNeeds(study, defined(made.get(people), "a question's people are made").tables);
  }
  return made;
}

/** Whether a population that is asked is drawn from the named one. */
function isOf(population: ScenarioPeople, name: string, asked: ReadonlySet<string>): boolean {
  const { source } = population;
  return source.kind === "resampled" && source.of === name && asked.has(population.name);
}

/** The populations drawn from the named one. */
function originsFrom(populations: readonly ScenarioPeople[], name: string): string[] {
  return populations.flatMap((each) =>
    each.source.kind === "resampled" && each.source.of === name ? [each.name] : [],
  );
}

async function makeSource(
  population: ScenarioPeople,
  sources: ReadonlyMap<string, Source>,
  questions: readonly Question[],
  { people, progress, random }: PopulateOptions,
): Promise<Source> {
  const { consent, count, source } = population;
  switch (source.kind) {
    case "resampled":
      return defined(sources.get(source.of), "a population is drawn from an earlier one");
    case "simulated": {
      const wanted = Math.min(count ?? 0, people ?? Infinity);
      const fork = random.fork(`simulated ${population.name}`);
      const tables = simulate(source.simulator, wanted, fork);
      return { everybody: withRules(peopleOf(tables), tables, consent), tables };
    }
    case "tables": {
      const needed = new Set(questions.flatMap(({ study }) => study.needs.map(collectionOf)));
      if (consent !== null) needed.add(consent.table);
      const files = source.tables.filter(({ name }) => needed.has(name));
      const step = progress.begin(`${population.name}: tables read`, files.length, "tables");
      const tables: TownTable[] = [];
      for (const { importer, ...file } of files) {
        tables.push(await readTable(file, importer === null ? undefined : await load(importer)));
        step.advance(1);
      }
      step.end();
      return { everybody: withRules(peopleOf(tables), tables, consent), tables };
    }
    default:
      return unreachable(source);
  }
}

function collectionOf({ collection }: { readonly collection: string }): string {
  return collection;
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

function ruleFor({ column, levels }: ConsentSetting, index: number): ConsentRule {
  const reads = levels.slice(0, index + 1).flatMap((level) => level.reads);
  return {
    name: `${column} ${levels[index]?.name}`,
    effect: "allow",
    reads: Object.fromEntries(reads.map((collection) => [collection, "*"] as const)),
  };
}
