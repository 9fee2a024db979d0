import { encodeHex } from "@sumus/bytes";
import { openMemoryStore, type Store } from "@sumus/storage";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Aggregator } from "./aggregator.ts";
import { AGGREGATOR_MIGRATIONS } from "./store/schema.ts";
import {
  ask,
  COLLECTOR_TOKEN,
  createClient,
  createCollection,
  createTrial,
  exactSums,
  openResponse,
  openStudy,
  settle,
  startNode,
  type Trial,
  upload,
} from "./testing.ts";

let stores: { leader: Store; helper: Store };
beforeAll(async () => {
  const leader = await openMemoryStore(AGGREGATOR_MIGRATIONS);
  const helper = await openMemoryStore(AGGREGATOR_MIGRATIONS);
  stores = { leader, helper };
});
afterAll(async () => {
  await stores.leader.close();
  await stores.helper.close();
});

interface Scene {
  readonly trial: Trial;
  readonly leader: Aggregator;
  readonly helper: Aggregator;
  readonly report: Awaited<ReturnType<typeof createClient>>;
}

async function setUp(options: Parameters<typeof createTrial>[0] = {}): Promise<Scene> {
  const trial = createTrial(options);
  const helper = await startNode("helper", stores.helper, trial);
  const leader = await startNode("leader", stores.leader, {
    clock: trial.clock,
    peerFetch: helper.fetch,
  });
  await openStudy(leader, trial);
  await openStudy(helper, trial);
  return { trial, leader, helper, report: await createClient(trial, leader, helper) };
}

async function statusOf(node: Aggregator, trial: Trial): Promise<Record<string, unknown>> {
  const response = await ask(node, "GET", `/studies/${encodeHex(trial.id)}`);
  expect(response.status).toBe(200);
  return (await response.json()) as Record<string, unknown>;
}

describe("a study through both nodes", () => {
  test("counts everybody once, in every task, and releases it with noise", async () => {
    const { trial, leader, helper, report } = await setUp({ cells: 4, mean: true });
    expect(trial.tasks.length).toBe(2);
    for (const [index, task] of trial.tasks.entries()) {
      const measurement = index === 0 ? 3 : [0, 0, 170, 0];
      const reports = Array.from({ length: 30 }, () => report(measurement, task));
      expect(await upload(leader, task, reports)).toEqual([]);
    }
    expect(await statusOf(leader, trial)).toMatchObject({
      state: "open",
      people: 0,
      status: "0 of 2 people so far; 30 reports are being verified",
    });
    await settle(leader, trial.clock);
    for (const node of [leader, helper]) {
      expect(await statusOf(node, trial)).toMatchObject({
        people: 30,
        status: "30 of 2 people so far",
        trouble: null,
      });
    }
    for (const task of trial.tasks) {
      const { reportCounts } = await exactSums(trial, task, stores);
      expect(reportCounts).toEqual([30, 30]);
      const created = await createCollection(leader, trial, task);
      expect(created.status).toBe(201);
      const location = created.headers.get("location") ?? "";
      await settle(leader, trial.clock);
      const ready = await ask(leader, "GET", location, { token: COLLECTOR_TOKEN });
      expect(ready.status).toBe(200);
      const collection = await openResponse(trial, ready, task);
      expect(collection.reportCount).toBe(30);
    }
    expect(await statusOf(leader, trial)).toMatchObject({ state: "collected" });
  });
});
