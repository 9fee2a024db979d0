/**
 * Patience with a helper that has a request and answers later.
 *
 * @module
 */
import { formatTimestamp } from "@sumus/document";
import { DEFERRAL_COUNT_MAX, DEFERRAL_SECONDS_MAX } from "../limits.ts";

/** What a job remembers of the present question. */
export interface Deferrals {
  /** How often the helper has said that it will answer later. */
  readonly deferralCount: number;
  /** Since when; null when it has not said so. */
  readonly deferredSinceSeconds: number | null;
}

export interface NextDeferrals {
  readonly deferralCount: number;
  readonly deferredSinceSeconds: number;
  /** In words, for the study's status; null when it has only just begun. */
  readonly trouble: string | null;
  /** Whether no honest helper takes so long. */
  readonly isTooMuch: boolean;
}

/** The helper says once more that it will answer later. */
export function deferOnce(job: Deferrals, nowSeconds: number): NextDeferrals {
  const deferralCount = job.deferralCount + 1;
  const deferredSinceSeconds = job.deferredSinceSeconds ?? nowSeconds;
  const since = formatTimestamp(deferredSinceSeconds);
  const trouble = `the helper is still working on it, asked ${deferralCount} times since ${since}`;
  const seconds = nowSeconds - deferredSinceSeconds;
  return {
    deferralCount,
    deferredSinceSeconds,
    trouble: deferralCount > 1 ? trouble : null,
    // Of both: a leader that was away for long has not asked.
    isTooMuch: deferralCount >= DEFERRAL_COUNT_MAX && seconds >= DEFERRAL_SECONDS_MAX,
  };
}
