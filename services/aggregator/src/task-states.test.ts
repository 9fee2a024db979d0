/** What operators see of tasks, and tasks that are paused or deleted, on both stores. */

import { encodeBase64url, encodeHex } from "@sumus/bytes";
import { collectInterval } from "@sumus/dap";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TASK_TABLES } from "./store/tasks.ts";
import type { TaskDetails, TaskOverview } from "./task-status.ts";
import {
  ask,
  createScene,
  OPERATOR_TOKEN,
  openStores,
  PEER_TOKEN,
  STORE_KINDS,
  type Stores,
  settle,
  startNode,
  upload,
} from "./testing.ts";
import {
  createTaskScene,
  requestCollection,
  type TaskScene,
  type TaskTrial,
  taskBody,
} from "./testing-task.ts";

function pathOf({ task }: TaskTrial): string {
  return `/tasks/${encodeBase64url(task.id)}`;
}

/** As the operator. */
function order(
  node: TaskScene["leader"],
  method: string,
  path: string,
  body?: string,
): Promise<Response> {
  return ask(node, method, path, { token: OPERATOR_TOKEN, ...(body !== undefined && { body }) });
}

/** An upload that is refused as a whole. */
function post(node: TaskScene["leader"], { task }: TaskTrial, body: Uint8Array): Promise<Response> {
  return ask(node, "POST", { kind: "reports", taskId: task.id }, { message: "upload-req", body });
}

async function show(node: TaskScene["leader"], trial: TaskTrial): Promise<TaskDetails> {
  const response = await order(node, "GET", pathOf(trial));
  expect(response.status).toBe(200);
  return (await response.json()) as TaskDetails;
}

describe.each(STORE_KINDS)("tasks on %s", (kind) => {
  let stores: Stores;
  beforeAll(async () => {
    stores = await openStores(kind);
  });
  afterAll(() => stores[Symbol.asyncDispose]());

  test("are listed and shown to the operator alone, those of studies too", async () => {
    const { trial, leader, report } = await createTaskScene(stores);
    const study = await createScene(stores);
    expect(await upload(leader, trial.task, [report(1), report(2), report(3)])).toEqual([]);
    const replayed = report(4);
    await upload(leader, trial.task, [replayed, replayed]);
    for (const path of ["/tasks", pathOf(trial)]) {
      expect((await ask(leader, "GET", path, { token: PEER_TOKEN })).status).toBe(401);
    }
    const list = (await (await order(leader, "GET", "/tasks")).json()) as TaskOverview[];
    expect(list.find(({ id }) => id === encodeBase64url(trial.task.id))).toMatchObject({
      title: trial.document.title,
      study: null,
      state: "open",
      vdaf: { type: "Prio3Histogram", length: 8 },
      minBatchSize: 2,
      accepted: 0,
      pending: 4,
      refused: 1,
    });
    const ofStudy = list.find(({ study: id }) => id === encodeHex(study.trial.id));
    expect(ofStudy?.title).toBe(`${study.trial.study.title}, task 1`);
    await settle(leader, trial.clock);
    expect(await show(leader, trial)).toMatchObject({
      accepted: 4,
      pending: 0,
      refused: { report_replayed: 1 },
      collectedBatches: 0,
      status: "4 of 2 people so far",
      trouble: null,
    });
    const start = Math.floor(trial.clock.nowSeconds() / 3600) - 1;
    await requestCollection(leader, trial, collectInterval({ start, duration: 2 }));
    await settle(leader, trial.clock);
    const { collectedBatches, collectedIntervals } = await show(leader, trial);
    expect([collectedBatches, collectedIntervals.length]).toEqual([1, 1]);
  });

  test("that are paused keep what they have and take nothing", async () => {
    const { trial, leader, helper, report } = await createTaskScene(stores);
    expect(await upload(leader, trial.task, [report(1)])).toEqual([]);
    const paused = '{"state":"paused"}';
    expect((await order(leader, "PATCH", pathOf(trial), paused)).status).toBe(200);
    expect((await show(leader, trial)).state).toBe("paused");
    const late = report(2);
    const refused = await post(leader, trial, late);
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "300"]);
    expect(await refused.text()).toContain("the operator has paused this task");
    await settle(leader, trial.clock);
    expect(await show(leader, trial)).toMatchObject({ accepted: 1, pending: 0, refused: {} });
    expect((await order(leader, "PATCH", pathOf(trial), '{ "state": "open" }')).status).toBe(200);
    expect(await upload(leader, trial.task, [late])).toEqual([]);
    const atHelper = await order(helper, "PATCH", pathOf(trial), paused);
    expect([atHelper.status, await atHelper.text()]).toEqual([
      409,
      expect.stringContaining("expected the leader's node"),
    ]);
    expect((await order(leader, "PATCH", pathOf(trial), '{"state":"gone"}')).status).toBe(400);
  });

  test("that are deleted are gone from every replica, and stay so", async () => {
    const { trial, leader, helper, report } = await createTaskScene(stores);
    const { clock } = trial;
    const other = await startNode("leader", stores.leader, { clock, replica: "other" });
    await upload(leader, trial.task, [report(1), report(2)]);
    await upload(other, trial.task, [report(3)]);
    await settle(leader, clock);
    const refused = await order(leader, "DELETE", pathOf(trial));
    expect([refused.status, await refused.text()]).toEqual([
      409,
      expect.stringContaining("3 reports are not collected yet; collect them, or delete with"),
    ]);
    const path = `${pathOf(trial)}?uncollected=discard`;
    expect((await order(leader, "DELETE", path)).status).toBe(200);
    expect((await order(leader, "DELETE", path)).status).toBe(200);
    for (const node of [leader, other]) {
      const late = await post(node, trial, report(4));
      expect([late.status, await late.text()]).toEqual([
        404,
        expect.stringContaining("unrecognizedTask"),
      ]);
    }
    expect((await order(other, "GET", pathOf(trial))).status).toBe(404);
    expect(await (await order(leader, "GET", "/tasks")).text()).not.toContain(pathOf(trial));
    const again = await order(leader, "POST", "/tasks", taskBody(trial));
    expect([again.status, await again.text()]).toEqual([
      409,
      expect.stringContaining("deleted here"),
    ]);
    expect((await order(helper, "DELETE", path)).status).toBe(200);
    await settle(leader, clock);
  });

  test("of studies are read only", async () => {
    const { trial, leader } = await createScene(stores);
    const path = `/tasks/${encodeBase64url(trial.tasks[0]?.id ?? new Uint8Array())}`;
    for (const response of [
      await order(leader, "DELETE", path),
      await order(leader, "PATCH", path, '{"state":"paused"}'),
    ]) {
      expect([response.status, await response.text()]).toEqual([
        409,
        expect.stringContaining("got one that belongs to a study"),
      ]);
    }
    expect((await order(leader, "GET", path)).status).toBe(200);
  });

  test("leave nothing behind in any table when they are deleted", async () => {
    const tables = await stores.leader.transaction("look", (transaction) =>
      transaction.query<{ name: string }>(
        `SELECT DISTINCT conrelid::regclass::text AS name FROM pg_constraint
         WHERE contype = 'f' AND confrelid IN ('tasks'::regclass, 'selected_batches'::regclass)`,
      ),
    );
    expect(TASK_TABLES.toSorted()).toEqual(tables.map(({ name }) => name).sort());
  });
});
