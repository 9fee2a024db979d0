/** What a peer may say about leader-selected batches: changed, repeated, false. */
import { defined } from "@sumus/assert";
import { encodeHex } from "@sumus/bytes";
import { collectNextBatch } from "@sumus/dap";
import {
  type AggregateShareReq,
  type AggregationJobInitReq,
  decodeAggregateShareReq,
  decodeAggregationJobInitReq,
  decodeAggregationJobResp,
  encodeAggregateShareReq,
  encodeAggregationJobInitReq,
} from "@sumus/dap/messages";
import type { Fetch } from "@sumus/http";
import { afterAll, beforeAll, expect, test } from "vitest";
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
import {
  createTaskScene,
  openTaskResponse,
  requestCollection,
  type TaskScene,
} from "./testing-task.ts";

const TRIAL = {
  vdaf: { kind: "histogram", length: 32 },
  minBatchSize: 3,
  batchMode: "leader_selected",
} as const;
const NEXT = collectNextBatch();

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores[Symbol.asyncDispose]());

function range(count: number, first = 0): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

async function aggregate({ trial, leader, report }: TaskScene, cells: number[]): Promise<void> {
  await upload(
    leader,
    trial.task,
    cells.map((cell) => report(cell)),
  );
  await settle(leader, trial.clock);
}

/** Two nodes, and what the leader asked of the helper. */
async function overhear(
  between: (helper: Fetch) => Fetch = (helper) => helper,
): Promise<{ scene: TaskScene; jobs: AggregationJobInitReq[]; shares: AggregateShareReq[] }> {
  const jobs: AggregationJobInitReq[] = [];
  const shares: AggregateShareReq[] = [];
  const scene = await createTaskScene(stores, TRIAL, (helper) => {
    const forward = between(helper);
    return async (request) => {
      const body = new Uint8Array(await request.clone().arrayBuffer());
      if (request.url.endsWith("aggregation_jobs")) jobs.push(decodeAggregationJobInitReq(body));
      else shares.push(decodeAggregateShareReq(body));
      return await forward(request);
    };
  });
  return { scene, jobs, shares };
}

/** Reports in sums that are not collected, on the leader and on the helper. */
async function accepted({ trial }: TaskScene): Promise<readonly [number, number]> {
  return (await exactSums(trial.task, stores)).reportCounts;
}

function away(): Promise<Response> {
  return Promise.reject(new TypeError("fetch failed"));
}

function postJob({ helper, trial }: TaskScene, job: AggregationJobInitReq): Promise<Response> {
  return ask(
    helper,
    "POST",
    { kind: "aggregationJobs", taskId: trial.task.id },
    {
      token: PEER_TOKEN,
      message: "aggregation-job-init-req",
      body: encodeAggregationJobInitReq(job),
    },
  );
}

function postShare({ helper, trial }: TaskScene, request: AggregateShareReq): Promise<Response> {
  return ask(
    helper,
    "POST",
    { kind: "aggregateShares", taskId: trial.task.id },
    { token: PEER_TOKEN, message: "aggregate-share-req", body: encodeAggregateShareReq(request) },
  );
}

async function typeOf(response: Response): Promise<string | undefined> {
  if (response.ok) return undefined;
  return ((await response.json()) as { type: string }).type.split(":").at(-1);
}

/** Why each report of a job was refused. */
async function refusals(response: Response): Promise<(string | undefined)[]> {
  const body = new Uint8Array(await response.arrayBuffer());
  return decodeAggregationJobResp(body, "dap-18").map((resp) =>
    resp.type === "reject" ? resp.reportError : undefined,
  );
}

function batchOf(job: AggregationJobInitReq | undefined): Uint8Array {
  return defined(job?.extensions[0], "the job names its batch").data;
}

function withBatch(job: AggregationJobInitReq, id: Uint8Array): AggregationJobInitReq {
  return { ...job, extensions: [{ type: 1, data: id }] };
}

/** What a collector hears who gives the leader time. */
async function collect({ leader, trial }: TaskScene): Promise<Response> {
  const created = await requestCollection(leader, trial, NEXT);
  const location = created.headers.get("location") ?? "";
  await settle(leader, trial.clock);
  const answer = await ask(leader, "GET", location, { token: COLLECTOR_TOKEN });
  await ask(leader, "DELETE", location, { token: COLLECTOR_TOKEN });
  return answer;
}

test("a job without a sound batch id is refused as a whole", async () => {
  const { scene, jobs } = await overhear(() => away);
  await aggregate(scene, [0, 1, 2]);
  const job = defined(jobs[0], "the leader sent a job");
  expect(batchOf(job).length).toBe(32);
  const data = new Uint8Array(32);
  const answers = [
    await postJob(scene, { ...job, extensions: [] }),
    await postJob(scene, withBatch(job, data.subarray(1))),
    await postJob(scene, {
      ...job,
      extensions: [
        { type: 1, data },
        { type: 7, data },
      ],
    }),
    await postJob(scene, {
      ...job,
      extensions: [
        { type: 1, data },
        { type: 1, data },
      ],
    }),
  ];
  expect(await Promise.all(answers.map(typeOf))).toEqual([
    "invalidMessage",
    "invalidMessage",
    "unsupportedExtension",
    "invalidMessage",
  ]);
  expect(await accepted(scene)).toEqual([0, 0]);
});

