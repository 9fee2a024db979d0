/**
 * What a study answers about real people when there is no noise: their tables, through import, map,
 * clipping, encoding, the sum of all measurements, and the release.
 */

import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { assert, defined } from "@sumus/assert";
import { createSandbox } from "@sumus/sandbox";
import {
  createTally,
  estimateStudy,
  formatProblem,
  lowerStudy,
  parseStudy,
  type ReleaseMeasure,
} from "@sumus/study";
import { type Collection, importCsv, splitByPerson } from "@sumus/vault";
import { measure, selectTables } from "@sumus/vault/testing";

/** A gzipped CSV file of one collection, and the column that says whose row it is. */
export interface Source {
  readonly name: string;
  readonly file: URL;
  readonly personColumn: string;
}

export async function readText(file: URL): Promise<string> {
  const bytes = await readFile(file);
  return (file.pathname.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8");
}

/** Everybody's collections. */
export async function readPeople(sources: readonly Source[]): Promise<readonly Collection[][]> {
  const people = new Map<string, Collection[]>();
  for (const { name, file, personColumn } of sources) {
    const imported = importCsv(await readText(file), { personColumn });
    assert(imported.ok && imported.problemCount === 0, "the data of tests are whole tables");
    for (const [person, collection] of splitByPerson(name, imported.table, personColumn)) {
      const known = people.get(person);
      if (known === undefined) people.set(person, [collection]);
      else known.push(collection);
    }
  }
  return [...people.values()];
}

/** The released numbers of everybody, by the measure's name, then by group and bin. */
export async function answerOf(
  manifest: string,
  people: readonly (readonly Collection[])[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, number | null>>> {
  const reading = parseStudy(manifest);
  if (!reading.ok) throw new Error(reading.problems.map(formatProblem).join("\n"));
  const { study } = reading;
  const plan = lowerStudy(study);
  const tally = createTally(plan);
  const sandbox = await createSandbox();
  for (const collections of people) {
    const selection = selectTables(study.needs, collections);
    assert(selection.ok, "everybody has the needed tables");
    const { mapProblem, measurements } = await measure({ study, plan }, selection.tables, sandbox);
    if (mapProblem !== null) throw new Error(mapProblem);
    tally.add(measurements);
  }
  return byName(estimateStudy(plan, tally.aggregates(), { noised: false }));
}

function byName(
  measures: readonly ReleaseMeasure[],
): ReadonlyMap<string, ReadonlyMap<string, number | null>> {
  const names = new Map<string, Map<string, number | null>>();
  for (const { name, group, bin, estimate } of measures) {
    const key = [...Object.values(group ?? {}), ...(bin === null ? [] : [bin])].join("|");
    const known = names.get(name) ?? new Map<string, number | null>();
    names.set(name, known.set(key, estimate));
  }
  return names;
}

/** The one number of a measure without groups. */
export function single(
  answer: ReadonlyMap<string, ReadonlyMap<string, number | null>>,
  name: string,
): number | null {
  return defined(answer.get(name)?.get(""), "a measure without groups");
}
