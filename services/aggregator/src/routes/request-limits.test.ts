/** What a node does when it is asked for more than it can do: nothing is lost, everybody is told. */
import { concat } from "@sumus/bytes";
import type { Store } from "@sumus/storage";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  AGGREGATION_JOBS_AT_ONCE_MAX,
  COLLECTION_REQUESTS_PER_SECOND,
  RATE_BURST_SECONDS,
  UPLOAD_BYTES_MAX,
  UPLOAD_QUEUE_BYTES_MAX,
} from "../limits.ts";
import {
  ask,
  COLLECTOR_TOKEN,
  createClient,
  createCollection,
  createScene,
  createTrial,
  firstTask,
  openStores,
  openStudy,
  PEER_TOKEN,
  type Stores,
  startNode,
} from "../testing.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores[Symbol.asyncDispose]());

/** A view of a store in which transactions of one name wait. */
function stalled(store: Store, name: string): { store: Store; release: () => void } {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const transaction: Store["transaction"] = async (each, work) => {
    if (each === name) await released;
    return await store.transaction(each, work);
  };
  return { store: { ...store, transaction }, release };
}

test("a full upload queue answers 503 with Retry-After, and takes more when it was written", async () => {
  const trial = createTrial({ cells: 2000 });
  const { store, release } = stalled(stores.leader, "upload");
  const helper = await startNode("helper", stores.helper, trial);
  const leader = await startNode("leader", store, trial);
  await openStudy(leader, trial);
  const report = (await createClient(trial, leader, helper))(0);
  const body = concat(
    ...new Array<Uint8Array>(Math.floor(UPLOAD_BYTES_MAX / report.length)).fill(report),
  );
  const target = { kind: "reports", taskId: firstTask(trial).id } as const;
  const send = () => ask(leader, "POST", target, { message: "upload-req", body });

  // One is being written, and the queue holds as many as fit.
  const taken = Math.floor(UPLOAD_QUEUE_BYTES_MAX / body.length) + 1;
  const waiting = [send()];
  while (waiting.length < taken) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    waiting.push(send());
  }
  const refused = await send();
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "2"]);
  expect(await refused.json()).toMatchObject({ detail: expect.stringContaining("send the same") });
  release();
  expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual(
    new Array(taken).fill(200),
  );
  expect((await send()).status).toBe(200);
});

test("a helper does so many aggregation jobs at once and answers 503 beyond", async () => {
  const trial = createTrial();
  const { store, release } = stalled(stores.helper, "find aggregation job");
  const helper = await startNode("helper", store, trial);
  await openStudy(helper, trial);
  const target = { kind: "aggregationJobs", taskId: firstTask(trial).id } as const;
  const send = () =>
    ask(helper, "POST", target, {
      token: PEER_TOKEN,
      message: "aggregation-job-init-req",
      body: Uint8Array.of(1),
    });
  const running = Array.from({ length: AGGREGATION_JOBS_AT_ONCE_MAX }, send);
  const refused = await send();
  expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "2"]);
  release();
  // They are no jobs, but they were looked at.
  for (const { status } of await Promise.all(running)) expect(status).toBe(400);
  expect((await send()).status).toBe(400);
});

test("collectors are held to a rate for each task, and nobody else can use it up", async () => {
  const { trial, leader } = await createScene(stores);
  const { trial: other } = await createScene(stores);
  const burst = COLLECTION_REQUESTS_PER_SECOND * RATE_BURST_SECONDS;
  const target = { kind: "collectionJobs", taskId: firstTask(trial).id } as const;
  for (let count = 0; count < burst + 10; count++) {
    expect((await ask(leader, "POST", target, { token: "none" })).status).toBe(401);
  }
  const created = await createCollection(leader, trial);
  expect(created.status).toBe(201);
  const job = created.headers.get("location") ?? "";
  let status = 0;
  for (let count = 0; count < burst && status !== 429; count++) {
    status = (await ask(leader, "GET", job, { token: COLLECTOR_TOKEN })).status;
  }
  const refused = await createCollection(leader, trial);
  expect([status, refused.status, refused.headers.get("retry-after")]).toEqual([429, 429, "1"]);
  expect((await createCollection(leader, other)).status).toBe(201);
  trial.clock.advance(1);
  expect((await createCollection(leader, trial)).status).not.toBe(429);
});
