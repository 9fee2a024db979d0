/** Puts together what a run of one study leaves behind. */

import type { StudyProgress } from "@sumus/client";
import { describeStudy } from "@sumus/pages";
import { estimateStudy, learnedFrom } from "@sumus/study";
import type { StudyTerms } from "@sumus/vault";
import type { LabMeasure, LabStudyResult } from "../result.ts";
import type { Answer } from "./answer.ts";
import type { Asked } from "./ask.ts";
import { claimedNumber, claimOf, withTruths } from "./census.ts";
import type { StudyJob } from "./run-in-town.ts";

/** Everything known at the end. */
export interface StudyEnd {
  readonly terms: StudyTerms;
  readonly job: StudyJob;
  readonly invited: number;
  readonly notEligible: number;
  readonly asked: Asked;
  readonly status: StudyProgress;
  readonly refusedAtTheDoor: ReadonlyMap<string, number>;
  readonly answer: Answer;
  readonly seconds: number;
  readonly nodeCpuMs: { readonly leader: number; readonly helper: number };
}

/** Refused reports by reason; what was refused at the door stands in the node's books too. */
function rejectionsOf({ refusedAtTheDoor, status }: StudyEnd): Record<string, number> {
  const reasons = new Map(refusedAtTheDoor);
  for (const { refused } of status.tasks) {
    for (const [reason, count] of Object.entries(refused)) {
      if (!refusedAtTheDoor.has(reason)) reasons.set(reason, (reasons.get(reason) ?? 0) + count);
    }
  }
  return Object.fromEntries(reasons);
}

function measuresOf({ terms, answer, asked }: StudyEnd): LabMeasure[] {
  if (answer.state !== "answered") return [];
  const released = estimateStudy(terms.plan, answer.aggregates, { noised: true });
  return withTruths(terms.plan, released, asked.counted, asked.everybody);
}

/** The result of one study. */
export function studyResult(end: StudyEnd): LabStudyResult {
  const { answer, asked, job, nodeCpuMs, status, terms } = end;
  const measures = measuresOf(end);
  const rejections = rejectionsOf(end);
  const refused = Object.values(rejections).reduce((sum, count) => sum + count, 0);
  const claimed = claimedNumber(terms.plan, asked.claimedIndex);
  const people = Math.max(1, asked.sent.length);
  return {
    ...describeStudy(terms.study),
    state: answer.state,
    reason: answer.state === "answered" ? null : answer.reason,
    people: job.residents.length,
    invited: end.invited,
    consented: asked.consented,
    denied: asked.denied,
    notEligible: end.notEligible,
    notAsked: end.invited - asked.consented - asked.denied,
    dropped: asked.dropped,
    liars: asked.liars,
    accepted: status.people,
    // A liar's report is refused in every task.
    rejected: Math.round(refused / terms.tasks.length),
    failures: asked.failures,
    silent: asked.silent,
    rejections,
    measures,
    learned:
      answer.state === "answered"
        ? learnedFrom(terms.study, status.tasks, status.people, measures)
        : null,
    claim:
      measures.length > 0 && claimed !== null && asked.liars > 0
        ? claimOf(claimed, measures, asked.liars)
        : null,
    seconds: end.seconds,
    cpuMsPerPerson: {
      map: asked.mapMs / people,
      vault: asked.vaultMs / people,
      leader: nodeCpuMs.leader / people,
      helper: nodeCpuMs.helper / people,
    },
    simulated: job.simulated,
  };
}
