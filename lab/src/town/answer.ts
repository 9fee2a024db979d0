/** From uploaded reports to the answer: waiting for both nodes, then collecting every task. */

import { setTimeout as sleep } from "node:timers/promises";
import { pendingOf, type StudyProgress, verifiedOf } from "@sumus/client";
import type { AnswerState } from "@sumus/pages";
import type { CompleteStudy } from "@sumus/study";
import type { StudyTerms } from "@sumus/vault";
import type { Asked } from "./asked.ts";
import type { Town } from "./town.ts";

const POLL_MS = 250;

/**
 * Waits until both nodes have looked at every report, and says how far they are.
 *
 * @param sent reports that the leader has; it counts no long queues, so it does not tell itself
 */
export async function waitForNodes(
  town: Town,
  study: CompleteStudy,
  sent: number,
): Promise<StudyProgress> {
  const { commissioner, progress, signal } = town;
  let status = await commissioner.progress(study);
  let left = sent - verifiedOf(status);
  const step = progress.begin(`${study.title}: reports verified by both nodes`, left, "reports");
  let trouble: string | null = null;
  try {
    while (pendingOf(status) > 0) {
      await sleep(POLL_MS, undefined, { signal });
      status = await commissioner.progress(study);
      step.advance(Math.max(0, left - sent + verifiedOf(status)));
      left = sent - verifiedOf(status);
      if (status.trouble !== null && trouble === null) {
        progress.note(`The leader waits: ${status.trouble}.`);
      }
      trouble = status.trouble;
    }
    return status;
  } finally {
    step.end();
  }
}

export type Answer =
  | { readonly state: "answered"; readonly aggregates: readonly (readonly bigint[])[] }
  | { readonly state: Exclude<AnswerState, "answered">; readonly reason: string };

/** Why nothing can be collected; null when everything can. */
function obstacle({ study }: StudyTerms, asked: Asked, status: StudyProgress): Answer | null {
  const { peopleMin } = study.privacy;
  const [failure] = asked.failures;
  if (failure !== undefined && asked.sent === 0) {
    const [reason, people] = failure;
    const why = `No vault sent anything (${people} tried): ${reason}.`;
    return { state: "failed", reason: `${why} Change the manifest accordingly.` };
  }
  const tried = asked.sent + asked.dropped;
  // An answer in which most are absent for a fault of the map would mislead whoever reads it.
  if (asked.silent !== null && asked.silent.people * 2 > tried) {
    const { people, reason } = asked.silent;
    const why = `The map failed on the rows of ${people} of ${tried} people: ${reason}.`;
    return { state: "failed", reason: `${why} Correct it; try it on a few rows first.` };
  }
  if (status.people < peopleMin) {
    const reason = `${status.people} of ${peopleMin} people so far.`;
    return {
      state: "tooFewPeople",
      reason: `${reason} Ask more people, or wait until more say yes.`,
    };
  }
  if (status.people !== asked.sent) {
    const counts = `the nodes counted ${status.people} people, ${asked.sent} sent honestly`;
    return { state: "failed", reason: `Nothing is shown, for ${counts}. This is a fault of ours.` };
  }
  return null;
}

/** Collects all tasks, or says why nothing is collected. */
export async function collectAnswer(
  town: Town,
  terms: StudyTerms,
  asked: Asked,
  status: StudyProgress,
): Promise<Answer> {
  const hindered = obstacle(terms, asked, status);
  if (hindered !== null) return hindered;
  const aggregates: (readonly bigint[])[] = [];
  for (const task of terms.tasks) {
    const collected = await town.commissioner.collect(terms.study, task);
    if (!collected.ok) return { state: "failed", reason: collected.reason };
    if (collected.reportCount !== asked.sent) {
      const counts = `a task counted ${collected.reportCount} of ${asked.sent} people`;
      return { state: "failed", reason: `Nothing is shown, for ${counts}.` };
    }
    aggregates.push(collected.aggregate);
  }
  return { state: "answered", aggregates };
}
