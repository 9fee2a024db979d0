/** One study from its draft to its result: opened, asked, verified, collected, compared. */

import type { Study } from "@sumus/study";
import { studyTerms } from "@sumus/vault";
import type { LabStudyResult } from "../result.ts";
import { collectAnswer, waitForNodes } from "./answer.ts";
import { type Asked, ask } from "./ask.ts";
import { drawConducts } from "./behaviour.ts";
import { completeInTown } from "./complete-study.ts";
import type { Resident } from "./resident.ts";
import { studyResult } from "./study-result.ts";
import type { Town } from "./town.ts";
import { createUploader, type Uploader } from "./uploader.ts";

/** A study and the people it is asked of. */
export interface StudyJob {
  readonly draft: Study;
  readonly residents: readonly Resident[];
  /** One sentence when the people are not real. */
  readonly simulated: string | null;
}

interface Visit {
  readonly asked: Asked;
  readonly invited: number;
  readonly notEligible: number;
  readonly uploader: Uploader;
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

/** Asks everybody and brings what they send to the leader. */
async function visit(
  town: Town,
  terms: ReturnType<typeof studyTerms>,
  residents: readonly Resident[],
): Promise<Visit> {
  const holders = residents.filter((resident) => resident.holds(terms));
  const invited = holders.filter((resident) => resident.isEligible(terms));
  const random = town.random.fork(`conduct in ${terms.study.title}`);
  const drawn = drawConducts(invited.length, town.shares, random);
  const conducts = new Map(
    invited.map((resident, index) => [resident, drawn[index] ?? "takePart"] as const),
  );
  const uploader = createUploader(town.nodes.leader.url, town.http.leader);
  const step = town.progress.begin(`${terms.study.title}: people asked`, residents.length);
  const { hpkeConfigs, maps, signal } = town;
  const options = { terms, residents, conducts, hpkeConfigs, maps, uploader, step, signal };
  try {
    const asked = await ask({ ...options, nowSeconds: nowSeconds() });
    const notEligible = holders.length - invited.length;
    return { asked, invited: invited.length, notEligible, uploader };
  } finally {
    step.end();
  }
}

/** Whether an answered study counted people and found none of them in any of its groups. */
function isEmpty({ measures }: LabStudyResult): boolean {
  return measures.length > 0 && measures.every(({ truthAll }) => (truthAll ?? 0) === 0);
}

/** Runs one study in a town that stands. */
export async function runInTown(town: Town, job: StudyJob): Promise<LabStudyResult> {
  const beganMs = performance.now();
  const cpuMs = (): { leader: number; helper: number } => ({
    leader: town.nodes.leader.cpuMs(),
    helper: town.nodes.helper.cpuMs(),
  });
  const before = cpuMs();
  const terms = studyTerms(completeInTown(town, job.draft, nowSeconds()));
  await town.commissioner.open(terms.study);
  const { asked, invited, notEligible, uploader } = await visit(town, terms, job.residents);
  const status = await waitForNodes(town, terms.study);
  const answer = await collectAnswer(town, terms, asked, status);
  if (answer.state === "answered") {
    for (const { vault } of asked.sent) vault.markReleased(terms);
  }
  const after = cpuMs();
  const result = studyResult({
    terms,
    job,
    invited,
    notEligible,
    asked,
    status,
    refusedAtTheDoor: uploader.refused,
    answer,
    seconds: (performance.now() - beganMs) / 1000,
    nodeCpuMs: { leader: after.leader - before.leader, helper: after.helper - before.helper },
  });
  if (isEmpty(result)) {
    const hint = "does the map name groups as the manifest does?";
    town.progress.note(`Nobody was in any group of "${terms.study.title}": ${hint}`);
  }
  return result;
}
