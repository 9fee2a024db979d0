/**
 * Two nodes on a noisy day, with their logs at debug: whatever was ever revealed of a `Secret` (tokens,
 * node keys, verification keys, private keys, in whatever code) is in no log line, no answer, no
 * header, no metric and no status.
 */
import { concat, encodeBase64url, encodeHex, Secret } from "@sumus/bytes";
import type { Fetch } from "@sumus/http";
import { createLogger, describeError } from "@sumus/runtime";
import { openPostgresStore } from "@sumus/storage";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import type { Aggregator } from "./aggregator.ts";
import { AGGREGATOR_MIGRATIONS } from "./store/schema.ts";
import {
  ask,
  COLLECTOR_TOKEN,
  createClient,
  createCollection,
  createTrial,
  firstTask,
  OPERATOR_TOKEN,
  openStores,
  openStudy,
  PEER_TOKEN,
  type Stores,
  settle,
  startNode,
  upload,
} from "./testing.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores[Symbol.asyncDispose]());
afterEach(() => vi.restoreAllMocks());

/** A secret in every form in which it could be printed. */
function formsOf(secret: unknown): string[] {
  if (typeof secret === "string") return [secret];
  if (!(secret instanceof Uint8Array)) return [];
  const base64 = Buffer.from(secret).toString("base64");
  const numbers = [...secret.subarray(0, 12)].join(",");
  return [encodeHex(secret), encodeBase64url(secret), base64, numbers];
}

/** Every way to be refused that a stranger, a client, a peer or a collector has. */
async function makeNoise(node: Aggregator, paths: readonly string[], report: Uint8Array) {
  const answers: Response[] = [];
  const bodies = [new Uint8Array(), report.subarray(0, 9), concat(report, report), report];
  for (const path of paths) {
    for (const method of ["GET", "POST", "DELETE", "PATCH"]) {
      for (const token of [undefined, "wrong-token-wrong", PEER_TOKEN, COLLECTOR_TOKEN]) {
        for (const body of method === "GET" ? [undefined] : bodies) {
          const request = { ...(token && { token }), ...(body && { body }) };
          answers.push(await ask(node, method, path, request));
        }
      }
    }
  }
  for (const path of ["/ready", "/metrics", "/health", "/none"]) {
    answers.push(await node.operatorFetch(new Request(`http://127.0.0.1${path}`)));
  }
  return answers;
}

async function wordsOf(answers: readonly Response[]): Promise<string> {
  const words = answers.map(async (answer) => {
    const headers = [...answer.headers].join(" ");
    return `${headers} ${Buffer.from(await answer.arrayBuffer()).toString("latin1")}`;
  });
  return (await Promise.all(words)).join("\n");
}

test("nothing that was revealed of a secret is said to anybody", { timeout: 60_000 }, async () => {
  const reveal = vi.spyOn(Secret.prototype, "reveal");
  const lines: string[] = [];
  const log = createLogger({ level: "debug", write: (line) => void lines.push(line) });
  const trial = createTrial();
  const { clock } = trial;
  const helper = await startNode("helper", stores.helper, { clock, log });
  // Faults that tell all they know, as proxies do.
  let fault: ((request: Request) => Response | undefined) | undefined;
  const peerFetch: Fetch = (request) => fault?.(request) ?? helper.fetch(request);
  const leader = await startNode("leader", stores.leader, { clock, log, peerFetch });
  await openStudy(leader, trial);
  await openStudy(helper, trial);
  const task = firstTask(trial);
  const report = await createClient(trial, leader, helper);
  const echo = (status: number) => (request: Request) =>
    Response.json(
      { type: "about:blank", title: "No", detail: `I got ${[...request.headers].join(" ")}` },
      { status, headers: { "content-type": "application/problem+json" } },
    );
  const answers: Response[] = [];
  const id = encodeBase64url(task.id);
  const tasks = ["reports", "collection_jobs", "aggregation_jobs", "aggregate_shares"];
  const paths = [
    "/studies",
    `/studies/${encodeHex(trial.id)}`,
    "/hpke_config",
    "/hpke_keys",
    "/tasks",
  ]
    .concat(tasks.flatMap((kind) => [`/tasks/${id}/${kind}`, `/tasks/${id}/${kind}/${id}`]))
    .concat([`/tasks/${id}`, "/nowhere"]);
  for (const status of [400, 401, 500, 503]) {
    fault = echo(status);
    await upload(leader, task, [report(1)]);
    for (let step = 0; step < 4; step++) await leader.jobs.step();
    for (const node of [leader, helper]) answers.push(...(await makeNoise(node, paths, report(0))));
    clock.advance(120);
  }
  fault = (request) => {
    throw new TypeError(`fetch failed with ${[...request.headers].join(" ")}`);
  };
  await leader.jobs.step();
  answers.push(await ask(leader, "GET", paths[1] ?? ""));
  fault = undefined;
  await settle(leader, clock);
  answers.push(await createCollection(leader, trial), await ask(leader, "GET", paths[1] ?? ""));
  await settle(leader, clock);
  answers.push(await createCollection(leader, trial));

  const secrets = new Set(reveal.mock.results.flatMap(({ value }) => formsOf(value)));
  const said = [...lines, await wordsOf(answers)].join("\n");
  expect(lines.length).toBeGreaterThan(3);
  expect(said).toContain("the helper refuses");
  for (const token of [OPERATOR_TOKEN, PEER_TOKEN, COLLECTOR_TOKEN])
    expect(secrets).toContain(token);
  // Node keys, verification keys and private keys, and tokens.
  expect(secrets.size).toBeGreaterThan(16);
  expect([...secrets].filter((secret) => said.includes(secret))).toEqual([]);
});

test.each([
  "postgres://sumus:pa55word@[::bad/leader",
  "postgres://sumus:pa55word@127.0.0.1:1/leader",
  "postgres://sumus:pa55word@127.0.0.1:99999/leader",
  "postgres://sumus:pa55word@127.0.0.1:1/leader?sslmode=none%",
  "mysql://sumus:pa55word@127.0.0.1/leader",
])("a database that cannot be opened is told without its password: %s", async (url) => {
  const limits = { connectMsMax: 200 };
  const error: unknown = await openPostgresStore(
    new Secret(url),
    AGGREGATOR_MIGRATIONS,
    limits,
  ).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Error);
  expect(describeError(error)).not.toContain("pa55word");
});
