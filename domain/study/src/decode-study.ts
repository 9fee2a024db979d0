import { type Problem, readJson, type SourceNode } from "@sumus/document";
import { canonicalStudy } from "./manifest.ts";
import { readStudy } from "./parse-study.ts";
import type { CompleteStudy, Study, StudyWindow } from "./study.ts";
import { StudyError } from "./study-error.ts";

/**
 * Reads a study from the wire: canonical JSON, complete, and of a kind that this version can run.
 *
 * @throws {StudyError} otherwise, with all problems
 */
export function decodeStudy(text: string): CompleteStudy {
  const reading = readStudy(readTree(text));
  if (!reading.ok) throw new StudyError(reading.problems);
  if (canonicalStudy(reading.study) !== text) {
    throw wholeError("expected canonical JSON, got another form", "send canonicalStudy(study)");
  }
  return requireComplete(reading.study);
}

function readTree(text: string): SourceNode {
  try {
    return readJson(text);
  } catch (cause) {
    // readJson throws RangeError and nothing else.
    const message = cause instanceof Error ? cause.message : String(cause);
    throw wholeError(message, "send canonicalStudy(study)", cause);
  }
}

/** What a draft may leave to whoever opens it. */
export interface StudyCompletion {
  readonly commissioner?: string;
  readonly leader?: string;
  readonly helper?: string;
  readonly collector?: string;
  readonly population?: string;
  readonly window?: StudyWindow;
}

/**
 * Fills in what a draft leaves open; what it says itself stays.
 *
 * @throws {StudyError} when something is still missing, a value does not fit, or the study is of a
 *   kind that this version cannot run
 */
export function completeStudy(draft: Study, completion: StudyCompletion): CompleteStudy {
  const { combine, privacy } = draft;
  const filled: Study = {
    ...draft,
    commissioner: draft.commissioner ?? completion.commissioner ?? null,
    combine: {
      ...combine,
      leader: combine.leader ?? completion.leader ?? null,
      helper: combine.helper ?? completion.helper ?? null,
      collector: combine.collector ?? completion.collector ?? null,
    },
    privacy: { ...privacy, population: privacy.population ?? completion.population ?? null },
    window: draft.window ?? completion.window ?? null,
  };
  // What is filled in passes the same checks as what was written.
  return decodeStudy(canonicalStudy(filled));
}

function requireComplete(study: Study): CompleteStudy {
  const { commissioner, combine, privacy, window } = study;
  const { leader, helper, collector } = combine;
  const { population } = privacy;
  if (
    commissioner !== null &&
    leader !== null &&
    helper !== null &&
    collector !== null &&
    population !== null &&
    window !== null &&
    gapsOf(study).length === 0
  ) {
    return {
      ...study,
      commissioner,
      combine: { ...combine, leader, helper, collector },
      privacy: { ...privacy, population },
      window,
    };
  }
  throw new StudyError(gapsOf(study));
}

/** What keeps a study from being opened. */
export function gapsOf({ commissioner, combine, privacy, window, eligible }: Study): Problem[] {
  const parts = [
    ["commissioner", commissioner],
    ["combine.leader", combine.leader],
    ["combine.helper", combine.helper],
    ["combine.collector", combine.collector],
    ["privacy.population", privacy.population],
    ["window", window],
  ] as const;
  const problems = parts
    .filter(([, value]) => value === null)
    .map(([path]) => problemAt(path, `expected ${path}, got nothing`, "fill it in before opening"));
  if (eligible !== null && (eligible.issuers.length > 0 || eligible.attributes.size > 0)) {
    const message = "expected no issuers and attributes: this version cannot prove them";
    const remedy = "remove them; eligible.where admits people by what their own vaults hold";
    problems.push(problemAt("eligible", message, remedy));
  }
  return problems;
}

function wholeError(message: string, remedy: string, cause?: unknown): StudyError {
  return new StudyError([problemAt("", message, remedy)], { cause });
}

function problemAt(path: string, message: string, remedy: string): Problem {
  return { line: 1, column: 1, path, message, remedy };
}
