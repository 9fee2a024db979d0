/** Studies that are cancelled at any moment: either everything of them is released, or nothing. */
import { encodeHex } from "@sumus/bytes";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  ask,
  COLLECTOR_TOKEN,
  createCollection,
  createScene,
  createTrial,
  firstTask,
  OPERATOR_TOKEN,
  openStores,
  openStudy,
  type Scene,
  STORE_KINDS,
  type Stores,
  settle,
  startNode,
  statusOf,
  upload,
} from "./testing.ts";

const UNRECOGNIZED = "urn:ietf:params:ppm:dap:error:unrecognizedTask";

function cancel(node: Scene["leader"], { trial }: Scene, body?: string): Promise<Response> {
  return ask(node, "PATCH", `/studies/${encodeHex(trial.id)}`, {
    token: OPERATOR_TOKEN,
    body: body ?? '{"state": "cancelled"}',
  });
}

/** Whether the collector gets the answer of the first task, given time. */
async function isReleased({ leader, trial }: Scene): Promise<boolean> {
  const created = await createCollection(leader, trial);
  await settle(leader, trial.clock);
  const location = created.headers.get("location") ?? "";
  const answer = await ask(leader, "GET", location, { token: COLLECTOR_TOKEN });
  return answer.status === 200;
}

describe.each(STORE_KINDS)("a cancelled study on %s", (kind) => {
  let stores: Stores;
  beforeAll(async () => {
    stores = await openStores(kind);
  });
  afterAll(() => stores[Symbol.asyncDispose]());

  async function createAnswered(): Promise<Scene> {
    const scene = await createScene(stores, { mean: true });
    const { leader, trial, report } = scene;
    for (const [index, task] of trial.tasks.entries()) {
      const measurement =
        index === 0 ? 1 : Array.from({ length: 16 }, (_, at) => (at < 2 ? 100 : 0));
      const reports = Array.from({ length: 3 }, () => report(measurement, task));
      expect(await upload(leader, task, reports)).toEqual([]);
    }
    return scene;
  }

  test("with reports on their way takes none any more, and its jobs come to an end", async () => {
    const scene = await createAnswered();
    const { leader, helper, trial, report } = scene;
    await leader.jobs.step();
    expect((await cancel(leader, scene)).status).toBe(200);
    expect((await cancel(leader, scene)).status).toBe(200);
    expect((await cancel(helper, scene)).status).toBe(200);
    await settle(leader, trial.clock);
    expect(await statusOf(leader, trial)).toMatchObject({
      state: "cancelled",
      status: expect.stringMatching(/^cancelled 2027-/),
      people: 0,
      trouble: null,
    });
    const late = await ask(
      leader,
      "POST",
      { kind: "reports", taskId: firstTask(trial).id },
      { message: "upload-req", body: report(1) },
    );
    expect(await late.json()).toMatchObject({ type: UNRECOGNIZED });
    expect(await isReleased(scene)).toBe(false);
  });

  test("at its helper alone is released by nobody, as another one is", async () => {
    expect(await isReleased(await createAnswered())).toBe(true);
    const scene = await createAnswered();
    const { leader, helper, trial } = scene;
    await settle(leader, trial.clock);
    expect((await cancel(helper, scene)).status).toBe(200);
    expect(await isReleased(scene)).toBe(false);
  });

  test("races its collection, and one of the two wins", async () => {
    const scene = await createAnswered();
    const { leader, trial } = scene;
    await settle(leader, trial.clock);
    const created = await createCollection(leader, trial);
    const [cancelled] = await Promise.all([cancel(leader, scene), leader.jobs.step()]);
    await settle(leader, trial.clock);
    const location = created.headers.get("location") ?? "";
    const answer = await ask(leader, "GET", location, { token: COLLECTOR_TOKEN });
    const { state } = await statusOf(leader, trial);
    expect([cancelled.status, state, answer.status]).toEqual(
      cancelled.status === 200 ? [200, "cancelled", 404] : [409, "open", 200],
    );
  });

  test("may be cancelled when it ended without an answer, so that charges come back", async () => {
    const trial = createTrial({ days: 1 });
    const helper = await startNode("helper", stores.helper, {
      clock: trial.clock,
      retentionSeconds: 2 * 86_400,
    });
    await openStudy(helper, trial);
    trial.clock.advance(10 * 86_400);
    await stores.helper.transaction("make due", (transaction) =>
      transaction.query("UPDATE housekeeping SET available_at = 0"),
    );
    while (await helper.jobs.step());
    const [ended] = await stores.helper.transaction("look", (transaction) =>
      transaction.query("SELECT state FROM tasks WHERE id = $1", [firstTask(trial).id]),
    );
    expect(ended).toEqual({ state: "deleted" });
    const path = `/studies/${encodeHex(trial.id)}`;
    const body = '{"state":"cancelled"}';
    expect((await ask(helper, "PATCH", path, { token: OPERATOR_TOKEN, body })).status).toBe(200);
    expect(await statusOf(helper, trial)).toMatchObject({ state: "cancelled" });
  });

  test("is its operator's to cancel, in so many words", async () => {
    const scene = await createScene(stores);
    expect((await cancel(scene.leader, scene, '{"state": "open"}')).status).toBe(400);
    const path = `/studies/${encodeHex(scene.trial.id)}`;
    const stranger = await ask(scene.leader, "PATCH", path, { token: COLLECTOR_TOKEN });
    expect(stranger.status).toBe(401);
    const none = await ask(scene.leader, "PATCH", `/studies/${"0".repeat(64)}`, {
      token: OPERATOR_TOKEN,
      body: '{"state":"cancelled"}',
    });
    expect(none.status).toBe(404);
  });
});
