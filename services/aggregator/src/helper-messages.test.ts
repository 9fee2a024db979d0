/** What a leader may send to a helper: changed, repeated, false. */
import { concat, Secret } from "@sumus/bytes";
import { cryptoRandomBytes } from "@sumus/crypto";
import { type LeaderJob, leaderInitJob } from "@sumus/dap";
import {
  type AggregateShareReq,
  decodeAggregateShareReq,
  decodeAggregationJobInitReq,
  decodeReport,
  encodeAggregateShareReq,
  encodeAggregationJobInitReq,
} from "@sumus/dap/messages";
import { createLogger } from "@sumus/runtime";
import { createSealer } from "@sumus/storage";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HPKE_KEY_RULES } from "./hpke-keys/key-life.ts";
import { openHpkeKeyring } from "./hpke-keys/keyring.ts";
import { createServedTasks } from "./served-tasks.ts";
import {
  ask,
  COLLECTOR_TOKEN,
  collectionRequest,
  createCollection,
  createScene,
  firstTask,
  keysOf,
  openStores,
  PEER_TOKEN,
  type Scene,
  type Stores,
  settle,
  statusOf,
  upload,
} from "./testing.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores[Symbol.asyncDispose]());

/** The job that an honest leader would make of these reports. */
async function createJob(scene: Scene, reports: readonly Uint8Array[]): Promise<LeaderJob> {
  const sealer = createSealer({ current: undefined, others: [] }, cryptoRandomBytes);
  const hpkeKeys = await openHpkeKeyring({
    store: stores.leader,
    clock: scene.trial.clock,
    randomBytes: cryptoRandomBytes,
    sealer,
    log: createLogger({ level: "error", write: () => {} }),
    ...HPKE_KEY_RULES,
  });
  const tasks = createServedTasks({
    store: stores.leader,
    sealer,
    nodeKeys: keysOf("leader"),
    hpkeKeys,
    peer: { url: undefined, token: new Secret(PEER_TOKEN) },
    collectorToken: undefined,
  });
  const served = await tasks.byId(firstTask(scene.trial).id);
  const aggregator = tasks.aggregator(served, scene.trial.clock.nowSeconds());
  return leaderInitJob(aggregator, reports.map(decodeReport));
}

function postJob({ helper, trial }: Scene, body: Uint8Array): Promise<Response> {
  const taskId = firstTask(trial).id;
  return ask(
    helper,
    "POST",
    { kind: "aggregationJobs", taskId },
    { token: PEER_TOKEN, message: "aggregation-job-init-req", body },
  );
}

function postShare({ helper, trial }: Scene, request: AggregateShareReq): Promise<Response> {
  return ask(
    helper,
    "POST",
    { kind: "aggregateShares", taskId: firstTask(trial).id },
    { token: PEER_TOKEN, message: "aggregate-share-req", body: encodeAggregateShareReq(request) },
  );
}

async function expectProblem(response: Response, type: string): Promise<void> {
  expect(response.status).toBeGreaterThanOrEqual(400);
  expect(response.status).toBeLessThan(500);
  expect(await response.json()).toMatchObject({ type: `urn:ietf:params:ppm:dap:error:${type}` });
}

