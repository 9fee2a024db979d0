/**
 * The collector: one batch, from the question to the opened sum [DAP-18, Section 4.6].
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Secret } from "@sumus/bytes";
import {
  type Collection,
  DapPeerError,
  type DapTask,
  type HpkeKeys,
  openCollection,
  resourcePath,
} from "@sumus/dap";
import { type CollectionJobReq, encodeCollectionJobReq, mediaType } from "@sumus/dap/messages";
import { bearerHeader, type HttpResponse, retryAfterMs } from "@sumus/http";
import { endpointUrl } from "./endpoint-url.ts";
import { NodeError } from "./node-error.ts";
import type { PatientHttp } from "./patient-http.ts";
import { refusalOf } from "./refusal.ts";

const POLL_MS_MIN = 200;
const POLL_MS_MAX = 60_000;

export interface CollectOptions {
  readonly http: PatientHttp;
  readonly leader: string;
  readonly token: Secret<string>;
  readonly task: DapTask;
  /** Of the collector. */
  readonly keys: HpkeKeys;
  readonly request: CollectionJobReq;
  readonly signal: AbortSignal;
  /** How often to ask, for whoever runs the leader; by default as often as it says. */
  readonly pollMs?: number;
  /** Hears of each answer that says "not yet". */
  readonly onWait?: () => void;
}

export interface Collected {
  readonly collection: Collection;
  /** Where the job is, for {@link deleteCollectionJob}. */
  readonly job: string;
}

/**
 * Creates the job and asks for it until it is ready. The same request finds the same job, so whoever
 * was interrupted calls again.
 *
 * @throws {NodeError} refused, with DAP's type: invalidBatchSize while people are too few
 */
export async function collect(options: CollectOptions): Promise<Collected> {
  const { http, leader, task, keys, request, signal } = options;
  const authorization = bearerHeader(options.token);
  const url = endpointUrl(leader, resourcePath({ kind: "collectionJobs", taskId: task.id }));
  let { response } = await http.send({
    method: "POST",
    url,
    headers: { authorization, "content-type": mediaType("collection-job-req") },
    body: new Uint8Array(encodeCollectionJobReq(request)),
  });
  requireSuccess(response);
  const job = jobUrl(response, url);
  while (response.body.length === 0) {
    options.onWait?.();
    await sleep(options.pollMs ?? pollMs(response), undefined, { signal });
    ({ response } = await http.send({ method: "GET", url: job, headers: { authorization } }));
    requireSuccess(response);
  }
  try {
    return { collection: openCollection(task, keys, request, response.body), job };
  } catch (cause) {
    if (!(cause instanceof DapPeerError)) throw cause;
    throw new NodeError("nonsense", `the leader answered: ${cause.message}`, { cause });
  }
}

/** Tells the leader that the answer is kept; the next question for a batch is then a new one. */
export async function deleteCollectionJob(
  { http, token }: Pick<CollectOptions, "http" | "token">,
  job: string,
): Promise<void> {
  const headers = { authorization: bearerHeader(token) };
  const { response } = await http.send({ method: "DELETE", url: job, headers });
  // Gone already: an earlier try arrived.
  if (response.status !== 404) requireSuccess(response);
}

/** @throws {NodeError} */
function requireSuccess(response: HttpResponse): void {
  if (response.status < 200 || response.status > 299) throw refusalOf("the collection", response);
}

/** Where a leader says that the job is. Our token goes to no other host. */
function jobUrl({ headers }: HttpResponse, url: string): string {
  const location = headers.get("location");
  const job = location === null ? null : URL.parse(location, url);
  if (job?.origin === new URL(url).origin) return job.href;
  const got = location === null ? "none" : "one elsewhere";
  throw new NodeError("nonsense", `expected a Location at the leader, got ${got}`);
}

function pollMs({ headers }: HttpResponse): number {
  return Math.min(Math.max(retryAfterMs(headers) ?? 0, POLL_MS_MIN), POLL_MS_MAX);
}
