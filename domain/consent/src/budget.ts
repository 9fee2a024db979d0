/**
 * What a person is willing to reveal, in rho of zero-concentrated differential privacy, and what
 * they have spent: for each collection, and over all. A limit holds for every stretch of time as
 * long as the period, wherever it begins, so there is no moment at which it starts anew.
 *
 * Ledgers are values; the transitions below are the only way from one to the next, and none leads
 * to a ledger that has spent more than its limits. Amounts are counted in whole billionths of rho,
 * charges rounded up and limits down, so that sums are exact.
 *
 * @module
 */
import { assert } from "@sumus/assert";

const NANO = 1e9;

export interface BudgetPolicy {
  readonly periodSeconds: number;
  /** Over all collections, in rho. */
  readonly totalRho: number;
  /** For each collection that has a limit of its own, in rho. */
  readonly collectionRho: Readonly<Record<string, number>>;
  /** For each other collection, in rho. */
  readonly otherRho: number;
}

export interface LedgerEntry {
  /** Id of the study in lower-case hex; a study is charged once. */
  readonly study: string;
  readonly chargedSeconds: number;
  readonly nanoRho: number;
  readonly collections: readonly string[];
  /** A released study cannot be refunded; a refunded one no longer counts. */
  readonly state: "charged" | "released" | "refunded";
}

export interface Ledger {
  readonly policy: BudgetPolicy;
  /** In order of charging. */
  readonly entries: readonly LedgerEntry[];
}

export interface Charge {
  readonly study: string;
  readonly rho: number;
  /** Every collection that the study reads. */
  readonly collections: readonly string[];
}

export type LedgerStep =
  | { readonly ok: true; readonly ledger: Ledger }
  | { readonly ok: false; readonly reason: string };

/** What one account has left. */
export interface Remaining {
  readonly limitRho: number;
  readonly spentRho: number;
  readonly remainingRho: number;
}

/** @throws {AssertionError} when the policy is not one of finite, non-negative amounts */
export function openLedger(policy: BudgetPolicy): Ledger {
  const amounts = [policy.totalRho, policy.otherRho, ...Object.values(policy.collectionRho)];
  for (const amount of [...amounts, policy.periodSeconds]) {
    assert(Number.isFinite(amount) && amount >= 0, "budgets are finite and not negative");
  }
  return { policy, entries: [] };
}

/**
 * Charges a study to the total and to every collection it reads, or to none of them.
 *
 * @param accountName what an account is called when it is short: the total is null
 */
export function charge(
  ledger: Ledger,
  request: Charge,
  nowSeconds: number,
  accountName: (collection: string | null) => string = ownersName,
): LedgerStep {
  assert(Number.isFinite(request.rho) && request.rho > 0, "a charge is positive");
  if (ledger.entries.some(({ study }) => study === request.study)) {
    return { ok: false, reason: "this study was charged before" };
  }
  const nanoRho = Math.ceil(request.rho * NANO);
  for (const collection of [null, ...request.collections]) {
    const left = limitOf(ledger.policy, collection) - spentOn(ledger, collection, nowSeconds);
    if (nanoRho > left) {
      const has = `${accountName(collection)} has ${inRho(Math.max(0, left))} rho left`;
      return { ok: false, reason: `${has}; this study costs ${inRho(nanoRho)}` };
    }
  }
  const { collections, study } = request;
  const entry: LedgerEntry = {
    study,
    chargedSeconds: nowSeconds,
    nanoRho,
    collections,
    state: "charged",
  };
  return { ok: true, ledger: { ...ledger, entries: [...ledger.entries, entry] } };
}

function ownersName(collection: string | null): string {
  return collection === null ? "your total budget" : `your budget for ${collection}`;
}

/** Gives a charge back: for a study that was cancelled before anything of it was released. */
export function refund(ledger: Ledger, study: string): LedgerStep {
  return settle(ledger, study, "refunded");
}

/** Makes a charge final. */
export function markReleased(ledger: Ledger, study: string): LedgerStep {
  return settle(ledger, study, "released");
}

/** What the total (null) or a collection has left for a study that would be charged now. */
export function remainingBudget(
  ledger: Ledger,
  collection: string | null,
  nowSeconds: number,
): Remaining {
  const limit = limitOf(ledger.policy, collection);
  const spent = spentOn(ledger, collection, nowSeconds);
  return {
    limitRho: limit / NANO,
    spentRho: spent / NANO,
    remainingRho: Math.max(0, limit - spent) / NANO,
  };
}

function settle(ledger: Ledger, study: string, state: "released" | "refunded"): LedgerStep {
  const index = ledger.entries.findIndex((entry) => entry.study === study);
  const entry = ledger.entries[index];
  if (entry === undefined) return { ok: false, reason: "this study was never charged" };
  if (entry.state !== "charged") {
    return { ok: false, reason: `this study was ${entry.state} before` };
  }
  return {
    ok: true,
    ledger: { ...ledger, entries: ledger.entries.with(index, { ...entry, state }) },
  };
}

function limitOf(policy: BudgetPolicy, collection: string | null): number {
  if (collection === null) return Math.floor(policy.totalRho * NANO);
  const own = Object.hasOwn(policy.collectionRho, collection)
    ? policy.collectionRho[collection]
    : undefined;
  return Math.floor((own ?? policy.otherRho) * NANO);
}

/** An entry ahead of the clock counts too: a clock that goes back must not give anything back. */
function spentOn(ledger: Ledger, collection: string | null, nowSeconds: number): number {
  let spent = 0;
  for (const entry of ledger.entries) {
    const counts =
      entry.state !== "refunded" &&
      entry.chargedSeconds > nowSeconds - ledger.policy.periodSeconds &&
      (collection === null || entry.collections.includes(collection));
    if (counts) spent += entry.nanoRho;
  }
  return spent;
}

function inRho(nanoRho: number): string {
  return (nanoRho / NANO).toLocaleString("en", { maximumSignificantDigits: 3 });
}
