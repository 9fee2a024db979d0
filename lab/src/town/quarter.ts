/**
 * A quarter of the town: some of its people with their vaults, a thread for their maps, and a way to
 * the leader. It does the same in the main thread, for a small town, as in a thread of its own; what
 * goes in and out is plain data.
 *
 * Vaults are made when they are asked. A town that asks more than once keeps them; in any other
 * nothing is left of a vault when the leader has its reports, so that a million need no memory.
 */

import { encodeHex } from "@sumus/bytes";
import type { BudgetPolicy } from "@sumus/consent";
import type { HpkeConfig } from "@sumus/dap/messages";
import { createMapPool } from "@sumus/sandbox";
import { type CompleteStudy, studyId } from "@sumus/study";
import { type StudyTerms, studyTerms } from "@sumus/vault";
import { ask } from "./ask.ts";
import type { Asked, AskedSoFar } from "./asked.ts";
import type { Casting } from "./behaviour.ts";
import { claimedNumber, firstIndex } from "./census.ts";
import { MapMeter } from "./cpu-meter.ts";
import { type Population, personAt } from "./population.ts";
import { createResident, type Resident, type Schemas } from "./resident.ts";
import { createTownHttp } from "./town-http.ts";
import { createUploader } from "./uploader.ts";

/** People who move into a quarter. */
export interface Settlers {
  /** What they are called together. */
  readonly name: string;
  readonly population: Population;
  readonly schemas: Schemas;
  readonly budget: BudgetPolicy;
  /** Whether their vaults are kept for another study. */
  readonly keepsVaults: boolean;
}

/** One study, for those of a name. */
export interface AskOrder {
  readonly settlers: string;
  readonly study: CompleteStudy;
  readonly casting: Casting;
  readonly claimedIndex: number;
  readonly leaderUrl: string;
  readonly hpkeConfigs: { readonly leader: HpkeConfig; readonly helper: HpkeConfig };
  readonly nowSeconds: number;
}

/** What a quarter tells while it is at work. */
export type QuarterNews =
  | { readonly kind: "soFar"; readonly soFar: AskedSoFar }
  | { readonly kind: "note"; readonly text: string };

/** What the town asks of its quarters, wherever they are. */
export interface Quarter {
  settle(settlers: Settlers): Promise<void>;
  /** Where liars claim to be: where the first person is that anybody reads about, if there is one. */
  findClaim(settlers: string, study: CompleteStudy): Promise<number | null>;
  ask(order: AskOrder): Promise<Asked>;
  /** The answer is out: what the vaults that are kept paid for it is final. */
  release(settlers: string, study: CompleteStudy): Promise<void>;
  /** Makes people wait, or go on. */
  hold(isHeld: boolean): void;
  /** Nobody else is asked. */
  stopAsking(): void;
  close(): Promise<void>;
}

/** People among whom somebody is looked for whose place liars can claim. */
const CLAIM_PEOPLE_MAX = 100;

interface Home extends Settlers {
  readonly vaults: Map<number, Resident>;
}

class LocalQuarter implements Quarter {
  readonly #hear: (news: QuarterNews) => void;
  readonly #ended = new AbortController();
  readonly #signal: AbortSignal;
  readonly #pool = createMapPool({ threads: 1 });
  readonly #maps = new MapMeter(this.#pool);
  readonly #homes = new Map<string, Home>();
  readonly #terms = new Map<string, StudyTerms>();
  #isStopped = false;
  /** While people wait. */
  #held: PromiseWithResolvers<void> | null = null;

  constructor(hear: (news: QuarterNews) => void, signal: AbortSignal) {
    this.#hear = hear;
    this.#signal = AbortSignal.any([signal, this.#ended.signal]);
    this.#signal.addEventListener("abort", () => this.hold(false));
  }

  settle(settlers: Settlers): Promise<void> {
    this.#homes.set(settlers.name, { ...settlers, vaults: new Map() });
    return Promise.resolve();
  }

  async findClaim(settlers: string, study: CompleteStudy): Promise<number | null> {
    const home = this.#home(settlers);
    const terms = this.#termsOf(study);
    const people = Math.min(CLAIM_PEOPLE_MAX, home.population.rowsOf.length);
    for (let place = 0; place < people; place++) {
      this.#signal.throwIfAborted();
      const resident = this.#residentAt(home, place);
      if (!resident.isEligible(terms)) continue;
      const { measurements } = await resident.truth(terms, this.#maps.truth);
      const index = firstIndex(terms.plan, measurements);
      if (claimedNumber(terms.plan, index) !== null) return index;
    }
    return null;
  }

  async ask(order: AskOrder): Promise<Asked> {
    const home = this.#home(order.settlers);
    this.#isStopped = false;
    const signal = this.#signal;
    const note = (text: string): void => this.#hear({ kind: "note", text });
    const { leader } = createTownHttp(note, signal);
    return await ask({
      ...order,
      terms: this.#termsOf(order.study),
      residentAt: (place) => this.#residentAt(home, place),
      maps: this.#maps,
      uploader: createUploader(order.leaderUrl, leader),
      hear: (soFar) => this.#hear({ kind: "soFar", soFar }),
      mayGoOn: async () => {
        while (this.#held !== null) await this.#held.promise;
        signal.throwIfAborted();
        return !this.#isStopped;
      },
    });
  }

  release(settlers: string, study: CompleteStudy): Promise<void> {
    const terms = this.#termsOf(study);
    for (const { vault } of this.#home(settlers).vaults.values()) vault.markReleased(terms);
    return Promise.resolve();
  }

  hold(isHeld: boolean): void {
    this.#held?.resolve();
    this.#held = isHeld && !this.#signal.aborted ? Promise.withResolvers() : null;
  }

  stopAsking(): void {
    this.#isStopped = true;
    this.hold(false);
  }

  async close(): Promise<void> {
    this.#ended.abort();
    await this.#pool.close();
  }

  #home(name: string): Home {
    const home = this.#homes.get(name);
    if (home === undefined) throw new RangeError(`expected people who settled here, got ${name}`);
    return home;
  }

  #termsOf(study: CompleteStudy): StudyTerms {
    const id = encodeHex(studyId(study));
    const terms = this.#terms.get(id) ?? studyTerms(study);
    this.#terms.set(id, terms);
    return terms;
  }

  #residentAt(home: Home, place: number): Resident {
    const { budget, keepsVaults, population, schemas, vaults } = home;
    const known = vaults.get(place);
    if (known !== undefined) return known;
    const resident = createResident(personAt(population, place), schemas, budget);
    if (keepsVaults) vaults.set(place, resident);
    return resident;
  }
}

/** A quarter in this thread. */
export function createQuarter(hear: (news: QuarterNews) => void, signal: AbortSignal): Quarter {
  return new LocalQuarter(hear, signal);
}
