/**
 * The asking side of HTTP: every request has a time limit and a bounded answer, and is sent again a
 * few times when the network or the server fails. Send only requests that may arrive twice.
 *
 * @module
 */
import { readBody } from "./body.ts";
import type { Fetch } from "./fetch.ts";

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array<ArrayBuffer> | string;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** No answer came. What the server did with the request is unknown. */
export class HttpError extends Error {
  override readonly name = "HttpError";
  readonly code: "timeout" | "unreachable";

  constructor(code: "timeout" | "unreachable", message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

export interface HttpClientOptions {
  /** How requests travel; the network when absent. */
  readonly fetch?: Fetch;
  /** For one try, the answer's body included. */
  readonly timeoutMs?: number;
  readonly triesMax?: number;
  /** The first pause between tries; it doubles, half of it by chance. */
  readonly pauseMs?: number;
  readonly bodyBytesMax?: number;
}

const DEFAULTS = {
  timeoutMs: 60_000,
  triesMax: 4,
  pauseMs: 100,
  bodyBytesMax: 64 * 1024 * 1024,
};

/** No server's Retry-After holds a try back for longer; who waits longer asks again later. */
const RETRY_AFTER_MS_MAX = 10_000;

/** Statuses that another try may change: too many requests, and the failures of servers. */
function mayPass(status: number): boolean {
  return status === 429 || status === 408 || status >= 500;
}

export interface HttpClient {
  /**
   * Sends a request until it is answered with something final, or the tries are used up; then the
   * last answer counts, whatever its status.
   *
   * @throws {HttpError} when even the last try got no answer
   */
  send(request: HttpRequest): Promise<HttpResponse>;
}

export function createHttpClient(options: HttpClientOptions = {}): HttpClient {
  const { timeoutMs, triesMax, pauseMs, bodyBytesMax } = { ...DEFAULTS, ...options };
  const fetch: Fetch = options.fetch ?? ((request) => globalThis.fetch(request));
  return {
    async send(request) {
      for (let attempt = 1; ; attempt++) {
        const isLast = attempt >= triesMax;
        let waitMs = pauseMs * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
        try {
          const response = await sendOnce(fetch, request, { timeoutMs, bodyBytesMax });
          if (isLast || !mayPass(response.status)) return response;
          waitMs = Math.max(waitMs, retryAfterMs(response.headers) ?? 0);
        } catch (error) {
          if (isLast || !(error instanceof HttpError)) throw error;
        }
        await new Promise((resolve) => setTimeout(resolve, Math.min(waitMs, RETRY_AFTER_MS_MAX)));
      }
    },
  };
}

/** Milliseconds of a Retry-After header in seconds; dates are not understood. */
export function retryAfterMs(headers: Headers): number | undefined {
  const text = headers.get("retry-after");
  return text !== null && /^\d{1,6}$/.test(text) ? Number(text) * 1000 : undefined;
}

async function sendOnce(
  fetch: Fetch,
  request: HttpRequest,
  bounds: { timeoutMs: number; bodyBytesMax: number },
): Promise<HttpResponse> {
  const { method, url, headers = {}, body = null } = request;
  const signal = AbortSignal.timeout(bounds.timeoutMs);
  try {
    const response = await fetch(
      new Request(url, { method, headers, body, signal, redirect: "error" }),
    );
    const bytes = await readBody(response, bounds.bodyBytesMax);
    return { status: response.status, headers: response.headers, body: bytes };
  } catch (error) {
    if (signal.aborted) {
      const message = `expected an answer from ${url} within ${bounds.timeoutMs} ms, got none`;
      throw new HttpError("timeout", message, { cause: error });
    }
    const message = `expected an answer from ${url}, got ${reason(error)}`;
    throw new HttpError("unreachable", message, { cause: error });
  }
}

/** undici hides the reason, such as ECONNREFUSED, below "fetch failed". */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (cause instanceof Error && "code" in cause) return String(cause.code);
  return error.message;
}
