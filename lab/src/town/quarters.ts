/**
 * The town's quarters: everybody lives in one of them, an equal part in each. Who plays what is drawn
 * for the whole town, so that nothing but the speed depends on the number of threads.
 */

import { availableParallelism } from "node:os";
import type { CompleteStudy } from "@sumus/study";
import type { Progress } from "../progress.ts";
import {
  type Asked,
  type AskedSoFar,
  addAsked,
  addSoFar,
  isHopeless,
  NOBODY_ASKED,
} from "./asked.ts";
import { sliceOf } from "./population.ts";
import {
  type AskOrder,
  createQuarter,
  type Quarter,
  type QuarterNews,
  type Settlers,
} from "./quarter.ts";
import { startQuarter } from "./quarter-thread.ts";

/**
 * A thread loads and compiles all that vaults need once more, which takes half a second of CPU time:
 * below this many people it costs more than it gives.
 */
const THREAD_PEOPLE_MIN = 2000;
/** Of what a study costs over all processes, vaults take two fifths; nodes and databases the rest. */
const VAULTS_SHARE = 0.4;
const THREADS_MAX = 8;

/** Threads for so many people; none for few. */
export function threadsFor(people: number): number {
  if (people < THREAD_PEOPLE_MIN) return 0;
  return Math.min(THREADS_MAX, Math.ceil(availableParallelism() * VAULTS_SHARE));
}

export interface Quarters {
  settle(settlers: Settlers): Promise<void>;
  /** Where liars claim; 0 where nobody is found whom anybody reads about. */
  findClaim(settlers: string, study: CompleteStudy): Promise<number>;
  /** Asks everybody; ends early when nobody can answer. `hear` has the town's numbers. */
  ask(order: AskOrder, hear: (soFar: AskedSoFar) => void): Promise<Asked>;
  release(settlers: string, study: CompleteStudy): Promise<void>;
  hold(isHeld: boolean): void;
  close(): Promise<void>;
}

class TownQuarters implements Quarters {
  readonly #quarters: readonly Quarter[];
  readonly #soFar: AskedSoFar[];
  readonly #people = new Map<string, number>();
  readonly #note: (text: string) => void;
  #hear: (soFar: AskedSoFar) => void = () => {};

  constructor(threads: number, note: (text: string) => void, signal: AbortSignal) {
    this.#note = note;
    const start = threads === 0 ? createQuarter : startQuarter;
    this.#quarters = Array.from({ length: Math.max(1, threads) }, (_, index) =>
      start((news) => this.#take(index, news), signal),
    );
    this.#soFar = this.#quarters.map(() => NOBODY_ASKED);
  }

  async settle(settlers: Settlers): Promise<void> {
    const { name, population } = settlers;
    const people = population.rowsOf.length;
    this.#people.set(name, people);
    await this.#everywhere((quarter, index) => {
      const slice = sliceOf(population, this.#begin(people, index), this.#begin(people, index + 1));
      return quarter.settle({ ...settlers, population: slice });
    });
  }

  async findClaim(settlers: string, study: CompleteStudy): Promise<number> {
    return (await this.#quarters[0]?.findClaim(settlers, study)) ?? 0;
  }

  async ask(order: AskOrder, hear: (soFar: AskedSoFar) => void): Promise<Asked> {
    this.#hear = hear;
    this.#soFar.fill(NOBODY_ASKED);
    const people = this.#people.get(order.settlers) ?? 0;
    const parts = await this.#everywhere((quarter, index) => {
      const begin = this.#begin(people, index);
      const casting = order.casting.slice(begin, this.#begin(people, index + 1));
      return quarter.ask({ ...order, casting });
    });
    return parts.reduce(addAsked);
  }

  async release(settlers: string, study: CompleteStudy): Promise<void> {
    await this.#everywhere((quarter) => quarter.release(settlers, study));
  }

  hold(isHeld: boolean): void {
    for (const quarter of this.#quarters) quarter.hold(isHeld);
  }

  async close(): Promise<void> {
    await this.#everywhere((quarter) => quarter.close());
  }

  /** The first place of a quarter. */
  #begin(people: number, index: number): number {
    return Math.floor((people * index) / this.#quarters.length);
  }

  async #everywhere<T>(act: (quarter: Quarter, index: number) => Promise<T>): Promise<T[]> {
    return await Promise.all(this.#quarters.map(act));
  }

  #take(index: number, news: QuarterNews): void {
    if (news.kind === "note") {
      this.#note(news.text);
      return;
    }
    this.#soFar[index] = news.soFar;
    const soFar = this.#soFar.reduce(addSoFar);
    if (isHopeless(soFar)) for (const quarter of this.#quarters) quarter.stopAsking();
    this.#hear(soFar);
  }
}

/** @param threads each with a quarter of its own; none for one quarter in this thread */
export function createQuarters(threads: number, progress: Progress, signal: AbortSignal): Quarters {
  return new TownQuarters(threads, (text) => progress.note(text), signal);
}
