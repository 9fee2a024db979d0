/** Runs a study's map on rows and encodes what it yields. */

import type { TaskMeasurement } from "@sumus/dap";
import type { MapOutcome, MapRequest, MapRow } from "@sumus/sandbox";
import { MapTypeError, type Study, type StudyPlan } from "@sumus/study";
import type { MapTables } from "./map-tables.ts";

/** Where maps run: a sandbox of this thread, or one behind a worker. */
export interface MapRunner {
  run(request: MapRequest): MapOutcome | Promise<MapOutcome>;
}

/** What of a study matters to its map: a draft has it as well. */
export interface MapTerms {
  readonly study: Pick<Study, "map">;
  readonly plan: Pick<StudyPlan, "encode">;
}

export interface Measured {
  /** What the map yielded; null when it yielded no row or failed. */
  readonly row: MapRow | null;
  /** One per task of the study. */
  readonly measurements: readonly TaskMeasurement[];
  /** Why the map failed, for the owner's eyes; null when it did not. */
  readonly mapProblem: string | null;
}

/**
 * Never throws for a bad map: what fails measures nothing, exactly as a map that yields no row.
 * Otherwise a map could make a vault's silence depend on its rows, and silence is seen by the
 * leader.
 */
export async function measure(
  terms: MapTerms,
  tables: MapTables,
  runner: MapRunner,
): Promise<Measured> {
  const { map } = terms.study;
  const source = map.language === "none" ? "" : map.source;
  const outcome = await runner.run({ language: map.language, source, tables });
  if (!outcome.ok) return nothing(terms, outcome.message);
  try {
    const measurements = terms.plan.encode(outcome.row);
    return { row: outcome.row, measurements, mapProblem: null };
  } catch (error) {
    if (!(error instanceof MapTypeError)) throw error;
    return nothing(terms, error.message);
  }
}

function nothing(terms: MapTerms, mapProblem: string): Measured {
  return { row: null, measurements: terms.plan.encode(null), mapProblem };
}
