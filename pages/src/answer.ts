/**
 * A study and what came of it, as pages, tables and files show it. Plain data, so that it survives
 * JSON unchanged.
 */

import type { ConsentStatement, Disclosure, Learned, Measure, ReleaseMeasure } from "@sumus/study";

/** One number of a release; its truths where all vaults lie in one process, and so are known. */
export interface AnswerMeasure extends ReleaseMeasure {
  /** The exact answer over the contributions that were counted. */
  readonly truth?: number | null;
  /** The exact answer had every invited person taken part. */
  readonly truthAll?: number | null;
}

/** What kind of number a measure is: it decides how it is drawn. */
export type MeasureKind = Measure["kind"];

/** Kinds whose numbers are values of a column, not people or sums: they have decimals. */
export const LEVEL_KINDS: ReadonlySet<string> = new Set([
  "mean",
  "share",
  "variance",
  "deviation",
  "quantiles",
]);

/** How a study ended. Numbers exist only in `answered`. */
export type AnswerState = "answered" | "tooFewPeople" | "failed";

/** One DAP task of a study, in words. */
interface AnswerTask {
  readonly purpose: string;
  /** The encoding, such as `Prio3Histogram, 25 cells`. */
  readonly encoding: string;
  /** Why this encoding and no other. */
  readonly reason: string;
  readonly reportBytes: number;
  /** Standard deviation of one node's noise, in the task's own units. */
  readonly sigma: number;
}

/** A measure whose groups are the cells of one dimension. */
export interface MapSource {
  readonly measure: string;
  readonly dimension: string;
}

/** What the manifest alone says about a study. */
export interface StudyDescription {
  /** Lower-case hex of the study's SHA-256. */
  readonly id: string;
  readonly title: string;
  readonly purpose: string;
  readonly epsilon: number;
  readonly delta: number;
  /** What each vault was charged, and the budget of the population where one is kept. */
  readonly rho: number;
  readonly population: string | null;
  readonly peopleMin: number;
  /** `at_most` of the study's cells dimension, null when a person counts in one cell only. */
  readonly cellsPerPerson: number | null;
  /** What the person saw before saying yes, line by line. */
  readonly consent: readonly ConsentStatement[];
  /** Who learns what from the study. */
  readonly disclosures: readonly Disclosure[];
  /** Tables and columns the map may read. */
  readonly needs: Readonly<Record<string, readonly string[]>>;
  readonly measureKinds: Readonly<Record<string, MeasureKind>>;
  /** Counts of people in cells, which are maps. */
  readonly maps: readonly MapSource[];
  readonly tasks: readonly AnswerTask[];
  readonly bytesPerPerson: number;
}

/** A study and its answer. */
export interface StudyAnswer extends StudyDescription {
  readonly state: AnswerState;
  /** Why there is no answer, with the next step. Null when answered. */
  readonly reason: string | null;
  /** People whose contribution was counted in every task. */
  readonly accepted: number;
  readonly measures: readonly AnswerMeasure[];
  /** What each party learned; null when nothing was answered. */
  readonly learned: readonly Learned[] | null;
  /** One sentence when the people are not real, null otherwise. */
  readonly simulated: string | null;
}
