/**
 * Both nodes as processes over real sockets, killed (`kill -9`) in the middle of the work and started
 * again on their folders or databases. Every report has a bucket of its own, so a loss or a replay shows.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { encodeBase64url, encodeHex } from "@sumus/bytes";
import { readUploadResponse, resourcePath } from "@sumus/dap";
import { mediaType } from "@sumus/dap/messages";
import { createHttpClient, type Fetch, type HttpClient } from "@sumus/http";
import { openPostgresStore, openStore, type Store } from "@sumus/storage";
import { startLocalPostgres } from "@sumus/storage/local-postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { AggregatorRole } from "./config.ts";
import type { StudyStatus } from "./status.ts";
import { AGGREGATOR_MIGRATIONS } from "./store/schema.ts";
import {
  COLLECTOR_TOKEN,
  createClient,
  createCollection,
  createTrial,
  exactSums,
  firstTask,
  keysOf,
  OPERATOR_TOKEN,
  openResponse,
  PEER_TOKEN,
  STORE_KINDS,
} from "./testing.ts";

const REPORTS = 400;
const REPORTS_PER_UPLOAD = 10;

const MAIN = new URL("./main.ts", import.meta.url).pathname;

let folder: string;
/** Where a node keeps its state, as its configuration says it. */
let place: (role: AggregatorRole) => object;
const alive = new Map<AggregatorRole, ChildProcess>();
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sumus-processes-"));
});
afterAll(async () => {
  for (const child of alive.values()) child.kill("SIGKILL");
  await rm(folder, { recursive: true, force: true });
});

/** Starts a node; the port of its first start is kept. */
async function start(
  role: AggregatorRole,
  options: { readonly port?: number; readonly helperUrl?: string },
): Promise<string> {
  const keys = keysOf(role);
  const config = {
    role,
    listen: { hostname: "127.0.0.1", port: options.port ?? 0 },
    ...place(role),
    replica: role,
    workers: 1,
    nodeKey: encodeBase64url(keys.own.reveal()),
    peer: {
      publicKey: encodeBase64url(keys.peer),
      ...(options.helperUrl && { url: options.helperUrl }),
    },
    operatorToken: OPERATOR_TOKEN,
    peerToken: PEER_TOKEN,
    ...(role === "leader" && { collectorToken: COLLECTOR_TOKEN }),
    logLevel: "error",
  };
  const path = join(folder, `${role}.json`);
  await writeFile(path, JSON.stringify(config));
  const child = spawn(process.execPath, [MAIN, path], { stdio: ["ignore", "pipe", "inherit"] });
  alive.set(role, child);
  for await (const line of createInterface({ input: child.stdout })) {
    const { url } = JSON.parse(line) as { url: string };
    return url;
  }
  throw new Error(`expected the ${role} to listen, but it ended`);
}

async function end(role: AggregatorRole, signal: NodeJS.Signals): Promise<void> {
  const child = alive.get(role);
  if (child === undefined) return;
  alive.delete(role);
  const exited = once(child, "exit");
  child.kill(signal);
  await exited;
}

/** Requests of the harness go to a node's real address. */
function remote(url: string, http: HttpClient): { fetch: Fetch } {
  return {
    async fetch(request) {
      const { pathname } = new URL(request.url);
      const headers = Object.fromEntries(request.headers);
      const body =
        request.method === "GET" ? {} : { body: new Uint8Array(await request.arrayBuffer()) };
      const method = request.method as "GET" | "POST" | "DELETE";
      const answer = await http.send({ method, url: url + pathname, headers, ...body });
      const empty = answer.body.length === 0;
      return new Response(empty ? null : answer.body, answer);
    },
  };
}

