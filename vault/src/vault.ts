/**
 * A person's vault: collections, rules, budget, journal, and the contributions made from them.
 *
 * Its state changes in single synchronous steps, and `exportState` is all of it. Whoever stores
 * the state between `contribute` and sending, as {@link Vault.contribute} asks, can crash anywhere:
 * a restored vault sends the very same reports again, and charges nothing twice.
 *
 * @module
 */
import {
  type BudgetPolicy,
  type ConsentRule,
  charge,
  evaluateConsent,
  type Ledger,
  markReleased,
  openLedger,
  type Remaining,
  refund,
  remainingBudget,
} from "@sumus/consent";
import type { TaskMeasurement } from "@sumus/dap";
import type { ConsentStatement } from "@sumus/study";
import type { Clock, RandomBytes } from "@sumus/time";
import type { Collection } from "./collection.ts";
import { type ContributionContext, type MadeContribution, makeContribution } from "./contribute.ts";
import { whyNotEligible } from "./eligible-rows.ts";
import type { JournalEntry, JournalEvent } from "./journal.ts";
import { selectTables } from "./map-tables.ts";
import { type MapRunner, type Measured, measure } from "./measure.ts";
import { rehearse } from "./rehearse.ts";
import { fateOf, type NodesSay, type StudyNodes } from "./study-fate.ts";
import type { StudyTerms } from "./study-terms.ts";

/** What a vault needs to live: its owner's things, and time and chance. */
export interface VaultOptions {
  readonly owner: string;
  readonly collections: readonly Collection[];
  readonly rules: readonly ConsentRule[];
  readonly budget: BudgetPolicy;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
}

/** A contribution as it is kept. */
export interface StoredContribution {
  readonly study: string;
  readonly title: string;
  readonly preparedSeconds: number;
  readonly rho: number;
  /** Who can say what became of the study; a contribution of an earlier version has none. */
  readonly nodes?: StudyNodes;
  readonly state: "prepared" | "sent" | "cancelled";
  /** One for each task; none once they are sent, or not to be sent any more. */
  readonly reports: readonly Uint8Array[];
}

/** All of a vault but its clock and its randomness. */
export interface VaultState {
  readonly owner: string;
  readonly collections: readonly Collection[];
  readonly rules: readonly ConsentRule[];
  readonly ledger: Ledger;
  readonly contributions: readonly StoredContribution[];
  readonly journal: readonly JournalEntry[];
}

export interface Consideration {
  readonly decision: "take part" | "ask" | "decline";
  /** A sentence for the person. */
  readonly reason: string;
  readonly consentText: readonly ConsentStatement[];
}

export type Contribution =
  | {
      readonly ok: true;
      /** One for each task; none when an earlier contribution was sent already. */
      readonly reports: readonly Uint8Array[];
      /** Whether this was made and charged before, and nothing new was. */
      readonly repeated: boolean;
      /** What the reports say: never leaves the vault. Null when repeated. */
      readonly measurements: readonly TaskMeasurement[] | null;
      /** Why the map failed on these rows, so that the reports say nothing; null when it did not. */
      readonly mapProblem: string | null;
    }
  | { readonly ok: false; readonly reason: string };

export type Preview = ({ readonly ok: true } & Measured) | { readonly ok: false; reason: string };

export class Vault {
  readonly owner: string;
  readonly #clock: Clock;
  readonly #randomBytes: RandomBytes;
  #state: VaultState;

  /** From a state that was exported or just made; see `createVault` and `restoreVault`. */
  constructor(state: VaultState, clock: Clock, randomBytes: RandomBytes) {
    this.owner = state.owner;
    this.#state = state;
    this.#clock = clock;
    this.#randomBytes = randomBytes;
  }

  /** The whole state, as a value. */
  exportState(): VaultState {
    return this.#state;
  }

  get journal(): readonly JournalEntry[] {
    return this.#state.journal;
  }

  get rules(): readonly ConsentRule[] {
    return this.#state.rules;
  }

