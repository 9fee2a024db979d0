/** The main job: five questions over the lab's own data. */

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { BudgetPolicy } from "@sumus/consent";
import { createLocate } from "@sumus/pages";
import { parseStudy, type Study } from "@sumus/study";
import { LabError } from "./lab-error.ts";
import { loadPlaces } from "./report/assets.ts";
import type { LabResult, LabStudyResult } from "./result.ts";
import { type RunOptions, summarise } from "./run.ts";
import { checkBehaviour } from "./town/behaviour.ts";
import { withNeighborhoods } from "./town/places.ts";
import { createPopulation, type Person, type Population, peopleOf } from "./town/population.ts";
import { runInTown } from "./town/run-in-town.ts";
import { createSeededRandom } from "./town/seeded-random.ts";
import { readTable, schemasOf, type TownTable } from "./town/tables.ts";
import { withTown } from "./town/town.ts";

const SURVEY_TABLES = ["demographics", "lab_total_cholesterol", "q_diabetes", "q_depression"];
/** People of the finer map: as many as noise at epsilon 1 asks for. */
const SIMULATED_PEOPLE = 10_000;

/** What every owner in the main job allots: the questions asked here, and little more. */
const BUDGET: BudgetPolicy = {
  periodSeconds: 30 * 86_400,
  totalRho: 0.2,
  collectionRho: {},
  otherRho: 0.2,
};

type PopulationName = "survey" | "cabs" | "simulatedCabs";

/** The studies in the order of the report, and whom each is asked of. */
const STUDIES: readonly (readonly [manifest: string, population: PopulationName])[] = [
  ["cholesterol", "survey"],
  ["diabetes", "survey"],
  ["depression", "survey"],
  ["neighborhoods", "cabs"],
  ["heat-map", "simulatedCabs"],
];

interface Populations {
  readonly schemas: ReturnType<typeof schemasOf>;
  readonly populations: Readonly<Record<PopulationName, Population>>;
  /** Cabs that there really are. */
  readonly cabCount: number;
}

function dataFile(path: string): string {
  return fileURLToPath(new URL(`../data/${path}`, import.meta.url));
}

async function readManifest(name: string): Promise<Study> {
  const url = new URL(`../studies/${name}.yaml`, import.meta.url);
  const reading = parseStudy(await readFile(url, "utf8"));
  if (reading.ok) return reading.study;
  const [problem] = reading.problems;
  throw new LabError("failed", `${name}.yaml: ${problem?.message}`, problem?.remedy ?? "");
}

async function loadPopulations(options: RunOptions): Promise<Populations> {
  const locate = createLocate(await loadPlaces());
  const step = options.progress.begin("tables read", SURVEY_TABLES.length + 1);
  const survey: TownTable[] = [];
  for (const name of SURVEY_TABLES) {
    const file = dataFile(`persons/${name}.csv.gz`);
    survey.push(await readTable({ name, file, personColumn: "SEQN" }));
    step.advance(1);
  }
  const points = await readTable(
    { name: "points", file: dataFile("cabs/points_2008-05-21.csv.gz"), personColumn: "user" },
    (table) => withNeighborhoods(table, locate),
  );
  step.advance(1);
  step.end();
  const random = createSeededRandom(options.seed);
  const atMost = (count: number): number => Math.min(count, options.people ?? count);
  const resized = (purpose: string, people: readonly Person[], count: number): Population =>
    createPopulation(people, atMost(count), random.fork(purpose));
  const [persons, cabs] = [peopleOf(survey), peopleOf([points])];
  return {
    schemas: schemasOf([...survey, points]),
    populations: {
      survey: resized("survey", persons, persons.length),
      cabs: resized("cabs", cabs, cabs.length),
      simulatedCabs: resized("simulated cabs", cabs, SIMULATED_PEOPLE),
    },
    cabCount: cabs.length,
  };
}

function simulatedNote(
  name: PopulationName,
  { populations, cabCount }: Populations,
): string | null {
  if (name !== "simulatedCabs") return null;
  const count = populations.simulatedCabs.rowsOf.length.toLocaleString("en");
  return `${count} people, each with the day of one cab drawn by lot from the same ${cabCount}.`;
}

/**
 * Runs the five studies, one after the other, in one town.
 *
 * @throws {LabError} `failed` when a node does not do its part
 */
export async function runMainJob(options: RunOptions): Promise<LabResult> {
  const beganMs = performance.now();
  checkBehaviour(options.shares);
  const loaded = await loadPopulations(options);
  const { populations, schemas } = loaded;
  const settlers = Object.entries(populations).map(([name, population]) => {
    // Who is asked several times pays from one budget.
    return { name, population, schemas, budget: BUDGET, keepsVaults: name === "survey" };
  });
  return await withTown(options, settlers, async (town) => {
    const results: LabStudyResult[] = [];
    for (const [manifest, name] of STUDIES) {
      results.push(
        await runInTown(town, {
          draft: await readManifest(manifest),
          settlement: { name, population: populations[name] },
          simulated: simulatedNote(name, loaded),
        }),
      );
    }
    const vaults = Object.values(populations).reduce((sum, { rowsOf }) => sum + rowsOf.length, 0);
    return summarise(vaults, results, beganMs, options.seed);
  });
}
