/** The town while it stands: two nodes, a commissioner, its people, and how they behave. */

import { fetchHpkeConfig } from "@sumus/client";
import type { HpkeConfig } from "@sumus/dap/messages";
import type { Progress } from "../progress.ts";
import type { BehaviourShares } from "./behaviour.ts";
import { type Commissioner, createCommissioner } from "./collector.ts";
import type { TownStore } from "./node-stores.ts";
import { type Nodes, startNodes } from "./nodes.ts";
import type { Settlers } from "./quarter.ts";
import { createQuarters, type Quarters, threadsFor } from "./quarters.ts";
import { createSeededRandom, type SeededRandom } from "./seeded-random.ts";
import { createTownHttp, type TownHttp } from "./town-http.ts";

/** People who live in the town. */
export type Settlement = Pick<Settlers, "name" | "population">;

export interface Town {
  readonly nodes: Nodes;
  readonly http: TownHttp;
  readonly commissioner: Commissioner;
  readonly hpkeConfigs: { readonly leader: HpkeConfig; readonly helper: HpkeConfig };
  readonly quarters: Quarters;
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
  /** For vaults; as many as town and machine call for unless it says otherwise. */
  readonly threads?: number;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/** Builds a town for these people, does something in it, and takes it down whatever happens. */
export async function withTown<T>(
  options: TownOptions,
  settlers: readonly Settlers[],
  act: (town: Town) => Promise<T>,
): Promise<T> {
  const { progress, signal } = options;
  signal.throwIfAborted();
  const nodes = await startNodes(progress, options.store ?? "pglite");
  const people = settlers.reduce((sum, { population }) => sum + population.rowsOf.length, 0);
  const threads = options.threads ?? threadsFor(people);
  const quarters = createQuarters(threads, progress, signal);
  try {
    for (const each of settlers) await quarters.settle(each);
    const http = createTownHttp((text) => progress.note(text), signal);
    const [leader, helper] = await Promise.all([
      fetchHpkeConfig(http.leader, nodes.leader.url),
      fetchHpkeConfig(http.helper, nodes.helper.url),
    ]);
    return await act({
      nodes,
      http,
      commissioner: createCommissioner(nodes, http, signal),
      hpkeConfigs: { leader, helper },
      quarters,
      shares: options.shares,
      random: createSeededRandom(options.seed),
      progress,
      signal,
    });
  } finally {
    await quarters.close();
    await nodes.close();
  }
}
