import { encodeBase64url, encodeHex } from "@sumus/bytes";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Aggregator } from "../aggregator.ts";
import {
  createCollection,
  createScene,
  firstTask,
  OPERATOR_TOKEN,
  openStores,
  PEER_TOKEN,
  type Stores,
  settle,
  startNode,
  upload,
} from "../testing.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores[Symbol.asyncDispose]());

async function ask(node: Aggregator, path: string, method = "GET"): Promise<Response> {
  return await node.operatorFetch(new Request(`http://127.0.0.1${path}`, { method }));
}

test("a node is alive, ready, and no longer ready when it drains", async () => {
  const { leader, helper } = await createScene(stores);
  expect((await ask(leader, "/health")).status).toBe(200);
  for (const node of [leader, helper]) {
    const ready = await ask(node, "/ready");
    expect(ready.status).toBe(200);
    expect(await ready.json()).toEqual({
      ready: true,
      store: "ok",
      peer: "ok",
      secrets: "not sealed: the node has no storeKey",
      draining: false,
    });
  }
  leader.drain();
  const draining = await ask(leader, "/ready");
  expect(draining.status).toBe(503);
  expect(await draining.json()).toMatchObject({ ready: false, draining: true });
  expect((await ask(leader, "/health")).status).toBe(200);
  expect((await ask(leader, "/metrics", "POST")).status).toBe(405);
  expect((await ask(leader, "/studies")).status).toBe(404);
  expect((await leader.fetch(new Request("http://leader/metrics"))).status).toBe(404);
});

test("a leader is ready when its helper answers, and asks it rarely", async () => {
  let asked = 0;
  let isAway = true;
  const { trial, helper } = await createScene(stores);
  const leader = await startNode("leader", stores.leader, {
    clock: trial.clock,
    peerFetch(request) {
      asked++;
      if (isAway) throw new TypeError("fetch failed");
      return helper.fetch(request);
    },
  });
  const away = await ask(leader, "/ready");
  expect(away.status).toBe(503);
  expect(await away.json()).toMatchObject({
    store: "ok",
    peer: expect.stringContaining("expected"),
  });
  isAway = false;
  expect((await ask(leader, "/ready")).status).toBe(503);
  expect(asked).toBe(1);
  trial.clock.advance(15);
  expect((await ask(leader, "/ready")).status).toBe(200);
});

test("metrics count reports, requests, jobs and transactions, and name no task or secret", async () => {
  const { trial, leader, report } = await createScene(stores);
  const task = firstTask(trial);
  const twice = report(0);
  await upload(leader, task, [report(1), twice, twice]);
  await leader.fetch(new Request("http://leader/no/such/path"));
  const read = async (): Promise<string> => await (await ask(leader, "/metrics")).text();
  expect(await read()).toContain("sumus_pending_reports 2\n");
  await settle(leader, trial.clock);
  const text = await read();
  expect(text).toContain("sumus_pending_reports 0\n");
  expect(text).toMatch(/^sumus_reports_total\{outcome="report_replayed"\} [1-9]/m);
  expect(text).toMatch(/^sumus_reports_total\{outcome="accepted"\} [2-9]/m);
  const answered = (labels: string): string =>
    `sumus_http_request_duration_seconds_count{${labels}} 1\n`;
  expect(text).toContain(answered('route="POST reports",status="200"'));
  expect(text).toContain(answered('route="none",status="404"'));
  expect(text).toMatch(/^sumus_job_step_duration_seconds_count [1-9]/m);
  expect(text).toMatch(/^sumus_transaction_seconds_bucket\{name="commit",le="0.01"\} \d/m);
  expect(text).toMatch(/^sumus_transactions_total\{name="commit",result="committed"\} [1-9]/m);
  expect(text).toContain("sumus_upload_queue_requests 0\n");
  for (const line of text.trimEnd().split("\n")) {
    expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? [\d.e+-]+)$/);
  }
  for (const hidden of [OPERATOR_TOKEN, PEER_TOKEN, encodeHex(task.id), encodeBase64url(task.id)]) {
    expect(text).not.toContain(hidden);
  }
});

test("metrics tell how old the oldest is that waits: a report, an aggregation job, a collection", async () => {
  const { trial, leader, report } = await createScene(stores, {}, () => () => {
    throw new TypeError("fetch failed");
  });
  const ages = async (): Promise<number[]> => {
    const text = await (await ask(leader, "/metrics")).text();
    return [...text.matchAll(/^sumus_oldest_\w+_age_seconds ([\d.]+)$/gm)].map(([, age]) =>
      Number(age),
    );
  };
  const [report0 = 0, job0, collection0] = await ages();
  expect([job0, collection0]).toEqual([0, 0]);
  await upload(leader, firstTask(trial), [report(1)]);
  await createCollection(leader, trial);
  await leader.jobs.step();
  await leader.jobs.step();
  trial.clock.advance(120);
  await expect.poll(async () => (await ages())[2]).toBeGreaterThan(0);
  const [report1, job1] = await ages();
  expect(report1).toBeGreaterThan(report0);
  expect(job1).toBe(120);
});
