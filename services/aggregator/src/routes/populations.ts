/**
 * Populations: registered by the operator, and told to everybody with what their budgets have left.
 *
 * @module
 */

import { assert } from "@sumus/assert";
import { decodeUtf8, encodeHex } from "@sumus/bytes";
import { chargePopulation, remainingOfPopulation } from "@sumus/consent";
import { ProblemError, plainProblem, readText } from "@sumus/http";
import type { Store, Transaction } from "@sumus/storage";
import {
  type CompleteStudy,
  canonicalPopulation,
  lowerStudy,
  type Population,
  parsePopulation,
  studyId,
  whyBeyond,
} from "@sumus/study";
import type { Clock } from "@sumus/time";
import type { Handler } from "../app.ts";
import { STUDY_BYTES_MAX } from "../limits.ts";
import {
  hasPopulations,
  selectCharges,
  selectPopulation,
  upsertPopulation,
} from "../store/populations.ts";
import { jsonResponse } from "./respond.ts";

const DAY_SECONDS = 86_400;

interface Services {
  readonly store: Store;
  readonly clock: Clock;
  readonly requireOperator: (request: Request) => void;
}

/** Takes a population; one with the same id takes the place of the one before, studies it has stay. */
export function registerPopulationHandler(services: Services): Handler {
  const { store, requireOperator } = services;
  return async (request) => {
    requireOperator(request);
    const reading = parsePopulation(await readText(request, STUDY_BYTES_MAX));
    if (!reading.ok) {
      const detail = reading.problems.map(({ message }) => message).join("; ");
      throw new ProblemError({
        ...plainProblem(400, "The population cannot be registered", detail),
        members: { problems: reading.problems },
      });
    }
    const { population } = reading;
    const document = canonicalPopulation(population);
    const isNew = await store.transaction("register population", (transaction) =>
      upsertPopulation(transaction, population.id, document),
    );
    return jsonResponse({ id: population.id }, isNew ? 201 : 200);
  };
}

export function showPopulationHandler({ store, clock }: Services): Handler {
  return async (_, target) => {
    const id = decodeUtf8(target.id);
    const nowSeconds = clock.nowSeconds();
    const found = await store.transaction("show population", async (transaction) => {
      const document = await selectPopulation(transaction, id);
      if (document === undefined) return undefined;
      const population = readStored(document);
      return { population, charges: await chargesOf(transaction, population, nowSeconds) };
    });
    if (found === undefined) throw notRegistered(404, id);
    const left = remainingOfPopulation(found.population, found.charges, nowSeconds);
    const plain = JSON.parse(canonicalPopulation(found.population)) as object;
    return jsonResponse({ ...plain, spentRho: left.spentRho, leftRho: left.remainingRho });
  };
}

/** What a study holds of its population's budget; null where nobody keeps one. */
export type StudyCharge = { readonly population: string; readonly nanoRho: number } | null;

/**
 * What opening the study takes of its population's budget. A node that knows no population, as in a lab,
 * opens studies of any, and charges nobody.
 *
 * @param document of the population, which is locked; undefined when it is not registered
 * @throws {ProblemError} 409 when the study does not fit
 */
export async function reserveBudget(
  transaction: Transaction,
  document: string | undefined,
  study: CompleteStudy,
  nowSeconds: number,
): Promise<StudyCharge> {
  if (document === undefined) {
    if (await hasPopulations(transaction)) throw notRegistered(409, study.privacy.population);
    return null;
  }
  const population = readStored(document);
  const beyond = whyBeyond(population, study.needs);
  if (beyond !== null) throw refused(`${beyond}, which the study needs`);
  const charges = await chargesOf(transaction, population, nowSeconds);
  const cost = { id: encodeHex(studyId(study)), rho: lowerStudy(study).rho };
  const step = chargePopulation(population, charges, cost, nowSeconds);
  if (!step.ok) {
    throw refused(`${step.reason}. Ask for less epsilon, later, or cancel what is not collected`);
  }
  return { population: population.id, nanoRho: step.nanoRho };
}

function chargesOf(
  transaction: Transaction,
  { id, days }: Population,
  nowSeconds: number,
): ReturnType<typeof selectCharges> {
  return selectCharges(transaction, id, nowSeconds - days * DAY_SECONDS);
}

function readStored(document: string): Population {
  const reading = parsePopulation(document);
  assert(reading.ok, "what was registered is a population");
  return reading.population;
}

function refused(detail: string): ProblemError {
  return new ProblemError(plainProblem(409, "The study cannot be opened", detail));
}

function notRegistered(status: 404 | 409, id: string): ProblemError {
  const detail = `expected a population that is registered here, got ${id}. Its operator registers it`;
  return new ProblemError(plainProblem(status, "No such population", detail));
}
