/** CPU time of this thread and of maps, to tell apart what vaults and what the lab around them spend. */

import type { MapPool } from "@sumus/sandbox";
import type { MapRunner } from "@sumus/vault";

/** Of this thread since it began, in milliseconds. */
export function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

export interface MeteredMaps extends MapRunner {
  /** CPU time of the runs, on the threads of the pool; right in sum. */
  mapMs(): number;
  /** CPU time of this thread during the runs, when it was busy with something else. */
  meanwhileMs(): number;
}

/** The same pool, counting CPU time; for one run at a time. */
export function meteredMaps(pool: MapPool): MeteredMaps {
  let [map, meanwhile] = [0, 0];
  return {
    run: async (request) => {
      const before = pool.spentCpuMs ?? 0;
      const pending = pool.run(request);
      const begin = cpuMs();
      const outcome = await pending;
      meanwhile += cpuMs() - begin;
      map += (pool.spentCpuMs ?? 0) - before;
      return outcome;
    },
    mapMs: () => map,
    meanwhileMs: () => meanwhile,
  };
}
