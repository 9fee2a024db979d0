/**
 * Requests to nodes that may die and come back: sent again until something final is answered, or
 * patience ends with an error a person can read. Only requests that may arrive twice.
 */

import { setTimeout as sleep } from "node:timers/promises";
import { createHttpClient, HttpError, type HttpRequest, type HttpResponse } from "@sumus/http";
import { LabError } from "../lab-error.ts";
import type { Progress } from "../progress.ts";

/** A dead node is back within seconds; a machine short of memory may take longer. */
const PATIENCE_MS = 120_000;
const PAUSE_MS = 300;

export interface PatientHttp {
  /** The first final answer and how often the request was sent before it. */
  send(
    who: "leader" | "helper",
    request: HttpRequest,
  ): Promise<{ readonly response: HttpResponse; readonly retries: number }>;
}

/** Server faults and rate limits pass; everything else is final. */
function isFinal({ status }: HttpResponse): boolean {
  return status < 500 && status !== 429;
}

/** Gives up with the signal at once, or after two minutes without a final answer. */
export function createPatientHttp(progress: Progress, signal: AbortSignal): PatientHttp {
  const client = createHttpClient({ triesMax: 1, timeoutMs: 60_000 });
  const told = new Set<string>();
  return {
    async send(who, request) {
      const deadline = performance.now() + PATIENCE_MS;
      for (let retries = 0; ; retries++) {
        signal.throwIfAborted();
        let trouble: string;
        try {
          const response = await client.send(request);
          if (isFinal(response)) {
            told.delete(who);
            return { response, retries };
          }
          trouble = `answered ${response.status}`;
        } catch (error) {
          if (!(error instanceof HttpError)) throw error;
          trouble = error.code === "timeout" ? "did not answer in time" : "does not answer";
        }
        if (performance.now() > deadline) {
          throw new LabError(
            "failed",
            `The ${who} ${trouble}, for two minutes now.`,
            "Nothing was released. Is the machine out of memory or disk? Run again.",
          );
        }
        if (!told.has(who)) {
          told.add(who);
          progress.note(`The ${who} ${trouble}. Waiting for it; nothing is lost.`);
        }
        await sleep(PAUSE_MS, undefined, { signal });
      }
    },
  };
}
