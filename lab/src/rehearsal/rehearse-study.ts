/**
 * A study before anybody is asked: its map in the sandbox on the rows of people who do not exist,
 * clipped, encoded and added up, with the noise of both nodes. The maps, the encoding, the noise and
 * the estimates are those of a real run; shares, proofs and nodes are left out.
 */

import { cryptoRandomBytes } from "@sumus/crypto";
import { describeStudy, type StudyAnswer } from "@sumus/pages";
import { threadCpuMs } from "@sumus/runtime";
import { createSandbox, DEFAULT_LIMITS, type Sandbox } from "@sumus/sandbox";
import {
  checkStudy,
  createTally,
  estimateStudy,
  lowerStudy,
  type ReleaseMeasure,
  type Study,
  type StudyPlan,
  type Tally,
  withNodesNoise,
} from "@sumus/study";
import { type MapRunner, type MapTables, measure, rehearseFresh } from "@sumus/vault/testing";
import type { Progress } from "../progress.ts";
import { createSeededRandom } from "../town/seeded-random.ts";
import type { DryRun, GroupsHit, MapCost, MeasureWidth } from "./dry-run.ts";
import {
  createSyntheticPeople,
  type SampleFile,
  type SyntheticPeople,
} from "./synthetic-people.ts";
import { type MapFault, type PersonColumns, tryQuery } from "./try-query.ts";

