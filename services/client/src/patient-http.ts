/**
 * Requests to nodes that may be away, busy or paused: sent again until something final is answered,
 * or patience ends. Only requests that may arrive twice.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import {
  createHttpClient,
  type HttpClientOptions,
  HttpError,
  type HttpRequest,
  type HttpResponse,
  retryAfterMs,
} from "@sumus/http";
import { NodeError } from "./node-error.ts";
import { reasonOf } from "./refusal.ts";

const PATIENCE_MS = 120_000;
const PAUSE_MS = 300;
const PAUSE_MS_MAX = 5_000;
/** No answer that we ask for is larger: an aggregate of the largest vector, or a thousand tasks. */
const BODY_BYTES_MAX = 64 * 1024 * 1024;

export interface PatientHttp {
  /**
   * The first final answer, and how often the request was sent before it.
   *
   * @throws {NodeError} unavailable, when patience ends
   */
  send(
    request: HttpRequest,
  ): Promise<{ readonly response: HttpResponse; readonly retries: number }>;
}

export interface PatientHttpOptions {
  /** Ends the waiting at once. */
  readonly signal: AbortSignal;
  /** How long a request is sent again; by default two minutes. */
  readonly patienceMs?: number;
  /** Hears once a request what it waits for. */
  readonly onTrouble?: (trouble: string) => void;
  readonly http?: HttpClientOptions;
}

export function createPatientHttp(options: PatientHttpOptions): PatientHttp {
  const { signal, patienceMs = PATIENCE_MS, onTrouble } = options;
  const client = createHttpClient({ triesMax: 1, bodyBytesMax: BODY_BYTES_MAX, ...options.http });
  return {
    async send(request) {
      const deadline = performance.now() + patienceMs;
      for (let retries = 0; ; retries++) {
        signal.throwIfAborted();
        const answer = await sendOnce(client, request);
        if (answer.kind === "final") return { response: answer.response, retries };
        const pauseMs = Math.min(PAUSE_MS * 2 ** Math.min(retries, 10), PAUSE_MS_MAX);
        const waitMs = Math.max(pauseMs * (0.5 + Math.random() / 2), answer.waitMs);
        if (performance.now() + waitMs > deadline) {
          throw new NodeError("unavailable", `${request.url} ${answer.trouble}`, answer.options);
        }
        if (retries === 0) onTrouble?.(answer.trouble);
        await sleep(waitMs, undefined, { signal });
      }
    },
  };
}

type Answer =
  | { readonly kind: "final"; readonly response: HttpResponse }
  | {
      readonly kind: "later";
      readonly trouble: string;
      readonly waitMs: number;
      readonly options: { readonly status?: number; readonly cause?: unknown };
    };

async function sendOnce(
  client: ReturnType<typeof createHttpClient>,
  request: HttpRequest,
): Promise<Answer> {
  try {
    const response = await client.send(request);
    if (!mayPass(response)) return { kind: "final", response };
    const waitMs = retryAfterMs(response.headers) ?? 0;
    const trouble = `answers: ${reasonOf(response)}`;
    return { kind: "later", trouble, waitMs, options: { status: response.status } };
  } catch (cause) {
    if (!(cause instanceof HttpError)) throw cause;
    const trouble = cause.code === "timeout" ? "does not answer in time" : "does not answer";
    return { kind: "later", trouble, waitMs: 0, options: { cause } };
  }
}

/** Faults of servers, and too many requests; everything else is final. */
function mayPass({ status }: HttpResponse): boolean {
  return status >= 500 || status === 429 || status === 408;
}
