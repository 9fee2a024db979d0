/** What the lab can be asked to do with given tables: one study over everybody in them. */

import type { BudgetPolicy } from "@sumus/consent";
import { lowerStudy, type Study } from "@sumus/study";
import type { Progress } from "./progress.ts";
import { type LabResult, type LabStudyResult, totalCost } from "./result.ts";
import { checkBehaviour } from "./town/behaviour.ts";
import { describeMixedColumns } from "./town/mixed-columns.ts";
import { checkNeeds, checkProvable, checkSomebodyHolds } from "./town/needs.ts";
import { createPopulation, peopleOf } from "./town/population.ts";
import { runInTown } from "./town/run-in-town.ts";
import { createSeededRandom } from "./town/seeded-random.ts";
import { readTable, schemasOf, type TableFile, type TownTable } from "./town/tables.ts";
import { type TownOptions, withTown } from "./town/town.ts";

/** What every run takes: how the town is made and ended, and how many live in it. */
export interface RunOptions extends TownOptions {
  /** How many people live in the town; null for as many as the tables hold. */
  readonly people: number | null;
}

const DAY_SECONDS = 86_400;

/** Puts studies together; costs are averages over everything that was counted. */
export function summarise(
  people: number,
  studies: readonly LabStudyResult[],
  beganMs: number,
  seed: string,
): LabResult {
  const sum = (pick: (study: LabStudyResult) => number): number =>
    studies.reduce((total, study) => total + pick(study), 0);
  const accepted = sum((study) => study.accepted);
  const average = (pick: (study: LabStudyResult) => number): number =>
    sum((study) => pick(study) * study.accepted) / Math.max(1, accepted);
  return {
    people,
    invited: sum(({ invited }) => invited),
    consented: sum(({ consented }) => consented),
    accepted,
    rejected: sum(({ rejected }) => rejected),
    studies,
    seconds: (performance.now() - beganMs) / 1000,
    cpuMsPerPerson: average(({ cpuMsPerPerson }) => totalCost(cpuMsPerPerson)),
    bytesPerPerson: average(({ bytesPerPerson }) => bytesPerPerson),
    seed,
    endedAt: new Date().toISOString(),
  };
}

/** The owners of a town allot just what its studies cost together, once a month. */
export function budgetFor(studies: readonly Study[]): BudgetPolicy {
  const rho = studies.reduce((sum, study) => sum + lowerStudy(study).rho, 0);
  // Ledgers round charges up and limits down.
  const enough = rho * 1.001 + 1e-6 * studies.length;
  return {
    periodSeconds: 30 * DAY_SECONDS,
    totalRho: enough,
    collectionRho: {},
    otherRho: enough,
  };
}

/** Reads what the study needs, and says what people may not expect of their tables. */
export async function readTables(
  study: Study,
  files: readonly TableFile[],
  progress: Progress,
): Promise<TownTable[]> {
  const step = progress.begin("tables read", files.length, "tables");
  const tables: TownTable[] = [];
  for (const file of files) {
    tables.push(await readTable(file));
    step.advance(1);
  }
  step.end();
  checkNeeds(study, tables);
  for (const { collection, columns } of study.needs) {
    const table = tables.find(({ name }) => name === collection);
    const notes = table === undefined ? [] : describeMixedColumns(table, columns);
    for (const note of notes) progress.note(note);
  }
  return tables;
}

/**
 * Gives everybody in the tables a vault of their own and runs the study over them.
 *
 * @throws {LabError} `badInput` when a table or the manifest cannot be used, `failed` when a node
 *   does not do its part
 */
export async function runStudy(
  study: Study,
  files: readonly TableFile[],
  options: RunOptions,
): Promise<LabResult> {
  const beganMs = performance.now();
  checkBehaviour(options.shares);
  checkProvable(study);
  const tables = await readTables(study, files, options.progress);
  const everybody = peopleOf(tables);
  const random = createSeededRandom(options.seed).fork("population");
  const population = createPopulation(everybody, options.people ?? everybody.length, random);
  checkSomebodyHolds(study, population);
  const settlers = {
    name: "everybody",
    population,
    schemas: schemasOf(tables),
    budget: budgetFor([study]),
    // Nobody is asked again.
    keepsVaults: false,
  };
  return await withTown(options, [settlers], async (town) => {
    const result = await runInTown(town, { draft: study, settlement: settlers, simulated: null });
    return summarise(population.rowsOf.length, [result], beganMs, options.seed);
  });
}
