/** CPU time of maps, to tell apart what vaults and what the lab around them spend. */

import { threadCpuMs } from "@sumus/runtime";
import type { MapOutcome, MapPool, MapRequest } from "@sumus/sandbox";
import type { MapRunner } from "@sumus/vault";

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
        const begin = threadCpuMs();
        const { outcome, spentMs } = await this.#run(request);
        this.contributionsMs += spentMs;
        runner.awayMs += threadCpuMs() - begin;
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
