/**
 * How a request ends that cannot be answered: always as a problem document with a reason.
 *
 * @module
 */
import { DecodeError } from "@sumus/codec";
import { DapProblem, parseProblemDocument, problemDocument } from "@sumus/dap";
import {
  BusyError,
  PROBLEM_MEDIA_TYPE,
  ProblemError,
  plainProblem,
  problemResponse,
  RateLimitError,
} from "@sumus/http";
import { describeError, type Logger, WorkerPoolError } from "@sumus/runtime";
import { CommitUnknownError, ConnectionLostError, StoreFullError } from "@sumus/storage";
import { QueueFullError } from "./jobs/group-commit.ts";

const RETRY_AFTER_SECONDS = "2";

/** @param taskId the task that the request was about, when its path names one */
export function errorResponse(error: unknown, log: Logger, taskId?: Uint8Array): Response {
  if (error instanceof DapProblem) return dapResponse(error, taskId);
  if (error instanceof DecodeError) {
    return dapResponse(new DapProblem("invalidMessage", error.message), taskId);
  }
  if (error instanceof ProblemError) return problemResponse(error.problem);
  if (error instanceof RateLimitError) {
    const problem = plainProblem(429, "Too many requests", error.message);
    return problemResponse(problem, { "retry-after": String(error.retryAfterSeconds) });
  }
  if (isQueueFull(error)) {
    const detail = "more is waiting than can be handled in time; send the same request again later";
    const problem = plainProblem(503, "Service unavailable", detail);
    return problemResponse(problem, { "retry-after": RETRY_AFTER_SECONDS });
  }
  if (error instanceof ConnectionLostError || error instanceof CommitUnknownError) {
    log.error("the database is away", { why: error.message });
    const detail = "this node's database is away; send the same request again later";
    const problem = plainProblem(503, "Service unavailable", detail);
    return problemResponse(problem, { "retry-after": RETRY_AFTER_SECONDS });
  }
  if (error instanceof StoreFullError) {
    log.error("the store is full", { why: error.message });
    const detail =
      "this node's store has no room; what it acknowledged is safe. Send the same request again later";
    const problem = plainProblem(507, "Insufficient storage", detail);
    return problemResponse(problem, { "retry-after": RETRY_AFTER_SECONDS });
  }
  log.error("a request failed", { why: describeError(error) });
  const detail = "this node failed; its log says why. Send the same request again later";
  return problemResponse(plainProblem(500, "Internal error", detail));
}

/** A problem document that a job has ended with, as it stands in its row. */
export function readStoredProblem(text: string): DapProblem {
  return parseProblemDocument(JSON.parse(text)) ?? new DapProblem("batchMismatch", text);
}

function isQueueFull(error: unknown): boolean {
  if (error instanceof WorkerPoolError) return error.code === "queueFull";
  return error instanceof QueueFullError || error instanceof BusyError;
}

function dapResponse(problem: DapProblem, taskId?: Uint8Array): Response {
  return new Response(JSON.stringify(problemDocument(problem, taskId)), {
    status: problem.status,
    headers: { "content-type": PROBLEM_MEDIA_TYPE },
  });
}