async function survive(open: (role: AggregatorRole) => Promise<Store>): Promise<void> {
  // Tries go on while a node boots.
  const http = createHttpClient({ triesMax: 12, timeoutMs: 20_000 });
  const helperUrl = await start("helper", {});
  const leaderUrl = await start("leader", { helperUrl });
  const addresses = { leader: leaderUrl, helper: helperUrl };
  const trial = createTrial({ cells: REPORTS, addresses, realTime: true });
  const task = firstTask(trial);
  const leader = remote(leaderUrl, http);
  const helper = remote(helperUrl, http);
  for (const node of [leader, helper]) {
    const opened = await node.fetch(
      new Request("http://x/studies", {
        method: "POST",
        headers: { authorization: `Bearer ${OPERATOR_TOKEN}` },
        body: trial.manifest,
      }),
    );
    expect(opened.status).toBe(201);
  }

  const report = await createClient(trial, leader, helper);
  const restart = async (role: AggregatorRole): Promise<void> => {
    await end(role, "SIGKILL");
    const url = addresses[role];
    expect(await start(role, { port: Number(new URL(url).port), helperUrl })).toBe(url);
  };
  const uploads = (async () => {
    for (let first = 0; first < REPORTS; first += REPORTS_PER_UPLOAD) {
      const reports = Array.from({ length: REPORTS_PER_UPLOAD }, (_, at) => report(first + at));
      const response = await http.send({
        method: "POST",
        url: leaderUrl + resourcePath({ kind: "reports", taskId: task.id }),
        headers: { "content-type": mediaType("upload-req") },
        body: Buffer.concat(reports),
      });
      expect(response.status).toBe(200);
      const refused = readUploadResponse(task, response.body);
      expect(refused.every(({ error }) => error === "report_replayed")).toBe(true);
    }
  })();
  for (const role of ["leader", "helper", "helper", "leader"] as const) {
    await new Promise((resolve) => setTimeout(resolve, 250));
    await restart(role);
  }
  await uploads;

  const readStatus = async (): Promise<StudyStatus> => {
    const response = await leader.fetch(new Request(`http://x/studies/${encodeHex(trial.id)}`));
    return (await response.json()) as StudyStatus;
  };
  await expect.poll(readStatus, { timeout: 30_000, interval: 100 }).toMatchObject({
    people: REPORTS,
    status: `${REPORTS} of 2 people so far`,
  });
  await end("leader", "SIGTERM");
  await end("helper", "SIGTERM");

  const stores = {
    leader: await open("leader"),
    helper: await open("helper"),
  };
  const { counts, reportCounts } = await exactSums(trial, task, stores);
  await stores.leader.close();
  await stores.helper.close();
  expect(reportCounts).toEqual([REPORTS, REPORTS]);
  expect(counts.slice(0, REPORTS)).toEqual(new Array(REPORTS).fill(1n));

  await start("helper", { port: Number(new URL(helperUrl).port) });
  await start("leader", { port: Number(new URL(leaderUrl).port), helperUrl });
  const created = await createCollection(leader, trial);
  const location = new URL(created.headers.get("location") ?? "", leaderUrl);
  const poll = () =>
    leader.fetch(
      new Request(location, { headers: { authorization: `Bearer ${COLLECTOR_TOKEN}` } }),
    );
  await expect.poll(async () => (await poll()).status, { timeout: 20_000 }).toBe(200);
  expect((await openResponse(trial, await poll())).reportCount).toBe(REPORTS);
  await end("leader", "SIGTERM");
  await end("helper", "SIGTERM");
}

test("kill -9 of either node in mid-run loses nothing and counts nothing twice", async () => {
  place = (role) => ({ folder: join(folder, role) });
  await survive((role) => openStore(join(folder, role), AGGREGATOR_MIGRATIONS));
});

test.skipIf(!STORE_KINDS.includes("PostgreSQL"))("the same on a server", async () => {
  const server = await startLocalPostgres({ fsync: "off" });
  const urls = {
    leader: await server.createDatabase("leader"),
    helper: await server.createDatabase("helper"),
  };
  place = (role) => ({ store: { postgres: urls[role].reveal() } });
  try {
    await survive((role) => openPostgresStore(urls[role], AGGREGATOR_MIGRATIONS));
  } finally {
    await server.stop();
  }
});
