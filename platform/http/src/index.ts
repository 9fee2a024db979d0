/**
 * HTTP with bounds on everything: a service is a function from Request to Response.
 *
 * @module
 */
export { bearerHeader, createBearerCheck } from "./bearer.ts";
export { BodyBudget, BusyError, readBody, readText } from "./body.ts";
export {
  createHttpClient,
  type HttpClient,
  type HttpClientOptions,
  HttpError,
  type HttpRequest,
  type HttpResponse,
  retryAfterMs,
} from "./client.ts";
export type { Fetch, Sender } from "./fetch.ts";
export { type Listener, type ListenLimits, listen } from "./listen.ts";
export { networkOf } from "./network.ts";
export {
  PROBLEM_MEDIA_TYPE,
  type Problem,
  ProblemError,
  parseProblem,
  plainProblem,
  problemResponse,
} from "./problem.ts";
export { RateLimit, RateLimitError } from "./rate-limit.ts";
