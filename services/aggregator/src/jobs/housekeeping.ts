/**
 * What a node does for itself once an hour, leader or helper: whichever replica finds it due does it
 * for all. Chores are harmless when two do them at once; the lease saves the trouble.
 *
 * @module
 */
import type { Logger } from "@sumus/runtime";
import type { Store } from "@sumus/storage";
import type { Clock } from "@sumus/time";
import {
  deleteClosedHpkeKeys,
  type RotationServices,
  rotateHpkeKey,
} from "../hpke-keys/rotation.ts";
import { finishHousekeeping, leaseHousekeeping } from "../store/housekeeping.ts";

import { collectGarbage, type GarbageServices } from "./garbage.ts";

const EVERY_SECONDS = 3600;

/** How often a replica looks whether it is its turn. */
const LOOK_SECONDS = 60;

export interface HousekeepingServices extends RotationServices, GarbageServices {
  readonly store: Store;
  readonly clock: Clock;
  /** A new token for a lease. */
  readonly leaseToken: () => Uint8Array;
  /** After how long HPKE keys are rotated; absent: when the operator says so. */
  readonly rotateAfterSeconds: number | undefined;
  readonly log: Logger;
}

/** Resolves to false when it is nobody's turn, or another's. */
export function createHousekeeping(services: HousekeepingServices): () => Promise<boolean> {
  const { store, clock, leaseToken } = services;
  let nextLookAt = 0;
  return async () => {
    const nowSeconds = clock.nowSeconds();
    if (nowSeconds < nextLookAt) return false;
    nextLookAt = nowSeconds + LOOK_SECONDS;
    const token = leaseToken();
    const isOurs = await store.transaction("lease housekeeping", (transaction) =>
      leaseHousekeeping(transaction, { token, nowSeconds }),
    );
    if (!isOurs) return false;
    await keepHpkeKeys(services);
    await collectGarbage(services);
    await store.transaction("finish housekeeping", (transaction) =>
      finishHousekeeping(transaction, token, nowSeconds + EVERY_SECONDS),
    );
    return true;
  };
}

async function keepHpkeKeys(services: HousekeepingServices): Promise<void> {
  const { rotateAfterSeconds, log } = services;
  if (rotateAfterSeconds !== undefined) {
    const { isNew } = await rotateHpkeKey(services, rotateAfterSeconds);
    if (isNew) log.info("a new HPKE key was made");
  }
  const deleted = await deleteClosedHpkeKeys(services);
  if (deleted.length > 0) log.info("HPKE keys were deleted", { ids: deleted.join(", ") });
}