export interface RehearsalOptions {
  /** How many people to make up. */
  readonly people: number;
  readonly samples: readonly SampleFile[];
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Either what came out, or why every vault would decline. */
export type StudyRehearsal =
  | { readonly ok: true; readonly dryRun: DryRun }
  | { readonly ok: false; readonly fault: MapFault };

/** Made-up people on whom it shows what rows a map can take. */
const PROBED = 40;
/** After so many failures and no row it shows that the map is at fault. */
const FAILURES_ENOUGH = 8;
/** People between two breaths, in which Ctrl-C is heard. */
const BREATH_PEOPLE = 100;
const EXAMPLES_MAX = 8;
const SEED = "people who do not exist";

/**
 * Rehearses a study.
 *
 * @throws {LabError} `badInput` when a sample cannot be used
 */
export async function rehearseStudy(
  study: Study,
  options: RehearsalOptions,
): Promise<StudyRehearsal> {
  const sandbox = await createSandbox({ languages: [study.map.language] });
  const stage = await setStage(study, options.samples, sandbox);
  if (!stage.ok) return stage;
  const { people, several } = stage;
  const rehearsed = new Round(lowerStudy(study), sandbox);
  const random = createSeededRandom(SEED).fork("rehearsal");
  const step = options.progress.begin("people made up", options.people, "people");
  try {
    for (let index = 0; index < options.people; index++) {
      if (index % BREATH_PEOPLE === 0) {
        await new Promise((resolve) => setImmediate(resolve));
        options.signal.throwIfAborted();
      }
      await rehearsed.add(people.person(index + 1, several, random));
      step.advance(1);
    }
  } finally {
    step.end();
  }
  return { ok: true, dryRun: rehearsed.end(people, several) };
}

/** What is wrong with a study's map, tried on no rows, on NULLs and on people who do not exist. */
export async function tryStudyMap(study: Study): Promise<MapFault | null> {
  const sandbox = await createSandbox({ languages: [study.map.language] });
  const stage = await setStage(study, [], sandbox);
  return stage.ok ? null : stage.fault;
}

type Stage =
  | { readonly ok: true; readonly people: SyntheticPeople; readonly several: boolean }
  | { readonly ok: false; readonly fault: MapFault };

async function setStage(
  study: Study,
  samples: readonly SampleFile[],
  sandbox: Sandbox,
): Promise<Stage> {
  const { map } = study;
  const given: PersonColumns = new Map(
    samples.flatMap(({ name, personColumn }) =>
      personColumn === null ? [] : [[name, [personColumn]] as const],
    ),
  );
  let personColumns = given;
  if (map.language === "sql") {
    const trial = tryQuery(study, map.source, given, sandbox);
    if (!trial.ok) return trial;
    personColumns = merged(trial.personColumns, given);
  }
  const people = await createSyntheticPeople(study, samples, personColumns);
  const plan = lowerStudy(study);
  const random = createSeededRandom(SEED).fork("probe");
  const rehearsal = await rehearseFresh({ study, plan }, people.person(0, false, random), sandbox);
  if (!rehearsal.ok) {
    const remedy =
      "A map must do without rows and with a row of nulls, and yield what the result declares.";
    return { ok: false, fault: { message: rehearsal.reason, remedy, word: null } };
  }
  const several = await probe(study, plan, people, true, sandbox);
  const probed = several.takesOneRow ? await probe(study, plan, people, false, sandbox) : several;
  if (probed.fault !== null) return { ok: false, fault: probed.fault };
  return { ok: true, people, several: !several.takesOneRow };
}

function merged(found: PersonColumns, given: PersonColumns): PersonColumns {
  const names = new Set([...found.keys(), ...given.keys()]);
  return new Map(
    [...names].map((name) => {
      return [name, [...new Set([...(found.get(name) ?? []), ...(given.get(name) ?? [])])]];
    }),
  );
}

/** How the map does on people with such rows: at fault when it fails, and yields a row for nobody. */
async function probe(
  study: Study,
  plan: StudyPlan,
  people: SyntheticPeople,
  several: boolean,
  sandbox: Sandbox,
): Promise<{ readonly takesOneRow: boolean; readonly fault: MapFault | null }> {
  const random = createSeededRandom(SEED).fork(`probe ${several}`);
  const problems: string[] = [];
  let rows = 0;
  for (let index = 0; index < PROBED; index++) {
    if (rows === 0 && problems.length === FAILURES_ENOUGH) break;
    const tables = people.person(index + 1, several, random);
    const { mapProblem, row } = await measure({ study, plan }, tables, sandbox);
    if (mapProblem !== null) problems.push(mapProblem);
    if (row !== null) rows++;
  }
  const message = `on rows made up for it: ${problems[0]}`;
  const remedy = "Compare what the map yields with the types that the result declares.";
  return {
    takesOneRow: several && problems.some((problem) => problem.includes("got several")),
    fault: problems.length === 0 || rows > 0 ? null : { message, remedy, word: null },
  };
}

/** Counts what becomes of each person. */
class Round {
  readonly #plan: StudyPlan;
  readonly #tally: Tally;
  readonly #runner: MapRunner;
  readonly #failures = new Map<string, number>();
  readonly #hits: Map<number, Set<number>>;
  readonly #fuel: number[] = [];
  readonly #ms: number[] = [];
  #withRow = 0;
  #people = 0;

  constructor(plan: StudyPlan, sandbox: Sandbox) {
    this.#plan = plan;
    this.#tally = createTally(plan);
    this.#hits = new Map(plan.tasks.map(({ index }) => [index, new Set()]));
    this.#runner = {
      run: (request) => {
        const began = threadCpuMs();
        const outcome = sandbox.run(request);
        this.#ms.push(threadCpuMs() - began);
        this.#fuel.push(outcome.ok ? outcome.fuelSteps : DEFAULT_LIMITS.fuelSteps);
        return outcome;
      },
    };
  }

