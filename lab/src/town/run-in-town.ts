/** One study from its draft to its result: opened, asked, verified, collected, compared. */

import type { CompleteStudy, Study } from "@sumus/study";
import { type StudyTerms, studyTerms } from "@sumus/vault";
import { whyNotEligible } from "@sumus/vault/testing";
import type { LabStudyResult } from "../result.ts";
import { collectAnswer, waitForNodes } from "./answer.ts";
import type { Asked } from "./asked.ts";
import { castParts, drawConducts } from "./behaviour.ts";
import { completeInTown } from "./complete-study.ts";
import { keepPace } from "./pace.ts";
import { holdsAll, type Population, whoeverIs } from "./population.ts";
import { studyResult } from "./study-result.ts";
import type { Settlement, Town } from "./town.ts";
import { costPerPerson, readTownCpu } from "./town-cpu.ts";

/** A study and the people it is asked of. */
export interface StudyJob {
  readonly draft: Study;
  readonly settlement: Settlement;
  /** One sentence when the people are not real. */
  readonly simulated: string | null;
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

interface Visit {
  readonly asked: Asked;
  readonly invited: number;
  readonly notEligible: number;
  /** Where liars claim to be. */
  readonly claimedIndex: number;
}

/** Who is invited: those who hold what the study needs, and whom it admits. */
function invite(
  study: CompleteStudy,
  population: Population,
): {
  readonly holders: readonly boolean[];
  readonly invited: readonly boolean[];
} {
  const needed = study.needs.map(({ collection }) => collection);
  const holders = whoeverIs(population, (person) => holdsAll(person, needed));
  const invited = whoeverIs(population, (person) => {
    if (!holdsAll(person, needed)) return false;
    return whyNotEligible(study, [...person.collections.values()]) === null;
  });
  return { holders, invited };
}

function countTrue(values: readonly boolean[]): number {
  return values.filter((value) => value).length;
}

/** Asks everybody and brings what they send to the leader. */
async function visit(
  town: Town,
  { study }: StudyTerms,
  { name, population }: Settlement,
): Promise<Visit> {
  const { hpkeConfigs, nodes, quarters, shares } = town;
  const { holders, invited } = invite(study, population);
  const random = town.random.fork(`conduct in ${study.title}`);
  const casting = castParts(invited, drawConducts(countTrue(invited), shares, random));
  const claimedIndex = shares.lie > 0 ? await quarters.findClaim(name, study) : 0;
  const leaderUrl = nodes.leader.url;
  const order = { settlers: name, study, casting, claimedIndex, leaderUrl, hpkeConfigs };
  const step = town.progress.begin(`${study.title}: people asked`, holders.length, "people");
  let people = 0;
  try {
    const asked = await keepPace(town, study, (hear) =>
      quarters.ask({ ...order, nowSeconds: nowSeconds() }, (soFar) => {
        step.advance(soFar.people - people);
        people = soFar.people;
        hear(soFar);
      }),
    );
    const notEligible = countTrue(holders) - countTrue(invited);
    return { asked, invited: countTrue(invited), notEligible, claimedIndex };
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
  const before = await readTownCpu(town.nodes);
  const terms = studyTerms(completeInTown(town, job.draft, nowSeconds()));
  await town.commissioner.open(terms.study);
  const { asked, ...visited } = await visit(town, terms, job.settlement);
  const sent = (asked.sent + asked.liars) * terms.tasks.length;
  const status = await waitForNodes(town, terms.study, sent);
  const answer = await collectAnswer(town, terms, asked, status);
  if (answer.state === "answered") await town.quarters.release(job.settlement.name, terms.study);
  const result = studyResult({
    terms,
    job,
    asked,
    ...visited,
    status,
    answer,
    seconds: (performance.now() - beganMs) / 1000,
    cost: costPerPerson(before, await readTownCpu(town.nodes), asked),
  });
  if (isEmpty(result)) {
    const hint = "does the map name groups as the manifest does?";
    town.progress.note(`Nobody was in any group of "${terms.study.title}": ${hint}`);
  }
  return result;
}
