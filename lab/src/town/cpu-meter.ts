/** CPU time of this thread and of maps, to tell apart what vaults and what the lab around them spend. */

import type { MapOutcome, MapPool, MapRequest } from "@sumus/sandbox";
import type { MapRunner } from "@sumus/vault";

/** Of this thread since it began, in milliseconds. */
export function cpuMs(): number {
  // Why: Linux tells a thread what it had used at the last tick of its clock, milliseconds ago; being
  // asked about the whole process it brings that up to date.
  process.cpuUsage();
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/**
 * CPU time of a pool's thread by who asked for the map. The pool has one thread, so that what it
 * spent between two answers was spent on the second.
 */
export class MapMeter {
  /** In milliseconds. */
  contributionsMs = 0;
  readonly #pool: MapPool;
  #readMs = 0;

  constructor(pool: MapPool) {
    this.#pool = pool;
  }

  /** For the lab's own eyes: counted for nobody. */
  readonly truth: MapRunner = { run: async (request) => (await this.#run(request)).outcome };

  /** For one contribution; `awayMs` is CPU time of this thread, spent on others meanwhile. */
  forContribution(): MapRunner & { awayMs: number } {
    const runner = {
      awayMs: 0,
      run: async (request: MapRequest): Promise<MapOutcome> => {
        const begin = cpuMs();
        const { outcome, spentMs } = await this.#run(request);
        this.contributionsMs += spentMs;
        runner.awayMs += cpuMs() - begin;
        return outcome;
      },
    };
    return runner;
  }

  async #run(request: MapRequest): Promise<{ outcome: MapOutcome; spentMs: number }> {
    const outcome = await this.#pool.run(request);
    const totalMs = this.#pool.spentCpuMs ?? 0;
    const spentMs = totalMs - this.#readMs;
    this.#readMs = totalMs;
    return { outcome, spentMs };
  }
}
