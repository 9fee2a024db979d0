/** What a node says is left of a population's budget, in words. */

import { createPatientHttp, fetchPopulation, type PopulationBudget } from "@sumus/client";
import { inWords } from "../tasks/ask-operator.ts";

const PATIENCE_MS = 10_000;

/** Null when the node knows no such population. @throws {CliError} */
export async function findPopulation(
  node: string,
  id: string,
  signal: AbortSignal,
): Promise<PopulationBudget | null> {
  try {
    return await fetchPopulation(createPatientHttp({ signal, patienceMs: PATIENCE_MS }), node, id);
  } catch (error) {
    throw inWords(error, node);
  }
}

/** Such as `population town has 0.38 rho left of 0.5 in 30 days`. */
export function describeBudget({ id, budget, leftRho }: PopulationBudget): string {
  const left = Number(leftRho.toPrecision(3));
  return `population ${id} has ${left} rho left of ${budget.rho} in ${budget.days} days`;
}
