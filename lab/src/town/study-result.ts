/** Puts together what a run of one study leaves behind. */

import type { StudyProgress } from "@sumus/client";
import { describeStudy } from "@sumus/pages";
import { estimateStudy, learnedFrom } from "@sumus/study";
import type { StudyTerms } from "@sumus/vault";
import type { LabCost, LabMeasure, LabStudyResult } from "../result.ts";
import type { Answer } from "./answer.ts";
import type { Asked } from "./asked.ts";
import { claimedNumber, claimOf, withTruths } from "./census.ts";
import type { StudyJob } from "./run-in-town.ts";

/** Everything known at the end. */
export interface StudyEnd {
  readonly terms: StudyTerms;
  readonly job: StudyJob;
  readonly invited: number;
  readonly notEligible: number;
  readonly asked: Asked;
  /** Where liars claimed: an index into the first task's aggregate. */
  readonly claimedIndex: number;
  readonly status: StudyProgress;
  readonly answer: Answer;
  readonly seconds: number;
  readonly cost: LabCost;
}

/** Refused reports by reason; what was refused at the door stands in the node's books too. */
function rejectionsOf({ asked, status }: StudyEnd): Record<string, number> {
  const reasons = new Map(asked.refused);
  for (const { refused } of status.tasks) {
    for (const [reason, count] of Object.entries(refused)) {
      if (!asked.refused.has(reason)) reasons.set(reason, (reasons.get(reason) ?? 0) + count);
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
  const { answer, asked, job, status, terms } = end;
  const measures = measuresOf(end);
  const rejections = rejectionsOf(end);
  const refused = Object.values(rejections).reduce((sum, count) => sum + count, 0);
  const claimed = claimedNumber(terms.plan, end.claimedIndex);
  return {
    ...describeStudy(terms.study),
    state: answer.state,
    reason: answer.state === "answered" ? null : answer.reason,
    people: job.settlement.population.rowsOf.length,
    invited: end.invited,
    consented: asked.consented,
    denied: asked.denied,
    isRuled: job.settlement.population.people.some(({ rules }) => rules !== undefined),
    notEligible: end.notEligible,
    notAsked: end.invited - asked.consented - asked.denied,
    dropped: asked.dropped,
    liars: asked.liars,
    accepted: status.people,
    // A liar's report is refused in every task.
    rejected: Math.round(refused / terms.tasks.length),
    failures: Array.from(asked.failures, ([reason, people]) => ({ reason, people })),
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
    cpuMsPerPerson: end.cost,
    simulated: job.simulated,
  };
}
