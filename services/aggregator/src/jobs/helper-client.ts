import { defined } from "@sumus/assert";
import {
  bearerHeader,
  type HttpClient,
  HttpError,
  type HttpResponse,
  type Problem,
  parseProblem,
} from "@sumus/http";
import type { Durations } from "@sumus/runtime";
import type { TaskPeer } from "../served-tasks.ts";

/** What came of a request to the helper. */
export type HelperAnswer =
  /** The body of a 2xx. */
  | { readonly kind: "ready"; readonly body: Uint8Array }
  /** It may answer later: it is away, or busy, or not set up yet. Send the same bytes again. */
  | { readonly kind: "later"; readonly trouble: string }
  /** It refused the request itself; sent again, it would refuse again. */
  | { readonly kind: "nonsense"; readonly trouble: string; readonly problem?: Problem };

export interface HelperClient {
  /**
   * @param helper of the task that the request is about
   * @param path of the resource, from a slash on
   */
  send(helper: TaskPeer, path: string, mediaType: string, body: Uint8Array): Promise<HelperAnswer>;
}

/** Refusals that somebody can put right at the helper: a study opened later, a token replaced. */
const CURABLE_STATUSES: ReadonlySet<number> = new Set([401, 403, 404, 405, 408, 413, 415, 429]);

export function createHelperClient(options: {
  readonly http: HttpClient;
  /** How long answers take. */
  readonly durations: Durations;
}): HelperClient {
  const { http, durations } = options;
  return {
    async send(helper, path, mediaType, body) {
      const startMs = performance.now();
      const answer = await ask(http, helper, path, mediaType, body);
      const labels = { resource: resourceOf(path), outcome: answer.kind };
      durations.observe(labels, (performance.now() - startMs) / 1000);
      return answer;
    },
  };
}

async function ask(
  http: HttpClient,
  helper: TaskPeer,
  path: string,
  mediaType: string,
  body: Uint8Array,
): Promise<HelperAnswer> {
  const url = defined(helper.url, "a leader knows its helper's address") + path;
  const headers = { authorization: bearerHeader(helper.token), "content-type": mediaType };
  try {
    const bytes = new Uint8Array(body);
    return judge(await http.send({ method: "POST", url, headers, body: bytes }));
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    return { kind: "later", trouble: `the helper does not answer: ${error.message}` };
  }
}

/** `/tasks/{task}/aggregation_jobs/…` is about aggregation jobs. */
function resourceOf(path: string): string {
  return path.split("/")[3] ?? "none";
}

function judge({ status, headers, body }: HttpResponse): HelperAnswer {
  if (status >= 200 && status < 300) {
    return body.length > 0
      ? { kind: "ready", body }
      : { kind: "later", trouble: "the helper is still working on it" };
  }
  const problem = parseProblem(status, headers.get("content-type") ?? "", body);
  const trouble = `the helper refuses: ${problem.detail}`;
  if (status >= 500 || CURABLE_STATUSES.has(status)) return { kind: "later", trouble };
  return { kind: "nonsense", trouble, problem };
}
