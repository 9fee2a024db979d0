import { defined, unreachable } from "@sumus/assert";
import { encodeHex } from "@sumus/bytes";
import { createTaskVdaf } from "@sumus/dap";
import { NOISE_NODES, standardDeviation } from "@sumus/dp";
import { describeEligible } from "../eligibility.ts";
import { aggregateVdaf } from "../lower/aggregate-vdaf.ts";
import { lowerStudy } from "../lower/lower-study.ts";
import { numbersOf } from "../lower/numbers-of.ts";
import { reportBytes } from "../lower/report-bytes.ts";
import type { MeasurePlan, StudyPlan, TaskPlan } from "../lower/study-plan.ts";
import { algorithmId } from "../manifest.ts";
import { describeCode } from "../map-language.ts";
import { costOfSeries } from "../recurrence.ts";
import type { Study } from "../study.ts";
import { type Disclosure, disclosures } from "../tell/disclosure.ts";
import { expectedError, largestOf } from "./expected-error.ts";
import { expectedSampling } from "./expected-sampling.ts";

/** Milliseconds of one core that a node spends on a report besides proofs: opening, storing. */
const REPORT_MS = 0.4;

/** Milliseconds of one core to verify a byte of the leader's input share; a rough measurement. */
const VERIFY_MS_PER_BYTE = 0.000_01;

/** The same for each number of Poplar1, and for its second round. */
const POPLAR1_MS_PER_NUMBER = 0.000_6;
const POPLAR1_ROUND_MS = 0.2;

/** What a study will cost and tell, from its types alone: no data is looked at. */
export interface StudyReport {
  readonly title: string;
  /** Lower-case hex. */
  readonly algorithmId: string;
  /** Who may take part, in words; null: everybody who holds what is read. */
  readonly eligible: string | null;
  /** What runs in a vault, such as `a query in SQL`. */
  readonly code: string;
  /** The number of people reckoned with. */
  readonly people: number;
  readonly peopleMin: number;
  readonly epsilon: number;
  readonly delta: number;
  /** What a vault's budget is charged. */
  readonly rho: number;
  /** What a question that is asked again costs in all; null when it is asked once. */
  readonly series: {
    readonly every: string;
    readonly times: number;
    readonly rho: number;
    readonly epsilon: number;
  } | null;
  /** Groups of people, of all groupings together. */
  readonly cells: number;
  /** Bytes that one person uploads, for all tasks. */
  readonly uploadBytes: number;
  readonly tasks: readonly TaskReport[];
  readonly measures: readonly MeasureReport[];
  readonly node: NodeCost;
  readonly disclosures: readonly Disclosure[];
}

export interface TaskReport {
  readonly index: number;
  readonly purpose: string;
  /** Such as `Prio3Histogram(length 7)`. */
  readonly encoding: string;
  /** Why this encoding: the sound one that needs the least noise. */
  readonly reason: string;
  /** Its share of the budget, from 0 to 1. */
  readonly share: number;
  readonly reportBytes: number;
  /** How far replacing one person moves the aggregate, as its L1 and L2 norms. */
  readonly sensitivityL1: number;
  readonly sensitivityL2: number;
  /** Standard deviation of the noise in each number: of one node, and of both together. */
  readonly sigmaNode: number;
  readonly sigmaTotal: number;
}

export interface MeasureReport {
  readonly name: string;
  readonly kind: string;
  /** What its task gets of the budget, from 0 to 1; measures may have one task in common. */
  readonly share: number;
  /** Numbers that the release says for this measure. */
  readonly numbers: number;
  /** People in each group, if they spread evenly. */
  readonly peoplePerCell: number;
  /** Half the 95 % interval that noise is expected to make of each number, in its unit. */
  readonly error: number;
  /** The same by sampling, about the population that people stand for; null for counts and sums. */
  readonly samplingError: number | null;
  /** The error by noise against the largest value that the number could have. */
  readonly relativeError: number;
}

/** An estimate for one node, for all people and tasks. */
export interface NodeCost {
  readonly reports: number;
  readonly receivedBytes: number;
  readonly cpuSeconds: number;
}