test("a report counts in one batch, also when its job is repeated for another", async () => {
  const { scene, jobs } = await overhear(() => away);
  await aggregate(scene, [0, 1, 2]);
  const job = defined(jobs[0], "the leader sent a job");
  const first = await postJob(scene, job);
  expect(first.status).toBe(201);
  const again = await postJob(scene, job);
  expect(await again.arrayBuffer()).toEqual(await first.arrayBuffer());
  const elsewhere = await postJob(scene, withBatch(job, new Uint8Array(32)));
  expect(await refusals(elsewhere)).toEqual(new Array(3).fill("report_replayed"));
  expect(await accepted(scene)).toEqual([0, 3]);
  // A batch that nothing was accepted for is none.
  const request: AggregateShareReq = {
    collectionJobReq: NEXT,
    batchSelector: { batchMode: "leader_selected", batchId: new Uint8Array(32) },
    reportCount: 3,
    checksum: new Uint8Array(32),
  };
  expect(await typeOf(await postShare(scene, request))).toBe("batchInvalid");
});

test("a batch's share is given for the same reports alone, and once", async () => {
  const { scene, jobs, shares } = await overhear(
    (helper) => (request) => (request.url.endsWith("aggregate_shares") ? away() : helper(request)),
  );
  await aggregate(scene, range(7));
  await collect(scene);
  const request = defined(shares[0], "the leader asked for a share");
  const { collectionJobReq } = request;
  const interval = {
    batchMode: "time_interval",
    batchInterval: { start: 0, duration: 9 },
  } as const;
  const other = { batchMode: "leader_selected", batchId: batchOf(jobs[2]) } as const;
  for (const [change, type] of [
    [{ reportCount: 4 }, "batchMismatch"],
    [{ reportCount: 2 }, "batchMismatch"],
    [{ checksum: new Uint8Array(32) }, "batchMismatch"],
    [{ batchSelector: interval }, "invalidMessage"],
    [
      { batchSelector: interval, collectionJobReq: { ...collectionJobReq, query: interval } },
      "invalidMessage",
    ],
    // One of three reports so far.
    [{ batchSelector: other }, "invalidBatchSize"],
    // Another full batch has other reports.
    [{ batchSelector: { ...other, batchId: batchOf(jobs[1]) } }, "batchMismatch"],
  ] as const) {
    expect(await typeOf(await postShare(scene, { ...request, ...change }))).toBe(type);
  }
  const first = await postShare(scene, request);
  const second = await postShare(scene, request);
  expect([first.status, second.status]).toEqual([201, 200]);
  expect(await second.arrayBuffer()).toEqual(await first.arrayBuffer());
  // Any other question about the batch would need noise again.
  const changed = { ...request, reportCount: 4 };
  expect(await typeOf(await postShare(scene, changed))).toBe("batchOverlap");
  const location = first.headers.get("location") ?? "";
  await ask(scene.helper, "DELETE", location, { token: PEER_TOKEN });
  expect(await typeOf(await postShare(scene, request))).toBe("batchOverlap");
});

test("a job that comes late for a collected batch counts nothing", async () => {
  let isAway = false;
  const { scene, jobs } = await overhear(
    (helper) => (request) => (isAway ? away() : helper(request)),
  );
  await aggregate(scene, range(3));
  expect((await collect(scene)).status).toBe(200);
  isAway = true;
  await aggregate(scene, range(2, 3));
  const late = withBatch(defined(jobs.at(-1), "the second job"), batchOf(jobs[0]));
  expect(await refusals(await postJob(scene, late))).toEqual([
    "batch_collected",
    "batch_collected",
  ]);
  expect(await accepted(scene)).toEqual([0, 0]);
  // The reports themselves were not used up by the lie.
  isAway = false;
  await settle(scene.leader, scene.trial.clock);
  expect(await accepted(scene)).toEqual([2, 2]);
});

test("a helper that refuses a batch for good costs that batch and no other", async () => {
  const refusal = {
    type: "urn:ietf:params:ppm:dap:error:batchMismatch",
    title: "no",
    status: 400,
    detail: "expected other reports",
  };
  let lies = 1;
  const { scene, shares } = await overhear((helper) => async (request) => {
    if (!request.url.endsWith("aggregate_shares") || lies-- <= 0) return await helper(request);
    const headers = { "content-type": "application/problem+json" };
    return new Response(JSON.stringify(refusal), { status: 400, headers });
  });
  const { trial, leader } = scene;
  await aggregate(scene, range(6));
  const created = await requestCollection(leader, trial, NEXT);
  await settle(leader, trial.clock);
  const location = created.headers.get("location") ?? "";
  const refused = await ask(leader, "GET", location, { token: COLLECTOR_TOKEN });
  expect(await typeOf(refused)).toBe("batchMismatch");
  // Also for a collector who never heard of it the next question is for another batch.
  const answer = await collect(scene);
  expect((await openTaskResponse(scene.trial, NEXT, answer)).aggregate.slice(0, 6)).toEqual([
    0n,
    0n,
    0n,
    1n,
    1n,
    1n,
  ]);
  expect(await typeOf(await collect(scene))).toBe("invalidBatchSize");
  const ids = shares.map(({ batchSelector }) =>
    batchSelector.batchMode === "leader_selected" ? encodeHex(batchSelector.batchId) : "",
  );
  expect(new Set(ids).size).toBe(2);
});

test("a job that is abandoned makes room in its batch", async () => {
  let isMad = true;
  const { scene } = await overhear(
    (helper) => (request) =>
      isMad ? Promise.resolve(new Response("?", { status: 200 })) : helper(request),
  );
  await aggregate(scene, range(2));
  expect(await accepted(scene)).toEqual([0, 0]);
  isMad = false;
  await aggregate(scene, range(4, 2));
  const { aggregate: counts } = await openTaskResponse(scene.trial, NEXT, await collect(scene));
  expect(counts.slice(0, 6)).toEqual([0n, 0n, 1n, 1n, 1n, 0n]);
});