describe("an aggregation job", () => {
  test("is one resource however often it is created, also at the same time", async () => {
    const scene = await createScene(stores);
    const { request } = await createJob(scene, [scene.report(0), scene.report(1)]);
    const answers = await Promise.all([postJob(scene, request), postJob(scene, request)]);
    answers.push(await postJob(scene, request));
    const bodies = await Promise.all(answers.map((answer) => answer.arrayBuffer()));
    expect(bodies[1]).toEqual(bodies[0]);
    expect(bodies[2]).toEqual(bodies[0]);
    const locations = new Set(answers.map((answer) => answer.headers.get("location")));
    expect(locations.size).toBe(1);
    expect(await statusOf(scene.helper, scene.trial)).toMatchObject({ people: 2 });
    const [location = ""] = [...locations] as string[];
    const fetched = await ask(scene.helper, "GET", location, { token: PEER_TOKEN });
    expect(await fetched.arrayBuffer()).toEqual(bodies[0]);

    // Deleted and sent again, its reports are replays: nothing is counted twice.
    const deleted = await ask(scene.helper, "DELETE", location, { token: PEER_TOKEN });
    expect(deleted.status).toBe(200);
    await expectProblem(
      await ask(scene.helper, "GET", location, { token: PEER_TOKEN }),
      "unrecognizedAggregationJob",
    );
    expect((await postJob(scene, request)).status).toBe(201);
    expect(await statusOf(scene.helper, scene.trial)).toMatchObject({
      people: 2,
      tasks: [{ refused: { report_replayed: 2 } }],
    });
  });

  test("in another job does not count a report again", async () => {
    const scene = await createScene(stores);
    const [first, second] = [scene.report(0), scene.report(1)];
    await postJob(scene, (await createJob(scene, [first])).request);
    await postJob(scene, (await createJob(scene, [first, second])).request);
    expect(await statusOf(scene.helper, scene.trial)).toMatchObject({
      people: 2,
      tasks: [{ refused: { report_replayed: 1 } }],
    });
  });

  test("that is truncated or extended is refused", async () => {
    const scene = await createScene(stores);
    const { request } = await createJob(scene, [scene.report(0)]);
    // A request without any report is one too: the six bytes before the first.
    const head = 1 + 4 + 2;
    for (let length = 0; length < request.length; length += 5) {
      if (length === head) continue;
      await expectProblem(await postJob(scene, request.slice(0, length)), "invalidMessage");
    }
    await expectProblem(await postJob(scene, concat(request, Uint8Array.of(1))), "invalidMessage");
    expect(await statusOf(scene.helper, scene.trial)).toMatchObject({ people: 0 });
  });

  test("that is mutated never makes the helper fail, nor count twice", async () => {
    const scene = await createScene(stores);
    const { request } = await createJob(scene, [scene.report(0), scene.report(1)]);
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 255 }), async (place, change) => {
        const body = request.slice();
        const index = place % body.length;
        body[index] = (body[index] ?? 0) ^ change;
        expect([200, 201, 400]).toContain((await postJob(scene, body)).status);
      }),
      { numRuns: 200 },
    );
    await postJob(scene, request);
    // Each mutant that changed one report left the other valid: it was counted the first time.
    expect(await statusOf(scene.helper, scene.trial)).toMatchObject({ people: 2 });
  });

  test("with a report twice, an extension, a parameter or another key is refused", async () => {
    const scene = await createScene(stores);
    const job = decodeAggregationJobInitReq((await createJob(scene, [scene.report(0)])).request);
    const [init] = job.verifyInits;
    if (init === undefined) throw new Error("the job has a report");
    const send = (change: Partial<typeof job>) =>
      postJob(scene, encodeAggregationJobInitReq({ ...job, ...change }));
    await expectProblem(await send({ verifyInits: [init, init] }), "invalidMessage");
    const extensions = [{ type: 7, data: new Uint8Array() }];
    await expectProblem(await send({ extensions }), "unsupportedExtension");
    await expectProblem(await send({ aggParam: new Uint8Array(1) }), "invalidAggregationParameter");
    await expectProblem(await send({ verificationKeyId: 1 }), "invalidMessage");
    expect(await statusOf(scene.helper, scene.trial)).toMatchObject({ people: 0 });
  });
});