  /** What a collection (or all, for null) has left. */
  remainingBudget(collection: string | null): Remaining {
    return remainingBudget(this.#state.ledger, collection, this.#clock.nowSeconds());
  }

  /** Replaces all rules; what was sent before stays sent. */
  setRules(rules: readonly ConsentRule[], reason: string): void {
    const entry = this.#entry("ruled", null, reason, {});
    this.#state = { ...this.#state, rules, journal: [...this.#state.journal, entry] };
  }

  /**
   * The owner's answer about one study, from now on a rule.
   *
   * @param about `series`: about all occurrences of a study that is asked again
   */
  answer(terms: StudyTerms, says: "yes" | "no", about: "study" | "series" = "study"): void {
    const { series } = terms.request;
    const whole = about === "series" ? series : null;
    const id = whole ?? terms.id;
    const name = `${says} to ${whole === null ? "" : "all of "}${terms.study.title}`;
    const rule: ConsentRule = {
      name,
      effect: says === "yes" ? "allow" : "deny",
      studies: [id],
    };
    const others = this.#state.rules.filter(({ studies }) => {
      return !(studies?.length === 1 && studies[0] === id);
    });
    this.setRules([...others, rule], `you said ${name}`);
  }

  /** Why the study does not admit the owner, by the rows held; null when it does. */
  whyNotEligible({ study }: StudyTerms): string | null {
    return whyNotEligible(study, this.#state.collections);
  }

  /** Whether the vault would take part now, and why. Changes nothing. */
  consider(terms: StudyTerms): Consideration {
    const { consentText } = terms;
    const known = this.#contribution(terms.id);
    if (known !== undefined) {
      return { decision: "decline", reason: "you have taken part in this study", consentText };
    }
    const obstacle = this.#obstacle(terms);
    if (obstacle !== null) return { decision: "decline", reason: obstacle, consentText };
    const { effect, reason } = evaluateConsent(this.#state.rules, terms.request);
    if (effect === "deny") return { decision: "decline", reason, consentText };
    const step = this.#charged(terms);
    if (!step.ok) return { decision: "decline", reason: step.reason, consentText };
    return { decision: effect === "ask" ? "ask" : "take part", reason, consentText };
  }

  /** What the study would learn of this person if it could read their reports. Nothing leaves. */
  async preview(terms: StudyTerms, sandbox: MapRunner): Promise<Preview> {
    const selection = selectTables(terms.study.needs, this.#state.collections);
    if (!selection.ok) return selection;
    const rehearsal = await rehearse(terms, selection.tables, sandbox);
    if (!rehearsal.ok) return rehearsal;
    return { ok: true, ...(await measure(terms, selection.tables, sandbox)) };
  }

  /**
   * Takes part, if the owner's rules and budget allow: makes the reports, charges the budget and
   * stores both in one step. Store `exportState()` before sending, and call {@link markSent} when
   * the leader has them. A study counts a person once: asked again, the vault gives the same bytes
   * until they are sent, and then none.
   */
  async contribute(terms: StudyTerms, context: ContributionContext): Promise<Contribution> {
    const known = this.#contribution(terms.id);
    if (known !== undefined) return repeatedOf(known);
    const selection = selectTables(terms.study.needs, this.#state.collections);
    if (!selection.ok) return this.#decline(terms, selection.reason);
    const before = this.consider(terms);
    if (before.decision !== "take part") return this.#decline(terms, before.reason);
    const nowSeconds = this.#clock.nowSeconds();
    const { tables } = selection;
    const made = await makeContribution(terms, tables, context, nowSeconds, this.#randomBytes);
    if (!made.ok) return this.#decline(terms, made.reason);
    return this.#commit(terms, made);
  }

  /** The leader has the reports: they need not be kept. */
  markSent(terms: StudyTerms): void {
    const known = this.#contribution(terms.id);
    if (known?.state !== "prepared") return;
    const sent = sizeOf(known.reports);
    this.#replace({ ...known, state: "sent", reports: [] });
    this.#append(this.#entry("sent", terms, "the leader has received your reports", sent));
  }

  /**
   * Settles every charge whose study ended, by the lists that the nodes give to everybody: back when both
   * of a study's own nodes cancelled it, final when one has released. Ask for whole lists: a question
   * about one study would tell the helper who takes part in it.
   */
  settle(said: NodesSay): void {
    for (const contribution of this.#state.contributions) {
      if (contribution.nodes === undefined) continue;
      const fate = fateOf(contribution.study, contribution.nodes, said);
      if (fate === "cancelled") this.#settle(contribution, "refunded");
      if (fate === "released") this.#settle(contribution, "released");
    }
  }

  /** The study's answer is out: its charge is final. */
  markReleased(terms: StudyTerms): boolean {
    const known = this.#contribution(terms.id);
    return known !== undefined && this.#settle(known, "released");
  }

  /** Synchronous from the last check to the stored charge, so that racing studies queue up. */
  #commit(terms: StudyTerms, made: MadeContribution & { ok: true }): Contribution {
    const known = this.#contribution(terms.id);
    if (known !== undefined) return repeatedOf(known);
    // Rules and budget may have changed while the map ran.
    const now = this.consider(terms);
    if (now.decision !== "take part") return this.#decline(terms, now.reason);
    const step = this.#charged(terms);
    if (!step.ok) return this.#decline(terms, step.reason);
    const { mapProblem, measurements, reports } = made;
    const contribution: StoredContribution = {
      study: terms.id,
      title: terms.study.title,
      preparedSeconds: this.#clock.nowSeconds(),
      rho: terms.plan.rho,
      nodes: { leader: terms.study.combine.leader, helper: terms.study.combine.helper },
      state: "prepared",
      reports,
    };
    const reason = mapProblem === null ? now.reason : `${now.reason}; ${sentNothing(mapProblem)}`;
    const amounts = { ...sizeOf(reports), rho: terms.plan.rho };
    this.#state = {
      ...this.#state,
      ledger: step.ledger,
      contributions: [...this.#state.contributions, contribution],
      journal: [...this.#state.journal, this.#entry("prepared", terms, reason, amounts)],
    };
    return { ok: true, reports, repeated: false, measurements, mapProblem };
  }

  #charged(terms: StudyTerms): ReturnType<typeof charge> {
    const collections = terms.study.needs.map(({ collection }) => collection);
    const request = { study: terms.id, rho: terms.plan.rho, collections };
    return charge(this.#state.ledger, request, this.#clock.nowSeconds());
  }

  /** What stands in the way apart from the owner's will; null when nothing does. */
  #obstacle(terms: StudyTerms): string | null {
    const { study } = terms;
    const selection = selectTables(study.needs, this.#state.collections);
    if (!selection.ok) return selection.reason;
    const refusal = this.whyNotEligible(terms);
    if (refusal !== null) return refusal;
    const nowSeconds = this.#clock.nowSeconds();
    if (nowSeconds < study.window.opens) return "the study is not open yet";
    return nowSeconds < study.window.closes ? null : "the study is closed";
  }

  #settle(contribution: StoredContribution, state: "refunded" | "released"): boolean {
    const { study, title } = contribution;
    const transition = state === "refunded" ? refund : markReleased;
    const step = transition(this.#state.ledger, study);
    if (!step.ok) return false;
    const [reason, rho] =
      state === "refunded"
        ? ["both nodes cancelled the study before its release", -contribution.rho]
        : ["the study's answer is out", 0];
    const entry = this.#entry(state, { id: study, study: { title } }, reason, { rho });
    this.#state = { ...this.#state, ledger: step.ledger };
    this.#append(entry);
    if (state === "refunded") this.#replace({ ...contribution, state: "cancelled", reports: [] });
    return true;
  }

  /** Polled again and again, a study is noted again only when the reason is another. */
  #decline(terms: StudyTerms, reason: string): Contribution {
    const last = this.#state.journal.findLast(({ study }) => study === terms.id);
    if (last?.event !== "declined" || last.reason !== reason) {
      this.#append(this.#entry("declined", terms, reason, {}));
    }
    return { ok: false, reason };
  }

  #contribution(study: string): StoredContribution | undefined {
    return this.#state.contributions.find((contribution) => contribution.study === study);
  }

  #replace(changed: StoredContribution): void {
    const contributions = this.#state.contributions.map((contribution) =>
      contribution.study === changed.study ? changed : contribution,
    );
    this.#state = { ...this.#state, contributions };
  }

  #append(entry: JournalEntry): void {
    this.#state = { ...this.#state, journal: [...this.#state.journal, entry] };
  }

  #entry(
    event: JournalEvent,
    terms: { readonly id: string; readonly study: { readonly title: string } } | null,
    reason: string,
    amounts: { readonly reports?: number; readonly bytes?: number; readonly rho?: number },
  ): JournalEntry {
    return {
      timeSeconds: this.#clock.nowSeconds(),
      event,
      study: terms?.id ?? null,
      title: terms?.study.title ?? null,
      reason,
      reports: amounts.reports ?? 0,
      bytes: amounts.bytes ?? 0,
      rho: amounts.rho ?? 0,
    };
  }
}

/** A new vault. Collections, rules and budget are shared, not copied. */
export function createVault(options: VaultOptions): Vault {
  const { budget, clock, collections, owner, randomBytes, rules } = options;
  const ledger = openLedger(budget);
  const state = { owner, collections, rules, ledger, contributions: NONE, journal: NONE };
  return new Vault(state, clock, randomBytes);
}

/** A vault as it was when its state was exported. */
export function restoreVault(state: VaultState, clock: Clock, randomBytes: RandomBytes): Vault {
  return new Vault(state, clock, randomBytes);
}

/** Shared by all vaults in which nothing has happened yet. */
const NONE: readonly never[] = [];

function repeatedOf({ reports, state }: StoredContribution): Contribution {
  if (state === "cancelled") return { ok: false, reason: "the study was cancelled" };
  return { ok: true, reports, repeated: true, measurements: null, mapProblem: null };
}

function sizeOf(reports: readonly Uint8Array[]): { reports: number; bytes: number } {
  const bytes = reports.reduce((sum, report) => sum + report.length, 0);
  return { reports: reports.length, bytes };
}

function sentNothing(mapProblem: string): string {
  return `the study's code failed on your rows, so your reports say nothing (${mapProblem})`;
}
