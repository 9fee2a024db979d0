/** The two things the lab can be asked to do: the main job, and one study over given tables. */

import type { Study } from "@sumus/study";
import { LabError } from "./lab-error.ts";
import type { Progress } from "./progress.ts";
import type { LabResult } from "./result.ts";
import type { BehaviourShares } from "./town/behaviour.ts";

/** What every run takes. */
export interface RunOptions {
  /** How the owners behave. */
  readonly shares: BehaviourShares;
  /** How many people live in the town; null for as many as the tables hold. */
  readonly people: number | null;
  readonly seed: string;
  readonly progress: Progress;
  /** Ends the run, its processes and its folders. */
  readonly signal: AbortSignal;
}

/** A table as a file: what the study calls it, where it lies, whose a row is. */
export interface TableFile {
  readonly name: string;
  readonly file: string;
  readonly personColumn: string;
}

export async function runStudy(
  _study: Study,
  _tables: readonly TableFile[],
  _options: RunOptions,
): Promise<LabResult> {
  throw new LabError("failed", "not yet", "");
}

export async function runMainJob(_options: RunOptions): Promise<LabResult> {
  throw new LabError("failed", "not yet", "");
}