describe("an aggregate share", () => {
  /** The request that an honest leader would send after two reports. */
  async function prepare(): Promise<{ scene: Scene; request: AggregateShareReq }> {
    let sent: Uint8Array | undefined;
    const scene = await createScene(stores, {}, (helper) => async (request) => {
      if (!request.url.includes("aggregate_shares")) return helper(request);
      sent ??= new Uint8Array(await request.arrayBuffer());
      throw new TypeError("fetch failed");
    });
    const { trial, leader, report } = scene;
    await upload(leader, firstTask(trial), [report(0), report(1)]);
    await createCollection(leader, trial);
    await settle(leader, trial.clock);
    if (sent === undefined) throw new Error("the leader asked for a share");
    return { scene, request: decodeAggregateShareReq(sent) };
  }

  test("is given for the same reports alone, and the same to who asks again", async () => {
    const { scene, request } = await prepare();
    const changed: [Partial<AggregateShareReq>, string][] = [
      [{ reportCount: 3 }, "batchMismatch"],
      [{ checksum: new Uint8Array(32) }, "batchMismatch"],
    ];
    for (const [change, type] of changed) {
      await expectProblem(await postShare(scene, { ...request, ...change }), type);
    }
    const first = await postShare(scene, request);
    expect(first.status).toBe(201);
    const second = await postShare(scene, request);
    expect(second.status).toBe(200);
    const bytes = await first.arrayBuffer();
    expect(await second.arrayBuffer()).toEqual(bytes);
    const location = second.headers.get("location") ?? "";
    const fetched = await ask(scene.helper, "GET", location, { token: PEER_TOKEN });
    expect(await fetched.arrayBuffer()).toEqual(bytes);

    // Any other question about a bucket of the batch would need noise again.
    const wider = {
      ...collectionRequest(scene.trial),
      query: {
        batchMode: "time_interval" as const,
        batchInterval: { start: 0, duration: 2 ** 40 },
      },
    };
    const overlapping = { ...request, collectionJobReq: wider };
    await expectProblem(await postShare(scene, overlapping), "batchOverlap");
    await ask(scene.helper, "DELETE", location, { token: PEER_TOKEN });
    await expectProblem(await postShare(scene, request), "batchOverlap");
  });

  test("is refused below the minimum, whatever the leader claims", async () => {
    const scene = await createScene(stores, { peopleMin: 3 });
    const job = await createJob(scene, [scene.report(0), scene.report(1)]);
    await postJob(scene, job.request);
    const { query } = collectionRequest(scene.trial);
    if (query.batchMode !== "time_interval") throw new Error("the trial collects an interval");
    const response = await postShare(scene, {
      collectionJobReq: collectionRequest(scene.trial),
      batchSelector: query,
      reportCount: 3,
      checksum: new Uint8Array(32),
    });
    await expectProblem(response.clone(), "invalidBatchSize");
    expect(await response.json()).toMatchObject({ detail: "2 of 3 people so far" });
  });

  test("that is truncated is refused", async () => {
    const { scene, request } = await prepare();
    const body = encodeAggregateShareReq(request);
    for (let length = 0; length < body.length; length++) {
      const response = await ask(
        scene.helper,
        "POST",
        { kind: "aggregateShares", taskId: firstTask(scene.trial).id },
        { token: PEER_TOKEN, message: "aggregate-share-req", body: body.slice(0, length) },
      );
      await expectProblem(response, "invalidMessage");
    }
  });
});

test("nobody but the leader asks a helper for anything", async () => {
  const { helper, trial } = await createScene(stores);
  const taskId = firstTask(trial).id;
  const id = new Uint8Array(16);
  for (const token of ["wrong-token-wrong-token", COLLECTOR_TOKEN]) {
    for (const kind of ["aggregationJobs", "aggregateShares"] as const) {
      for (const response of [
        await ask(helper, "POST", { kind, taskId }, { token }),
        await ask(helper, "GET", { kind, taskId, id }, { token }),
        await ask(helper, "DELETE", { kind, taskId, id }),
      ]) {
        expect(response.status).toBe(401);
        expect(await response.json()).toMatchObject({
          detail: expect.stringMatching(/^expected the bearer token of the leader, got/),
        });
      }
    }
  }
});