  async add(tables: MapTables): Promise<void> {
    const measured = await measure(
      { study: this.#plan.study, plan: this.#plan },
      tables,
      this.#runner,
    );
    const { mapProblem, measurements, row } = measured;
    this.#people++;
    this.#tally.add(measurements);
    if (mapProblem !== null) {
      this.#failures.set(mapProblem, (this.#failures.get(mapProblem) ?? 0) + 1);
    }
    if (row === null) return;
    this.#withRow++;
    for (const { cells, index } of this.#plan.tasks) {
      for (const cell of cells.locate(row)) this.#hits.get(index)?.add(cell);
    }
  }

  end(people: SyntheticPeople, several: boolean): DryRun {
    const failures = Array.from(this.#failures, ([reason, count]) => ({ reason, people: count }));
    const failed = failures.reduce((sum, failure) => sum + failure.people, 0);
    const answer = this.#answer();
    return {
      synthetic: true,
      people: this.#people,
      columns: people.columns,
      rowsPerPerson: several ? "several" : "one",
      withRow: this.#withRow,
      withoutRow: this.#people - this.#withRow - failed,
      failures,
      eligible: checkStudy(this.#plan.study).eligible,
      groups: this.#groups(),
      map: this.#cost(),
      measures: widthsOf(answer),
      answer,
    };
  }

  #answer(): StudyAnswer {
    const plan = this.#plan;
    const { study } = plan;
    const sums = this.#tally.aggregates();
    const noised = withNodesNoise(plan, sums, cryptoRandomBytes);
    const truths = estimateStudy(plan, sums, { noised: false });
    const measures = estimateStudy(plan, noised, { noised: true }).map((released, index) => {
      const truth = truths[index]?.estimate ?? null;
      return { ...released, truth, truthAll: truth };
    });
    const isEnough = this.#people >= study.privacy.peopleMin;
    return {
      ...describeStudy(study),
      state: isEnough ? "answered" : "tooFewPeople",
      reason: isEnough ? null : `${this.#people} of ${study.privacy.peopleMin} people.`,
      accepted: this.#people,
      measures: isEnough ? measures : [],
      // Nobody learned anything: there were no reports.
      learned: null,
      simulated: `None of these ${this.#people.toLocaleString("en")} people exists: their rows were made up, and so is the answer.`,
    };
  }

  /** Groupings once each, though several tasks may have the same. */
  #groups(): GroupsHit[] {
    const { tasks } = this.#plan;
    const own = tasks.filter(
      (task, at) => tasks.findIndex(({ cells }) => cells === task.cells) === at,
    );
    return own.flatMap(({ cells, index }) => {
      const by = Object.keys(cells.labels(0) ?? {}).join(" and ");
      if (by === "") return [];
      const hit = this.#hits.get(index);
      const never = Array.from({ length: cells.count }, (_, cell) => cell).filter(
        (cell) => hit?.has(cell) !== true,
      );
      const examples = never
        .slice(0, EXAMPLES_MAX)
        .map((cell) => Object.values(cells.labels(cell) ?? {}).join(", "));
      return [{ by, cells: cells.count, never: never.length, examples }];
    });
  }

  #cost(): MapCost {
    const mean = (values: readonly number[]): number =>
      values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
    const largest = (values: readonly number[]): number =>
      values.reduce((most, value) => Math.max(most, value), 0);
    return {
      fuelAllowed: DEFAULT_LIMITS.fuelSteps,
      fuelMean: mean(this.#fuel),
      fuelMax: largest(this.#fuel),
      msMean: mean(this.#ms),
      msMax: largest(this.#ms),
    };
  }
}

function widthsOf({ measureKinds, measures }: StudyAnswer): MeasureWidth[] {
  return Object.entries(measureKinds).map(([name, kind]) => {
    const own = measures.filter((measure) => measure.name === name);
    const said = own.flatMap((measure) => halfOf(measure) ?? []);
    return {
      name,
      kind,
      numbers: own.length,
      suppressed: own.filter(({ suppressed }) => suppressed).length,
      halfWidth: median(said.map(({ half }) => half)),
      relative: median(
        said.flatMap(({ estimate, half }) => (estimate === 0 ? [] : half / Math.abs(estimate))),
      ),
    };
  });
}

function halfOf({
  estimate,
  high,
  low,
}: ReleaseMeasure): { readonly estimate: number; readonly half: number } | null {
  if (estimate === null || low === null || high === null) return null;
  return { estimate, half: (high - low) / 2 };
}

function median(values: readonly number[]): number | null {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? null;
}
