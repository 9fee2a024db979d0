/**
 * Whether a person takes part, and what it costs them: standing rules, and a budget of privacy.
 *
 * @module
 */
export {
  type BudgetPolicy,
  type Charge,
  charge,
  type Ledger,
  type LedgerEntry,
  type LedgerStep,
  markReleased,
  openLedger,
  type Remaining,
  refund,
  remainingBudget,
} from "./budget.ts";
export { type ConsentRequest, consentRequest } from "./consent-request.ts";
export { type ConsentDecision, evaluateConsent } from "./evaluate.ts";
export {
  chargePopulation,
  type PopulationCharge,
  type PopulationStep,
  remainingOfPopulation,
} from "./population-budget.ts";
export type { AllowingRule, ConsentRule, DenyingRule } from "./rule.ts";
