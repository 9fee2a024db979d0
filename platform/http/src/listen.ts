import type { Server } from "node:http";
import { createAdaptorServer } from "@hono/node-server";
import { assert } from "@sumus/assert";
import { type ConnectionCounts, limitConnections, PipelineLimit } from "./connection-limits.ts";
import type { Fetch, Sender } from "./fetch.ts";
import { plainProblem, problemResponse } from "./problem.ts";

/** What a stranger may take of the server's memory and time. Bodies are bounded by who reads them. */
export interface ListenLimits {
  readonly headerBytesMax: number;
  readonly headersMsMax: number;
  /** Head and body together: a body that drips is cut off. */
  readonly requestMsMax: number;
  readonly idleMsMax: number;
  /** A connection on which nothing moves at all, such as of a client that reads no answer. */
  readonly silentMsMax: number;
  readonly connectionCountMax: number;
  /** Of one IPv4 address or one IPv6 network: a proxy, or somebody who wants all of them. */
  readonly connectionCountPerNetworkMax: number;
  /** Requests that one connection may send ahead of their answers. */
  readonly pipelinedCountMax: number;
}

const LIMITS: ListenLimits = {
  headerBytesMax: 16 * 1024,
  headersMsMax: 10_000,
  requestMsMax: 60_000,
  idleMsMax: 65_000,
  silentMsMax: 120_000,
  connectionCountMax: 2048,
  connectionCountPerNetworkMax: 1024,
  pipelinedCountMax: 16,
};

/** How long {@link Listener.close} waits for requests that are being answered. */
const DRAIN_MS = 10_000;
const SWEEP_MS = 20;

export interface Listener {
  /** Where it listens, such as `http://127.0.0.1:8080`, without a slash at the end. */
  readonly url: string;
  /** As they are when they are read. */
  readonly connections: ConnectionCounts;
  /** Stops accepting, lets running requests finish within a bound, then hangs up. */
  close(): Promise<void>;
}

/**
 * Serves `fetch` over HTTP.
 *
 * @param place `port` 0 takes a free one
 * @throws the system's error when the port is taken
 */
export async function listen(
  fetch: Fetch,
  place: { readonly hostname: string; readonly port: number },
  limits: Partial<ListenLimits> = {},
): Promise<Listener> {
  const bounds = { ...LIMITS, ...limits };
  const guarded = guard(fetch);
  const pipelines = new PipelineLimit(bounds.pipelinedCountMax);
  const server = createAdaptorServer({
    fetch: async (request, { incoming: { socket } }) => {
      const answer = () => guarded(request, senderOf(socket.remoteAddress));
      return (await pipelines.run(socket, answer)) ?? tooManyAtOnce();
    },
    // Whoever listens does not change what the whole process calls Request and Response.
    overrideGlobalObjects: false,
    hostname: place.hostname,
    serverOptions: {
      maxHeaderSize: bounds.headerBytesMax,
      headersTimeout: bounds.headersMsMax,
      requestTimeout: bounds.requestMsMax,
      keepAliveTimeout: bounds.idleMsMax,
      connectionsCheckingInterval: Math.min(bounds.headersMsMax, 1000),
      // Whatever flags the process was started with: a lenient parser lets requests be smuggled.
      insecureHTTPParser: false,
    },
  }) as Server;
  server.timeout = bounds.silentMsMax;
  server.maxConnections = bounds.connectionCountMax;
  const connections = limitConnections(server, bounds.connectionCountPerNetworkMax);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(place.port, place.hostname, resolve);
  });
  const address = server.address();
  assert(typeof address === "object" && address !== null, "a listening server has an address");
  const host = place.hostname.includes(":") ? `[${place.hostname}]` : place.hostname;
  const url = `http://${host}:${address.port}`;
  return { url, connections, close: () => drain(server) };
}

/** No error of a service reaches the wire in its own words. */
function guard(fetch: Fetch): Fetch {
  return async (request, sender) => {
    try {
      return await fetch(request, sender);
    } catch {
      const detail = "the server failed; its log says why. Try again later";
      return problemResponse(plainProblem(500, "Internal error", detail));
    }
  };
}

function tooManyAtOnce(): Response {
  const detail = "expected an answer to be awaited before many more requests; send again later";
  const problem = plainProblem(503, "Service unavailable", detail);
  return problemResponse(problem, { "retry-after": "1", connection: "close" });
}

function senderOf(address: string | undefined): Sender | undefined {
  // An IPv4 address is the same one when it comes through an IPv6 socket.
  return address === undefined ? undefined : { address: address.replace(/^::ffff:/, "") };
}

function drain(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    // Why: Node hangs up on connections that are idle now, not on those that become so.
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
    const timer = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
    server.close((error) => {
      clearInterval(sweep);
      clearTimeout(timer);
      if (error) reject(error);
      else resolve();
    });
  });
}
