/**
 * Keeps vaults close to the nodes: when many reports wait to be verified, nobody else is asked for a
 * while. Otherwise a million people's reports would lie in the leader's store at once.
 */

import { setTimeout as sleep } from "node:timers/promises";
import { verifiedOf } from "@sumus/client";
import type { CompleteStudy } from "@sumus/study";
import type { Asked, AskedSoFar } from "./asked.ts";
import type { Commissioner } from "./collector.ts";
import type { Quarters } from "./quarters.ts";

/** Reports that may wait: some seconds of work for the nodes. */
const AHEAD_MAX = 50_000;
const POLL_MS = 500;

interface Paced {
  readonly quarters: Pick<Quarters, "hold">;
  readonly commissioner: Pick<Commissioner, "progress">;
  readonly signal: AbortSignal;
  /** Between two looks at the leader; half a second when left out. */
  readonly pollMs?: number;
}

/** @param ask asks everybody, and tells how far it is */
export async function keepPace(
  { quarters, commissioner, signal, pollMs = POLL_MS }: Paced,
  study: CompleteStudy,
  ask: (hear: (soFar: AskedSoFar) => void) => Promise<Asked>,
): Promise<Asked> {
  const failed = Promise.withResolvers<never>();
  let [sent, verified, isWaiting] = [0, 0, false];
  const catchUp = async (): Promise<void> => {
    while (sent - verified > AHEAD_MAX) {
      verified = verifiedOf(await commissioner.progress(study));
      quarters.hold(sent - verified > AHEAD_MAX);
      await sleep(pollMs, undefined, { signal });
    }
  };
  const asking = ask(({ reports }) => {
    sent = reports;
    if (isWaiting || sent - verified <= AHEAD_MAX) return;
    isWaiting = true;
    catchUp().then(() => {
      isWaiting = false;
    }, failed.reject);
  });
  return await Promise.race([asking, failed.promise]);
}
