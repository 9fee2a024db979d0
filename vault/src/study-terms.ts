/**
 * A study as vaults deal with it: everything that follows from the manifest alone, computed once
 * and shared by all vaults of a process. Nothing in it comes from the leader.
 *
 * @module
 */
import { encodeHex } from "@sumus/bytes";
import { type ConsentRequest, consentRequest } from "@sumus/consent";
import type { DapTask } from "@sumus/dap";
import {
  type CompleteStudy,
  type ConsentStatement,
  decodeStudy,
  describeConsent,
  lowerStudy,
  StudyError,
  type StudyPlan,
  studyId,
  studyTasks,
} from "@sumus/study";
import type { Rehearsal } from "./rehearse.ts";

export interface StudyTerms {
  /** The study's id in lower-case hex. */
  readonly id: string;
  readonly study: CompleteStudy;
  readonly plan: StudyPlan;
  /** One for each of the plan's tasks, in their order. */
  readonly tasks: readonly DapTask[];
  readonly request: ConsentRequest;
  /** What a person agrees to, in plain words. */
  readonly consentText: readonly ConsentStatement[];
  /** How the map does on rows that are nobody's, by schema: filled by `rehearse`. */
  readonly rehearsals: Map<string, Rehearsal>;
}

export function studyTerms(study: CompleteStudy): StudyTerms {
  return {
    id: encodeHex(studyId(study)),
    study,
    plan: lowerStudy(study),
    tasks: studyTasks(study),
    request: consentRequest(study),
    consentText: describeConsent(study),
    rehearsals: new Map(),
  };
}

export type OpenedTerms =
  | { readonly ok: true; readonly terms: StudyTerms }
  | { readonly ok: false; readonly reason: string };

/** Reads a study from the wire and holds it to the id under which it was announced. */
export function openStudyTerms(canonicalJson: string, announcedId: string): OpenedTerms {
  try {
    const terms = studyTerms(decodeStudy(canonicalJson));
    if (terms.id === announcedId.toLowerCase()) return { ok: true, terms };
    return { ok: false, reason: `expected the study ${announcedId}, got ${terms.id}` };
  } catch (error) {
    if (error instanceof StudyError) return { ok: false, reason: error.message };
    throw error;
  }
}
