import { type Problem, readJson, type SourceNode } from "@sumus/document";
import { canonicalStudy } from "../manifest.ts";
import { occurrenceOf } from "../recurrence.ts";
import type { CompleteStudy, Study, StudyWindow } from "../study.ts";
import { StudyError } from "../study-error.ts";
import { openParts } from "./open-parts.ts";
import { readStudy } from "./parse-study.ts";

/**
 * Reads a study from the wire: canonical JSON, complete, and of a kind that this version can run.
 *
 * @throws {StudyError} otherwise, with all problems
 */
export function decodeStudy(text: string): CompleteStudy {
  return requireComplete(decodeAny(text));
}

/** A study that may leave something open, or be a series. */
function decodeAny(text: string): Study {
  const reading = readStudy(readTree(text));
  if (!reading.ok) throw new StudyError(reading.problems);
  if (canonicalStudy(reading.study) !== text) {
    throw wholeError("expected canonical JSON, got another form", "send canonicalStudy(study)");
  }
  return reading.study;
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
  return requireComplete(fillIn(draft, completion));
}

/**
 * The same of a series: the manifest that all of its occurrences follow from, and those.
 *
 * @throws {StudyError} as {@link completeStudy}
 */
export function completeSeries(
  draft: Study,
  completion: StudyCompletion,
): { readonly series: Study; readonly occurrences: readonly CompleteStudy[] } {
  const series = fillIn(draft, completion);
  const { recurrence } = series;
  if (recurrence === null || recurrence.occurrence !== null) {
    return { series, occurrences: [requireComplete(series)] };
  }
  const occurrences = Array.from({ length: recurrence.times }, (_, index) =>
    requireComplete(occurrenceOf(series, index + 1)),
  );
  return { series, occurrences };
}

function fillIn(draft: Study, completion: StudyCompletion): Study {
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
  return decodeAny(canonicalStudy(filled));
}

function requireComplete(study: Study): CompleteStudy {
  const { commissioner, combine, privacy, window, recurrence } = study;
  const { leader, helper, collector } = combine;
  const { population } = privacy;
  if (
    commissioner !== null &&
    leader !== null &&
    helper !== null &&
    collector !== null &&
    population !== null &&
    window !== null &&
    isOne(recurrence) &&
    gapsOf(study).length === 0
  ) {
    return {
      ...study,
      commissioner,
      combine: { ...combine, leader, helper, collector },
      privacy: { ...privacy, population },
      window,
      recurrence,
    };
  }
  const gaps = gapsOf(study);
  if (gaps.length > 0) throw new StudyError(gaps);
  const message = "expected one occurrence, got a series";
  throw new StudyError([problemAt("window", message, "open its occurrences, each by itself")]);
}

function isOne(recurrence: Study["recurrence"]): recurrence is CompleteStudy["recurrence"] {
  return recurrence === null || recurrence.occurrence !== null;
}

/** What keeps a study from being opened. */
export function gapsOf(study: Study): Problem[] {
  const { commissioner, eligible } = study;
  const problems = [...(commissioner === null ? ["commissioner"] : []), ...openParts(study)].map(
    (path) => problemAt(path, `expected ${path}, got nothing`, "fill it in before opening"),
  );
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
