/**
 * What a study costs, for benches: everybody holds what it needs and takes part, and the nodes have
 * run it before, so that a short run does not measure a compiler.
 */

import { defined } from "@sumus/assert";
import type { Study } from "@sumus/study";
import type { Progress } from "./progress.ts";
import type { LabStudyResult } from "./result.ts";
import { budgetFor, readTables } from "./run.ts";
import type { TownStore } from "./town/node-stores.ts";
import { createPopulation, holdsAll, peopleOf } from "./town/population.ts";
import type { Settlers } from "./town/quarter.ts";
import { runInTown } from "./town/run-in-town.ts";
import { createSeededRandom } from "./town/seeded-random.ts";
import { schemasOf, type TableFile } from "./town/tables.ts";
import { withTown } from "./town/town.ts";

export interface CostOptions {
  readonly study: Study;
  readonly files: readonly TableFile[];
  /** Whole people resampled from those in the tables. */
  readonly people: number;
  /** Of whom the same is asked before. */
  readonly warmUpPeople: number;
  readonly store: TownStore;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** @throws {LabError} */
export async function measureCosts(options: CostOptions): Promise<LabStudyResult> {
  const { study, files, people, warmUpPeople, progress } = options;
  const tables = await readTables(study, files, progress);
  const needed = study.needs.map(({ collection }) => collection);
  const holders = peopleOf(tables).filter((person) => holdsAll(person, needed));
  const settle = (name: string, count: number): Settlers => ({
    name,
    population: createPopulation(holders, count, createSeededRandom("costs").fork(name)),
    schemas: schemasOf(tables),
    budget: budgetFor([study]),
    keepsVaults: false,
  });
  const runs = [
    { settlement: settle("warm-up", warmUpPeople), title: `Warm-up: ${study.title}` },
    { settlement: settle("measured", people), title: study.title },
  ];
  const settlers = runs.map(({ settlement }) => settlement);
  const town = { ...options, shares: { deny: 0, drop: 0, lie: 0 }, seed: "costs" };
  return await withTown(town, settlers, async (standing) => {
    const results: LabStudyResult[] = [];
    for (const { settlement, title } of runs) {
      const job = { draft: { ...study, title }, settlement, simulated: null };
      results.push(await runInTown(standing, job));
    }
    return defined(results.at(-1), "the run that counts");
  });
}
