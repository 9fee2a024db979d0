/**
 * What the operator of a node asks it, on a listener of its own: `GET /health` (the process
 * answers), `GET /ready` (it can do its work), `GET /metrics`.
 *
 * @module
 */
import { type Fetch, plainProblem, problemResponse } from "@sumus/http";
import { describeError, formatMetrics, type Logger, METRICS_MEDIA_TYPE } from "@sumus/runtime";
import type { Store } from "@sumus/storage";
import { jsonResponse } from "../routes/respond.ts";
import { type MetricSources, readMetrics } from "./node-metrics.ts";
import type { PeerProbe } from "./peer-probe.ts";

/** A store that takes longer does not answer. */
const STORE_PATIENCE_MS = 3000;

export interface OperatorServices extends MetricSources {
  readonly probePeer: PeerProbe;
  readonly isDraining: () => boolean;
  /** Whether the node was given a store key. */
  readonly areSecretsSealed: boolean;
  readonly log: Logger;
}

export function createOperatorFetch(services: OperatorServices): Fetch {
  return async (request) => {
    const { pathname } = new URL(request.url);
    if (request.method !== "GET") {
      return problemResponse(plainProblem(405, "Method not allowed", "expected GET"));
    }
    if (pathname === "/health") return jsonResponse({ alive: true });
    if (pathname === "/ready") return await answerReady(services);
    if (pathname === "/metrics") return await answerMetrics(services);
    const detail = "expected /health, /ready or /metrics, got another path";
    return problemResponse(plainProblem(404, "Not found", detail));
  };
}

async function answerReady(services: OperatorServices): Promise<Response> {
  const [store, peer] = await Promise.all([checkStore(services.store), services.probePeer()]);
  const draining = services.isDraining();
  const ready = !draining && store === undefined && peer === undefined;
  const secrets = services.areSecretsSealed ? "sealed" : "not sealed: the node has no storeKey";
  const checks = { store: store ?? "ok", peer: peer ?? "ok", secrets, draining };
  return jsonResponse({ ready, ...checks }, ready ? 200 : 503);
}

/** Why the store does not answer, or undefined when it does. */
async function checkStore(store: Store): Promise<string | undefined> {
  const patience = Promise.withResolvers<string>();
  const timer = setTimeout(
    () => patience.resolve(`no answer within ${STORE_PATIENCE_MS} ms`),
    STORE_PATIENCE_MS,
  );
  const asked = store
    .transaction("check readiness", (transaction) => transaction.query("SELECT 1"))
    .then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error.name : "it fails"),
    );
  try {
    return await Promise.race([asked, patience.promise]);
  } finally {
    clearTimeout(timer);
  }
}

async function answerMetrics(services: OperatorServices): Promise<Response> {
  try {
    const text = formatMetrics(await readMetrics(services));
    return new Response(text, { headers: { "content-type": METRICS_MEDIA_TYPE } });
  } catch (error) {
    services.log.error("metrics could not be read", { why: describeError(error) });
    return problemResponse(plainProblem(503, "Service unavailable", "the store does not answer"));
  }
}
