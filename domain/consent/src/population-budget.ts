/**
 * What all studies together may reveal of a population, by the arithmetic of a person's ledger. A study
 * holds its rho from when it is opened until it is cancelled; once it is released, for one period more.
 * So no stretch of one period sees releases of more than the population's rho.
 *
 * @module
 */
import type { Population } from "@sumus/study";
import { charge, type Ledger, openLedger, type Remaining, remainingBudget } from "./budget.ts";

const DAY_SECONDS = 86_400;

/** A study that was opened and not cancelled. */
export interface PopulationCharge {
  /** Id in lower-case hex. */
  readonly study: string;
  readonly nanoRho: number;
  /** Null while it may still be released. */
  readonly releasedSeconds: number | null;
}

export type PopulationStep =
  | { readonly ok: true; readonly nanoRho: number }
  | { readonly ok: false; readonly reason: string };

/** Whether another study fits, and what it is charged. */
export function chargePopulation(
  population: Population,
  charges: readonly PopulationCharge[],
  study: { readonly id: string; readonly rho: number },
  nowSeconds: number,
): PopulationStep {
  const { id, rho, days } = population;
  const request = { study: study.id, rho: study.rho, collections: [] };
  const ledger = ledgerOf(population, charges, nowSeconds);
  const name = `population ${id} may reveal ${rho} rho in ${days} days and`;
  const step = charge(ledger, request, nowSeconds, () => name);
  if (!step.ok) return step;
  return { ok: true, nanoRho: step.ledger.entries.at(-1)?.nanoRho ?? 0 };
}

/** What is left for a study that would be opened now. */
export function remainingOfPopulation(
  population: Population,
  charges: readonly PopulationCharge[],
  nowSeconds: number,
): Remaining {
  return remainingBudget(ledgerOf(population, charges, nowSeconds), null, nowSeconds);
}

/** What may still be released counts as if it were released now. */
function ledgerOf(
  { rho, days }: Population,
  charges: readonly PopulationCharge[],
  nowSeconds: number,
): Ledger {
  const periodSeconds = days * DAY_SECONDS;
  const policy = { periodSeconds, totalRho: rho, collectionRho: {}, otherRho: rho };
  const entries = charges.map(({ study, nanoRho, releasedSeconds }) => ({
    study,
    nanoRho,
    chargedSeconds: releasedSeconds ?? nowSeconds,
    collections: [],
    state: releasedSeconds === null ? ("charged" as const) : ("released" as const),
  }));
  return { ...openLedger(policy), entries };
}
