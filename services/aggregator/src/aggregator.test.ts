import { encodeHex } from "@sumus/bytes";
import type { DapTask } from "@sumus/dap";
import { standardDeviation } from "@sumus/dp";
import { lowerStudy } from "@sumus/study";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  ask,
  COLLECTOR_TOKEN,
  createCollection,
  createScene,
  exactSums,
  firstTask,
  openResponse,
  openStores,
  type Scene,
  STORE_KINDS,
  type Stores,
  settle,
  startNode,
  statusOf,
  upload,
} from "./testing.ts";

let stores: Stores;

/** Where the collector's job is, once it has been given time. */
async function collect(
  { leader, trial }: Scene,
  task: DapTask = firstTask(trial),
): Promise<Response> {
  const created = await createCollection(leader, trial, task);
  expect(created.status).toBe(201);
  await settle(leader, trial.clock);
  const location = created.headers.get("location") ?? "";
  return await ask(leader, "GET", location, { token: COLLECTOR_TOKEN });
}

describe.each(STORE_KINDS)("on %s", (kind) => {
  beforeAll(async () => {
    stores = await openStores(kind);
  });
  afterAll(() => stores[Symbol.asyncDispose]());

  describe("a study through both nodes", () => {
    test("counts everybody once, in every task, and releases each task", async () => {
      const scene = await createScene(stores, { cells: 4, mean: true });
      const { trial, leader, helper, report } = scene;
      expect(trial.tasks.length).toBe(2);
      for (const [index, task] of trial.tasks.entries()) {
        const measurement = index === 0 ? 3 : [0, 0, 0, 0, 30, 170, 0, 0];
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
        const { reportCounts } = await exactSums(task, stores);
        expect(reportCounts).toEqual([30, 30]);
        const ready = await collect(scene, task);
        expect(ready.status).toBe(200);
        expect((await openResponse(trial, ready, task)).reportCount).toBe(30);
      }
      expect(await statusOf(leader, trial)).toMatchObject({ state: "collected" });
    });

    test("each node adds the noise that the study asks for, once", async () => {
      const cells = 400;
      const scene = await createScene(stores, { cells, epsilon: 0.05 });
      const { trial, leader, report } = scene;
      const task = firstTask(trial);
      await upload(leader, task, [report(0), report(1)]);
      await settle(leader, trial.clock);
      const { counts } = await exactSums(task, stores);
      const ready = await collect(scene);
      const again = await createCollection(leader, trial);
      expect(again.status).toBe(200);
      expect(await again.arrayBuffer()).toEqual(await ready.clone().arrayBuffer());

      const { aggregate } = await openResponse(trial, ready);
      const modulus = task.vdaf.fieldModulus;
      const noises = aggregate.map((value, index) => {
        const residue = (value - (counts[index] ?? 0n) + modulus) % modulus;
        return Number(residue > modulus / 2n ? residue - modulus : residue);
      });
      const [plan] = lowerStudy(trial.study).tasks;
      const variance = 2 * (plan === undefined ? 0 : standardDeviation(plan.noise)) ** 2;
      const ratio = noises.reduce((sum, noise) => sum + noise ** 2, 0) / noises.length / variance;
      // The mean of 401 squares has a standard deviation of 7 %: six of them, one alarm in 10^8.
      expect(Math.abs(ratio - 1)).toBeLessThan(0.45);
      // The exact sums are gone from both stores.
      expect((await exactSums(task, stores)).reportCounts).toEqual([0, 0]);
    });

    test("people who come too late are told so", async () => {
      const scene = await createScene(stores);
      const { trial, leader, report } = scene;
      const task = firstTask(trial);
      await upload(leader, task, [report(0), report(1)]);
      expect((await collect(scene)).status).toBe(200);
      const [late] = await upload(leader, task, [report(2)]);
      expect(late?.error).toBe("batch_collected");
      trial.clock.advance(2 * 86_400);
      const [closed] = await upload(leader, task, [report(2)]);
      expect(closed?.error).toBe("report_dropped");
      expect((await statusOf(leader, trial)).tasks[0]?.refused).toEqual({
        batch_collected: 1,
        report_dropped: 1,
      });
    });

    test("the open studies are listed with the manifest that was signed", async () => {
      const { trial, leader, helper } = await createScene(stores);
      for (const node of [leader, helper]) {
        const list: unknown = await (await ask(node, "GET", "/studies")).json();
        expect(list).toContainEqual({
          id: encodeHex(trial.id),
          study: trial.manifest,
          cancelledAt: null,
          releasedAt: null,
        });
      }
    });
  });

  describe("a batch", () => {
    test("with too few people says how many, and rests until it is asked for again", async () => {
      const { trial, leader, report } = await createScene(stores, { peopleMin: 3 });
      const task = firstTask(trial);
      await upload(leader, task, [report(0), report(1)]);
      const created = await createCollection(leader, trial);
      const location = created.headers.get("location") ?? "";
      const poll = () => ask(leader, "GET", location, { token: COLLECTOR_TOKEN });
      const early = await poll();
      expect([early.status, early.headers.get("retry-after")]).toEqual([202, "1"]);
      await settle(leader, trial.clock);
      for (const response of [await poll(), await createCollection(leader, trial)]) {
        expect(response.status).toBe(400);
        expect(await response.json()).toMatchObject({
          type: "urn:ietf:params:ppm:dap:error:invalidBatchSize",
          detail: "2 of 3 people so far",
        });
      }
      // Enough people do not close the batch: it is open until its collector asks again.
      await upload(leader, task, [report(2)]);
      await settle(leader, trial.clock);
      expect(await upload(leader, task, [report(3)])).toEqual([]);
      await settle(leader, trial.clock);
      expect((await poll()).status).toBe(202);
      await settle(leader, trial.clock);
      const ready = await poll();
      expect(ready.status).toBe(200);
      expect((await openResponse(trial, ready)).reportCount).toBe(4);
    });

    test("is collected once, whoever asks in whichever way", async () => {
      const scene = await createScene(stores);
      const { trial, leader, report } = scene;
      const taskId = firstTask(trial).id;
      await upload(leader, firstTask(trial), [report(0), report(1)]);
      const first = await createCollection(leader, trial);
      const location = first.headers.get("location") ?? "";
      await settle(leader, trial.clock);
      const deleted = await ask(leader, "DELETE", location, { token: COLLECTOR_TOKEN });
      expect(deleted.status).toBe(200);
      const gone = await ask(leader, "GET", location, { token: COLLECTOR_TOKEN });
      expect(gone.status).toBe(404);
      const again = await createCollection(leader, trial);
      expect(again.status).toBe(400);
      expect(await again.json()).toMatchObject({
        type: "urn:ietf:params:ppm:dap:error:batchOverlap",
        taskid: Buffer.from(taskId).toString("base64url"),
      });
    });
  });

  test("a node that starts again keeps its keys, so that reports on their way still open", async () => {
    const { trial, leader, helper, report } = await createScene(stores);
    const waiting = [report(0), report(1)];
    const restarted = await startNode("leader", stores.leader, {
      clock: trial.clock,
      peerFetch: helper.fetch,
    });
    const path = "/hpke_config";
    const configOf = async (node: typeof leader) =>
      await (await ask(node, "GET", path)).arrayBuffer();
    expect(await configOf(restarted)).toEqual(await configOf(leader));
    expect(await upload(restarted, firstTask(trial), waiting)).toEqual([]);
    await settle(restarted, trial.clock);
    expect(await statusOf(restarted, trial)).toMatchObject({ people: 2 });
  });
});
