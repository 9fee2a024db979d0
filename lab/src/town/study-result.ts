/** Puts together what a run of one study leaves behind. */

import { encodeHex } from "@sumus/bytes";
import type { StudyProgress } from "@sumus/client";
import { checkStudy, disclosures, estimateStudy, type Study, studyId } from "@sumus/study";
import type { StudyTerms } from "@sumus/vault";
import type { LabMeasure, LabMeasureKind, LabStudyResult } from "../result.ts";
import type { Answer } from "./answer.ts";
import type { Asked } from "./ask.ts";
import { claimedNumber, claimOf, withTruths } from "./census.ts";
import type { StudyJob } from "./run-in-town.ts";

/** Everything known at the end. */
export interface StudyEnd {
  readonly terms: StudyTerms;
  readonly job: StudyJob;
  readonly invited: number;
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

/** `at_most` of the dimension in which a person may have several values. */
function cellsPerPerson({ result }: Study): number | null {
  const several = result.flatMap(({ dimensions }) =>
    dimensions.flatMap((dimension) => (dimension.kind === "bands" ? [] : (dimension.atMost ?? []))),
  );
  return several.length === 0 ? null : Math.max(...several);
}

/** What the manifest alone says about the study. */
function describeStudy({
  study,
  consentText,
}: StudyTerms): Pick<
  LabStudyResult,
  | "id"
  | "title"
  | "purpose"
  | "epsilon"
  | "delta"
  | "peopleMin"
  | "cellsPerPerson"
  | "consent"
  | "disclosures"
  | "needs"
  | "measureKinds"
  | "tasks"
  | "bytesPerPerson"
> {
  const { privacy } = study;
  const report = checkStudy(study);
  const kinds = study.result.flatMap(({ measures }) =>
    measures.map(({ name, kind }): [string, LabMeasureKind] => [name, kind]),
  );
  return {
    id: encodeHex(studyId(study)),
    title: study.title,
    purpose: study.purpose,
    epsilon: privacy.epsilon,
    delta: privacy.delta,
    peopleMin: privacy.peopleMin,
    cellsPerPerson: cellsPerPerson(study),
    consent: consentText,
    disclosures: disclosures(study),
    needs: Object.fromEntries(study.needs.map(({ collection, columns }) => [collection, columns])),
    measureKinds: Object.fromEntries(kinds),
    tasks: report.tasks.map(({ purpose, encoding, reportBytes, sigmaNode }) => ({
      purpose,
      encoding,
      reportBytes,
      sigma: sigmaNode,
    })),
    bytesPerPerson: report.uploadBytes,
  };
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
    ...describeStudy(terms),
    state: answer.state,
    reason: answer.state === "answered" ? null : answer.reason,
    people: job.residents.length,
    invited: end.invited,
    consented: asked.consented,
    denied: asked.denied,
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
