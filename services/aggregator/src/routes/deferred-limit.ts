import { RateLimitError } from "@sumus/http";
import type { Transaction } from "@sumus/storage";
import { DEFERRED_REQUESTS_MAX } from "../limits.ts";
import { type AnswerKind, countDeferred } from "../store/stored-answers.ts";
import { DEFERRED_RETRY_SECONDS } from "./respond.ts";

/** @throws {RateLimitError} when as many requests wait for their answers as may */
export async function requireRoomForDeferred(
  transaction: Transaction,
  kind: AnswerKind,
): Promise<void> {
  if ((await countDeferred(transaction, kind)) < DEFERRED_REQUESTS_MAX) return;
  throw new RateLimitError("more requests wait for their answers", DEFERRED_RETRY_SECONDS);
}
