import { defined } from "@sumus/assert";
import type { Secret } from "@sumus/bytes";
import { DapPeerError, type DapResource, readResourceAnswer, resourcePath } from "@sumus/dap";
import {
  bearerHeader,
  type HttpClient,
  HttpError,
  type HttpRequest,
  type HttpResponse,
  type Problem,
  parseProblem,
} from "@sumus/http";
import type { Durations } from "@sumus/runtime";
import type { TaskPeer } from "../served-tasks.ts";

/** What came of a request to the helper. */
type HelperAnswer =
  /** The body of a 2xx; where the resource is, if the helper said so. */
  | { readonly kind: "ready"; readonly body: Uint8Array; readonly path: string | undefined }
  | HelperDelay;

export type HelperDelay =
  /** It has the request and works on it. Ask there again. */
  | { readonly kind: "deferred"; readonly path: string; readonly pauseSeconds: number }
  /** It may answer later: it is away, or busy, or not set up yet. Send the same again. */
  | { readonly kind: "later"; readonly trouble: string }
  /** It does not know what it was asked about. Send the request again that made it. */
  | { readonly kind: "forgotten"; readonly trouble: string }
  /** It refused the request itself; sent again, it would refuse again. */
  | { readonly kind: "nonsense"; readonly trouble: string; readonly problem?: Problem };

/** A resource that the helper has: `path` is below its endpoint, without a query. */
interface Place {
  /** Where such resources are created. */
  readonly collection: DapResource;
  readonly path: string;
  /** Of an aggregation job. */
  readonly step?: number;
}

interface HelperQuestion extends Place {
  readonly mediaType: string;
  readonly body: Uint8Array;
}

export interface HelperClient {
  /** Creates a resource, or continues one. @param helper of the task that it is about */
  ask(helper: TaskPeer, question: HelperQuestion): Promise<HelperAnswer>;
  /** Asks for what a helper has deferred. */
  poll(helper: TaskPeer, place: Place): Promise<HelperAnswer>;
  /** Tells it that nobody wants a resource any more, whatever it says to that. */
  remove(helper: TaskPeer, place: Place): Promise<void>;
}

/** Refusals that somebody can put right at the helper: a study opened later, a token replaced. */
const CURABLE_STATUSES: ReadonlySet<number> = new Set([401, 403, 404, 405, 408, 413, 415, 429]);

const GONE_STATUSES: ReadonlySet<number> = new Set([404, 410]);

/** How long the leader waits between two looks, whatever the helper suggests. */
const POLL_SECONDS = { first: 1, last: 60 };

export type Aside = <T>(waiting: Promise<T>) => Promise<T>;

type Send = Pick<HttpRequest, "method" | "body"> & { readonly mediaType?: string };

export function createHelperClient(options: {
  readonly http: HttpClient;
  /** How long answers take. */
  readonly durations: Durations;
  /** Waits for an answer without keeping others waiting. */
  readonly aside: Aside;
}): HelperClient {
  const { http, durations, aside } = options;
  const measured = async (helper: TaskPeer, place: Place, request: Send): Promise<HelperAnswer> => {
    const startMs = performance.now();
    const answer = await aside(send(http, helper, place, request));
    const labels = { resource: resourceOf(place.path), outcome: answer.kind };
    durations.observe(labels, (performance.now() - startMs) / 1000);
    return answer;
  };
  return {
    ask: (helper, { mediaType, body, ...place }) =>
      measured(helper, place, { method: "POST", body: new Uint8Array(body), mediaType }),
    poll: (helper, place) => measured(helper, place, { method: "GET" }),
    async remove(helper, place) {
      await measured(helper, place, { method: "DELETE" });
    },
  };
}

async function send(
  http: HttpClient,
  helper: TaskPeer,
  { collection, path, step }: Place,
  { mediaType, ...request }: Send,
): Promise<HelperAnswer> {
  const query = request.method === "GET" && step !== undefined ? `?step=${step}` : "";
  const url = defined(helper.url, "a leader knows its helper's address") + path + query;
  const headers = {
    authorization: bearerHeader(helper.token),
    ...(mediaType !== undefined && { "content-type": mediaType }),
  };
  try {
    const response = await http.send({ ...request, url, headers });
    if (isSuccess(response)) return accept(collection, path, response);
    const refusal = withoutToken(Buffer.from(response.body).toString("latin1"), helper.token);
    return refuse(collection, path, { ...response, body: Buffer.from(refusal, "latin1") });
  } catch (error) {
    if (!(error instanceof HttpError || error instanceof DapPeerError)) throw error;
    const reason = withoutToken(error.message, helper.token);
    if (error instanceof DapPeerError) return { kind: "nonsense", trouble: reason };
    return { kind: "later", trouble: `the helper does not answer: ${reason}` };
  }
}

/** Some proxies tell in their errors what they were sent, and troubles are told to anybody. */
function withoutToken(text: string, token: Secret<string>): string {
  return text.replaceAll(token.reveal(), "[secret]");
}

function isSuccess({ status }: HttpResponse): boolean {
  return status >= 200 && status < 300;
}

/** `/tasks/{task}/aggregation_jobs/…` is about aggregation jobs. */
function resourceOf(path: string): string {
  return path.split("/")[3] ?? "none";
}

function refuse(collection: DapResource, asked: string, response: HttpResponse): HelperAnswer {
  const { status, headers, body } = response;
  const problem = parseProblem(status, headers.get("content-type") ?? "", body);
  const trouble = `the helper refuses: ${problem.detail}`;
  if (GONE_STATUSES.has(status) && asked !== resourcePath(collection)) {
    return { kind: "forgotten", trouble };
  }
  if (status >= 500 || CURABLE_STATUSES.has(status)) return { kind: "later", trouble };
  return { kind: "nonsense", trouble, problem };
}

/** @throws {DapPeerError} when the resource is said to be where none of its kind can be */
function accept(collection: DapResource, asked: string, response: HttpResponse): HelperAnswer {
  const { body, path, retryAfterSeconds } = readResourceAnswer(collection, response);
  const isCreation = asked === resourcePath(collection);
  const known = path ?? (isCreation ? undefined : asked);
  if (body !== undefined) return { kind: "ready", body, path: known };
  if (known === undefined) {
    return { kind: "later", trouble: "the helper works on it, and does not say where" };
  }
  const { first, last } = POLL_SECONDS;
  const pauseSeconds = Math.min(last, Math.max(first, retryAfterSeconds ?? first));
  return { kind: "deferred", path: known, pauseSeconds };
}
