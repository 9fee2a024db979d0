/** What a rehearsal finds out, as `sumus study dry-run --json` prints it. */

import type { StudyAnswer } from "@sumus/pages";
import type { SyntheticColumn } from "./synthetic-people.ts";

export interface DryRun {
  /** Nobody exists: neither the people, nor the answer. */
  readonly synthetic: true;
  readonly people: number;
  readonly columns: readonly SyntheticColumn[];
  /** Whether people had several rows in each table; a map that takes one row has them have one. */
  readonly rowsPerPerson: "one" | "several";
  /** Vaults whose map yielded a row, and none; and on whose rows it failed, by reason. */
  readonly withRow: number;
  readonly withoutRow: number;
  readonly failures: readonly { readonly reason: string; readonly people: number }[];
  /** Whom the study asks, which is not rehearsed; null when it asks everybody. */
  readonly eligible: string | null;
  readonly groups: readonly GroupsHit[];
  readonly map: MapCost;
  readonly measures: readonly MeasureWidth[];
  /** The same object that an answer has, with the truth of the synthetic people beside it. */
  readonly answer: StudyAnswer;
}

/** The cells of one grouping, and those that nobody was in. */
export interface GroupsHit {
  /** Such as `age and sex`. */
  readonly by: string;
  readonly cells: number;
  readonly never: number;
  /** The first of them, by their labels. */
  readonly examples: readonly string[];
}

/** What the map took in one vault. */
export interface MapCost {
  readonly fuelAllowed: number;
  readonly fuelMean: number;
  readonly fuelMax: number;
  /** CPU time of this machine. */
  readonly msMean: number;
  readonly msMax: number;
}

/** How wide the intervals of a measure are. */
export interface MeasureWidth {
  readonly name: string;
  readonly kind: string;
  readonly numbers: number;
  readonly suppressed: number;
  /** Half an interval: the median of those that can be said; null when none can. */
  readonly halfWidth: number | null;
  /** That half against the estimate: the median. */
  readonly relative: number | null;
}
