/** The town while it stands: two nodes, a commissioner, a sandbox, and how its people behave. */

import { fetchHpkeConfig } from "@sumus/client";
import type { HpkeConfig } from "@sumus/dap/messages";
import { createMapPool, type MapPool } from "@sumus/sandbox";
import type { Progress } from "../progress.ts";
import type { BehaviourShares } from "./behaviour.ts";
import { type Commissioner, createCommissioner } from "./collector.ts";
import type { TownStore } from "./node-stores.ts";
import { type Nodes, startNodes } from "./nodes.ts";
import { createSeededRandom, type SeededRandom } from "./seeded-random.ts";
import { createTownHttp, type TownHttp } from "./town-http.ts";

export interface Town {
  readonly nodes: Nodes;
  readonly http: TownHttp;
  readonly commissioner: Commissioner;
  readonly hpkeConfigs: { readonly leader: HpkeConfig; readonly helper: HpkeConfig };
  readonly maps: MapPool;
  readonly shares: BehaviourShares;
  readonly random: SeededRandom;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface TownOptions {
  readonly shares: BehaviourShares;
  readonly seed: string;
  /** Where the nodes keep what they know; `pglite` unless it says otherwise. */
  readonly store?: TownStore;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Builds a town, does something in it, and takes it down whatever happens. */
export async function withTown<T>(
  options: TownOptions,
  act: (town: Town) => Promise<T>,
): Promise<T> {
  const { progress, signal } = options;
  signal.throwIfAborted();
  const nodes = await startNodes(progress, options.store ?? "pglite");
  // One after the other, people ask for one map at a time.
  const maps = createMapPool({ threads: 1 });
  try {
    const http = createTownHttp(progress, signal);
    const [leader, helper] = await Promise.all([
      fetchHpkeConfig(http.leader, nodes.leader.url),
      fetchHpkeConfig(http.helper, nodes.helper.url),
    ]);
    return await act({
      nodes,
      http,
      commissioner: createCommissioner(nodes, http, signal),
      hpkeConfigs: { leader, helper },
      maps,
      shares: options.shares,
      random: createSeededRandom(options.seed),
      progress,
      signal,
    });
  } finally {
    await maps.close();
    await nodes.close();
  }
}
