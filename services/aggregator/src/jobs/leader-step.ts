import { createHttpClient, type HttpClientOptions } from "@sumus/http";
import type { Logger } from "@sumus/runtime";
import type { Store } from "@sumus/storage";
import type { Clock, RandomBytes } from "@sumus/time";
import type { HpkeKeyring } from "../hpke-keys/keyring.ts";
import type { Meters } from "../operator/node-metrics.ts";
import type { ServedTasks } from "../served-tasks.ts";
import { LeaseLostError } from "../store/lease.ts";
import type { Verifier } from "../verifier.ts";
import { createAggregationDriver } from "./aggregation-driver.ts";
import { createCollectionDriver } from "./collection-driver.ts";
import type { GatherGate } from "./gather-gate.ts";
import { type Aside, createHelperClient } from "./helper-client.ts";
import { HelperTurns } from "./helper-turns.ts";

/** The job itself is tried again later: these are for a connection that broke this moment. */
const TRIES_MAX = 2;

export interface LeaderServices {
  readonly store: Store;
  readonly tasks: ServedTasks;
  readonly keys: HpkeKeyring;
  /** How helpers are reached, where it differs from the usual. */
  readonly peerHttp: HttpClientOptions | undefined;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  /** A new token for a lease. */
  readonly leaseToken: () => Uint8Array;
  readonly verifier: Verifier;
  readonly gate: GatherGate;
  readonly aside: Aside;
  readonly meters: Pick<Meters, "helper">;
  readonly log: Logger;
}

/** The leader's work between requests: a collection that is due, or else an aggregation. */
export function createLeaderStep(services: LeaderServices): () => Promise<boolean> {
  const { peerHttp, meters, aside, log } = services;
  const http = createHttpClient({ triesMax: TRIES_MAX, ...peerHttp });
  const helper = createHelperClient({ http, durations: meters.helper, aside });
  const turns = new HelperTurns();
  const aggregation = createAggregationDriver({ ...services, helper, turns });
  const collection = createCollectionDriver({ ...services, helper, turns });
  return async () => {
    try {
      return (await collection.step()) || (await aggregation.step());
    } catch (error) {
      if (!(error instanceof LeaseLostError)) throw error;
      log.warn("a job was taken over by another worker", { why: error.message });
      return true;
    }
  };
}
