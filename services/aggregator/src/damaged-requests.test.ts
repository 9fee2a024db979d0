/**
 * Each request of DAP against the node that it is for: cut, extended, changed in any byte, as another
 * message, too large. It is refused with a reason, never makes a node fail, and what was honest before
 * and after is counted all the same. What reports say falsely stands in `uploads.test.ts`.
 */
import { concat } from "@sumus/bytes";
import { collectInterval, type DapResource, timeOf } from "@sumus/dap";
import { type DapMessageName, encodeCollectionJobReq } from "@sumus/dap/messages";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { AGGREGATION_BYTES_MAX, PARAMETER_REQUEST_BYTES_MAX, UPLOAD_BYTES_MAX } from "./limits.ts";
import {
  ask,
  COLLECTOR_TOKEN,
  exactSums,
  openStores,
  PEER_TOKEN,
  type Stores,
  settle,
  upload,
} from "./testing.ts";
import { createTaskScene, requestCollection, type TaskScene } from "./testing-task.ts";

const MESSAGES: readonly DapMessageName[] = [
  "upload-req",
  "aggregation-job-init-req",
  "aggregation-job-resp",
  "aggregate-share-req",
  "aggregate-share",
  "collection-job-req",
  "collection-job-resp",
  "hpke-config-list",
];

/** Places of a long message that are tried: all of its fields have one among them. */
const PLACES_MAX = 120;

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores[Symbol.asyncDispose]());

/** An honest request, and where it goes. */
interface Honest {
  readonly node: "leader" | "helper";
  readonly kind: Extract<
    DapResource["kind"],
    "reports" | "aggregationJobs" | "aggregateShares" | "collectionJobs"
  >;
  readonly message: DapMessageName;
  readonly token?: string;
  readonly bytesMax: number;
  readonly body: Uint8Array;
}

/** What an honest client, leader and collector send; `collect` closes the batch on the leader. */
async function overhear(
  collect: "collect" | "go on" = "collect",
): Promise<{ scene: TaskScene; requests: readonly Honest[] }> {
  const heard = new Map<string, Uint8Array>();
  const scene = await createTaskScene(stores, {}, (helper) => async (request) => {
    const kind = request.url.includes("aggregate_shares") ? "share" : "job";
    heard.set(kind, new Uint8Array(await request.clone().arrayBuffer()));
    if (kind === "share") throw new TypeError("fetch failed");
    return await helper(request);
  });
  const { trial, leader, report } = scene;
  await upload(leader, trial.task, [report(0), report(1)]);
  await settle(leader, trial.clock);
  const request = collectAll(scene);
  if (collect === "collect") await requestCollection(leader, trial, request);
  await settle(leader, trial.clock);
  const bodyOf = (kind: string): Uint8Array => heard.get(kind) ?? new Uint8Array();
  return {
    scene,
    requests: [
      {
        node: "leader",
        kind: "reports",
        message: "upload-req",
        bytesMax: UPLOAD_BYTES_MAX,
        body: report(2),
      },
      {
        node: "helper",
        kind: "aggregationJobs",
        message: "aggregation-job-init-req",
        token: PEER_TOKEN,
        bytesMax: AGGREGATION_BYTES_MAX,
        body: bodyOf("job"),
      },
      {
        node: "helper",
        kind: "aggregateShares",
        message: "aggregate-share-req",
        token: PEER_TOKEN,
        bytesMax: PARAMETER_REQUEST_BYTES_MAX,
        body: bodyOf("share"),
      },
      {
        node: "leader",
        kind: "collectionJobs",
        message: "collection-job-req",
        token: COLLECTOR_TOKEN,
        bytesMax: PARAMETER_REQUEST_BYTES_MAX,
        body: encodeCollectionJobReq(request),
      },
    ],
  };
}

function collectAll({ trial }: TaskScene): ReturnType<typeof collectInterval> {
  const now = timeOf(trial.task, trial.clock.nowSeconds());
  return collectInterval({ start: now - 100, duration: 1000 });
}

function send(
  scene: TaskScene,
  { node, kind, message, token }: Honest,
  body: Uint8Array,
  contentType?: string,
): Promise<Response> {
  return ask(
    scene[node],
    "POST",
    { kind, taskId: scene.trial.task.id },
    { message, body, ...(token && { token }), ...(contentType && { contentType }) },
  );
}

/** Every place of a short message, and evenly many of a long one. */
function placesOf({ length }: Uint8Array): number[] {
  const step = Math.max(1, Math.floor(length / PLACES_MAX));
  return Array.from({ length: Math.ceil(length / step) }, (_, index) => index * step);
}

async function expectInvalid(response: Response): Promise<void> {
  expect(response.status).toBe(400);
  expect(await response.json()).toMatchObject({
    type: expect.stringMatching(/:error:(invalidMessage|invalidAggregationParameter)$/),
    detail: expect.stringMatching(/expected/),
  });
}

describe("a request", () => {
  test("that is longer than it says, of another type or too large is refused", async () => {
    const { scene, requests } = await overhear();
    for (const honest of requests) {
      await expectInvalid(await send(scene, honest, concat(honest.body, Uint8Array.of(0))));
      const others = MESSAGES.filter((name) => name !== honest.message);
      for (const type of [
        "application/json",
        "application/ppm-dap",
        ...others.map((name) => `application/ppm-dap;message=${name}`),
      ]) {
        const response = await send(scene, honest, honest.body, type);
        expect(response.status, `${honest.message} as ${type}`).toBe(415);
      }
      const large = await send(scene, honest, new Uint8Array(honest.bytesMax + 1));
      expect(large.status).toBe(413);
    }
  });

  test("that is cut anywhere is refused", async () => {
    const { scene, requests } = await overhear();
    for (const honest of requests) {
      for (const length of placesOf(honest.body)) {
        // An upload and a job without any report are whole.
        const response = await send(scene, honest, honest.body.slice(0, length));
        const isWhole = response.status === 200 || response.status === 201;
        if (isWhole) expect(length).toBeLessThanOrEqual(7);
        else await expectInvalid(response);
      }
    }
  });

  test("that is changed in any byte never makes a node fail, and counts nothing", async () => {
    const { scene, requests } = await overhear("go on");
    const { trial, leader, report } = scene;
    for (const honest of requests) {
      if (honest.kind !== "aggregateShares" && honest.kind !== "collectionJobs") {
        await changeEverywhere(scene, honest);
      }
    }
    expect(await upload(leader, trial.task, [report(7)])).toEqual([]);
    await settle(leader, trial.clock);
    const { counts, reportCounts } = await exactSums(trial.task, stores);
    expect(reportCounts).toEqual([3, 3]);
    expect(counts).toEqual([1n, 1n, 0n, 0n, 0n, 0n, 0n, 1n]);
  });

  // Whoever holds a token may ask for other batches: each is given once, or refused.
  test("for a batch, changed in any byte, never makes a node fail", async () => {
    const { scene, requests } = await overhear();
    for (const honest of requests) {
      if (honest.token !== undefined) await changeEverywhere(scene, honest);
    }
  });
});

async function changeEverywhere(scene: TaskScene, honest: Honest): Promise<void> {
  for (const place of placesOf(honest.body)) {
    for (const bits of [0x01, 0x80, 0xff]) {
      const body = honest.body.map((byte, at) => (at === place ? byte ^ bits : byte));
      const { status } = await send(scene, honest, body);
      expect(status, `${honest.message}, byte ${place}`).toBeLessThan(500);
    }
  }
}