/**
 * Reckons with `people` taking part; with the least number that the study accepts when not given.
 */
export function checkStudy(study: Study, options: { readonly people?: number } = {}): StudyReport {
  const plan = lowerStudy(study);
  const { epsilon, delta, peopleMin } = study.privacy;
  const people = options.people ?? peopleMin;
  const tasks = plan.tasks.map(reportTask);
  const uploadBytes = tasks.reduce((sum, { reportBytes }) => sum + reportBytes, 0);
  return {
    title: study.title,
    algorithmId: encodeHex(algorithmId(study)),
    eligible: describeEligible(study),
    code: describeCode(study.map),
    people,
    peopleMin,
    epsilon,
    delta,
    rho: plan.rho,
    series: seriesOf(study, plan.rho),
    cells: [...new Set(plan.tasks.map((task) => task.cells))].reduce(
      (sum, { count }) => sum + count,
      0,
    ),
    uploadBytes,
    tasks,
    measures: plan.measures.map((measure) => reportMeasure(plan, measure, people)),
    node: {
      reports: people * tasks.length,
      receivedBytes: people * uploadBytes,
      cpuSeconds: (people * plan.tasks.reduce((sum, task) => sum + reportMs(task), 0)) / 1000,
    },
    disclosures: disclosures(study),
  };
}

function seriesOf(study: Study, rho: number): StudyReport["series"] {
  const cost = costOfSeries(study, rho);
  return cost === null || study.recurrence === null
    ? null
    : { every: study.recurrence.every, ...cost };
}

function reportTask(task: TaskPlan): TaskReport {
  const sigma = standardDeviation(task.noise);
  return {
    index: task.index,
    purpose: task.purpose,
    encoding: encodingOf(task),
    reason: task.reason,
    share: task.share,
    reportBytes: reportBytes(createTaskVdaf(task.vdaf)),
    sensitivityL1: Number(task.sensitivity.l1),
    sensitivityL2: Math.sqrt(Number(task.sensitivity.l2Squared)),
    sigmaNode: sigma,
    sigmaTotal: sigma * Math.sqrt(NOISE_NODES),
  };
}

function reportMeasure(plan: StudyPlan, measure: MeasurePlan, people: number): MeasureReport {
  const { cells, share } = defined(plan.tasks[measure.task], "a measure names a task of its plan");
  const peoplePerCell = people / cells.count;
  const error = expectedError(plan, measure, peoplePerCell);
  return {
    name: measure.measure.name,
    kind: measure.measure.kind,
    share,
    numbers: cells.count * numbersOf(measure.measure).length,
    peoplePerCell,
    error,
    samplingError: expectedSampling(plan, measure, peoplePerCell),
    relativeError: error / largestOf(measure.measure, peoplePerCell),
  };
}

function reportMs(task: TaskPlan): number {
  if (task.vdaf.kind === "poplar1") {
    const { outputLength } = aggregateVdaf(task);
    return REPORT_MS + POPLAR1_ROUND_MS + POPLAR1_MS_PER_NUMBER * outputLength;
  }
  const [leaderShareBytes = 0] = createTaskVdaf(task.vdaf).inputShareSizes;
  return REPORT_MS + VERIFY_MS_PER_BYTE * leaderShareBytes;
}

function encodingOf(task: TaskPlan): string {
  const { vdaf } = task;
  switch (vdaf.kind) {
    case "count":
      return "Prio3Count";
    case "sum":
      return `Prio3Sum(max ${vdaf.maxMeasurement})`;
    case "sumVec":
      return `Prio3SumVec(length ${vdaf.length}, max ${vdaf.maxMeasurement})`;
    case "histogram":
      return `Prio3Histogram(length ${vdaf.length})`;
    case "multihotCountVec":
      return `Prio3MultihotCountVec(length ${vdaf.length}, weight ${vdaf.maxWeight})`;
    case "l1BoundSum":
      return `Prio3L1BoundSum(length ${vdaf.length}, max ${vdaf.maxValue})`;
    case "poplar1":
      return `Poplar1(${vdaf.bits} bits, ${aggregateVdaf(task).outputLength} prefixes)`;
    default:
      return unreachable(vdaf);
  }
}
