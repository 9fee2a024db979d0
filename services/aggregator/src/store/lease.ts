/**
 * Leases: a job belongs to whoever wrote the token in its row, until `available_at`. Every later
 * write names the token, so a worker that was away too long writes nothing.
 *
 * @module
 */

/** Longer than a step with all its tries takes, short enough to wait for after a replica died. */
export const LEASE_SECONDS = 300;

/** The first pause after a failure; it doubles up to the last. */
const PAUSE_SECONDS_FIRST = 1;
const PAUSE_SECONDS_LAST = 60;

/** Another worker took the job over, or it is finished. */
export class LeaseLostError extends Error {
  override readonly name = "LeaseLostError";
  readonly code = "leaseLost";

  constructor() {
    super("expected to hold the job's lease, but another worker took it over");
  }
}

/** How long to wait after `failureCount` failures in a row. */
export function pauseSeconds(failureCount: number): number {
  return Math.min(PAUSE_SECONDS_LAST, PAUSE_SECONDS_FIRST * 2 ** Math.min(failureCount - 1, 16));
}
