/**
 * What requests of each kind are held to, around their handlers: strangers by their network,
 * collectors by their task, the leader by how much a helper does at once.
 *
 * @module
 */
import { encodeHex } from "@sumus/bytes";
import { BusyError, ProblemError, RateLimit, RateLimitError } from "@sumus/http";
import type { Clock } from "@sumus/time";
import type { Handler } from "../app.ts";
import { RATE_BURST_SECONDS } from "../limits.ts";
import type { UploadLimits } from "./upload-limits.ts";

/** Holds everybody who may ask without a token to a rate of his own. */
export function limitSenders(
  handler: Handler,
  { uploadLimits, clock }: { readonly uploadLimits: UploadLimits; readonly clock: Clock },
): Handler {
  return async (request, target, sender) => {
    uploadLimits.admitSender(request, sender, clock.nowSeconds());
    return await handler(request, target, sender);
  };
}

/** A rate for all requests about one task, of the handlers that the result is put around. */
export function limitPerTask(perSecond: number, clock: Clock): (handler: Handler) => Handler {
  const limit = new RateLimit({ perSecond, burst: perSecond * RATE_BURST_SECONDS });
  return (handler) => async (request, target, sender) => {
    const key = encodeHex(target.taskId);
    const waitSeconds = limit.waitSeconds(key, clock.nowSeconds());
    if (waitSeconds > 0) {
      const message = `expected fewer requests about this task; ask again in ${waitSeconds} s`;
      throw new RateLimitError(message, waitSeconds);
    }
    let isStranger = false;
    try {
      return await handler(request, target, sender);
    } catch (error) {
      // Who has no token uses nobody's rate up.
      isStranger = error instanceof ProblemError && error.problem.status === 401;
      throw error;
    } finally {
      if (!isStranger) limit.take(key, 1, clock.nowSeconds());
    }
  };
}

/** Refuses what would be more than `countMax` at once: the sender keeps it and comes back. */
export function limitAtOnce(handler: Handler, countMax: number): Handler {
  let count = 0;
  return async (request, target, sender) => {
    if (count >= countMax)
      throw new BusyError(`expected at most ${countMax} such requests at once`);
    count++;
    try {
      return await handler(request, target, sender);
    } finally {
      count--;
    }
  };
}
