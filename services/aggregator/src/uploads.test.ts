/** What clients may send, and what lying clients do: one bad report never spoils a batch. */
import { concat, encodeUtf8 } from "@sumus/bytes";
import { type Prio3Task, readUploadResponse } from "@sumus/dap";
import { decodeReport, encodeReport } from "@sumus/dap/messages";
import { measurementLength, shardEncoded } from "@sumus/vdaf/testing";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { UPLOAD_BYTES_MAX } from "./limits.ts";
import {
  ask,
  createScene,
  exactSums,
  firstTask,
  lyingTask,
  openStores,
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

function post({ leader, trial }: Scene, body: Uint8Array): Promise<Response> {
  return ask(
    leader,
    "POST",
    { kind: "reports", taskId: firstTask(trial).id },
    { message: "upload-req", body },
  );
}

async function expectInvalidMessage(response: Response): Promise<void> {
  expect(response.status).toBe(400);
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  expect(await response.json()).toMatchObject({
    type: "urn:ietf:params:ppm:dap:error:invalidMessage",
    detail: expect.stringMatching(/expected .*got|expected/),
    taskid: expect.any(String),
  });
}

/** Uploads bad reports among two good ones, and tells what was counted and what was refused. */
async function mixWith(
  scene: Scene,
  bad: readonly Uint8Array[],
): Promise<{ refused: Readonly<Record<string, number>>; counts: bigint[] }> {
  const { trial, leader, report } = scene;
  await upload(leader, firstTask(trial), [report(0), ...bad, report(1)]);
  await settle(leader, trial.clock);
  const { counts, reportCounts } = await exactSums(firstTask(trial), stores);
  expect(reportCounts).toEqual([2, 2]);
  const status = await statusOf(leader, trial);
  return { refused: status.tasks[0]?.refused ?? {}, counts };
}

const ONLY_THE_GOOD = [1n, 1n, 0n, 0n, 0n, 0n, 0n, 0n, 0n];

describe("an upload", () => {
  test("that is truncated anywhere is refused as a whole", async () => {
    const scene = await createScene(stores);
    const body = scene.report(0);
    for (let length = 1; length < body.length; length += 7) {
      await expectInvalidMessage(await post(scene, body.slice(0, length)));
    }
    await expectInvalidMessage(await post(scene, concat(body, Uint8Array.of(0))));
    expect(await statusOf(scene.leader, scene.trial)).toMatchObject({ tasks: [{ pending: 0 }] });
  });

  test("that is empty accepts nothing and refuses nothing", async () => {
    const scene = await createScene(stores);
    expect((await post(scene, new Uint8Array())).status).toBe(200);
  });

  test("of another type, for another task, or too large is refused with the reason", async () => {
    const { leader, trial, report } = await createScene(stores);
    const target = { kind: "reports", taskId: firstTask(trial).id } as const;
    const typed = await ask(leader, "POST", target, {
      message: "collection-job-req",
      body: report(0),
    });
    expect(typed.status).toBe(415);
    expect(await typed.json()).toMatchObject({ detail: /expected content-type .*upload-req/ });
    const unknown = await ask(
      leader,
      "POST",
      { kind: "reports", taskId: new Uint8Array(32) },
      { message: "upload-req", body: report(0) },
    );
    expect(unknown.status).toBe(404);
    expect(await unknown.json()).toMatchObject({ type: /:unrecognizedTask$/ });
    const large = await ask(leader, "POST", target, {
      message: "upload-req",
      body: new Uint8Array(UPLOAD_BYTES_MAX + 1),
    });
    expect(large.status).toBe(413);
  });

  test("that is mutated never makes the node fail, nor count what was not sent", async () => {
    const scene = await createScene(stores);
    const { trial, leader, report } = scene;
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.integer({ min: 1, max: 255 }), async (place, change) => {
        const body = report(0);
        const index = place % body.length;
        body[index] = (body[index] ?? 0) ^ change;
        expect([200, 400]).toContain((await post(scene, body)).status);
      }),
      { numRuns: 300 },
    );
    expect(await upload(leader, firstTask(trial), [report(1)])).toEqual([]);
    await settle(leader, trial.clock);
    const { counts, reportCounts } = await exactSums(firstTask(trial), stores);
    // A report id is bound into everything, so even a change of it alone is refused.
    expect(reportCounts).toEqual([1, 1]);
    expect(counts.slice(0, 2)).toEqual([0n, 1n]);
  });
});

describe("a report", () => {
  test("sent twice is counted once", async () => {
    const { trial, leader, report } = await createScene(stores);
    const task = firstTask(trial);
    const twice = report(0);
    expect(await upload(leader, task, [twice, report(1), twice])).toMatchObject([
      { error: "report_replayed" },
    ]);
    expect(await upload(leader, task, [twice])).toMatchObject([{ error: "report_replayed" }]);
    await settle(leader, trial.clock);
    expect(await upload(leader, task, [twice])).toMatchObject([{ error: "report_replayed" }]);
    await settle(leader, trial.clock);
    expect((await exactSums(task, stores)).reportCounts).toEqual([2, 2]);
  });

  test("of another time, with an unknown key or extension, is refused at the door", async () => {
    const { trial, leader, report } = await createScene(stores);
    const task = firstTask(trial);
    const honest = decodeReport(report(0));
    const { reportMetadata } = honest;
    const leaderShare = honest.leaderEncryptedInputShare;
    const unknownKey = { ...leaderShare, configId: (leaderShare.configId + 1) % 256 };
    const changed = [
      { ...honest, reportMetadata: { ...reportMetadata, time: reportMetadata.time + 9 } },
      { ...honest, reportMetadata: { ...reportMetadata, time: 0 } },
      { ...honest, leaderEncryptedInputShare: unknownKey },
      {
        ...honest,
        reportMetadata: {
          ...reportMetadata,
          publicExtensions: [{ type: 9, data: new Uint8Array() }],
        },
      },
      { ...honest, publicShare: new Uint8Array(3) },
    ];
    const statuses = await upload(leader, task, changed.map(encodeReport));
    expect(statuses.map(({ error }) => error)).toEqual([
      "report_too_early",
      "report_dropped",
      "outdated_config",
      "invalid_message",
      "invalid_message",
    ]);
  });

  test("for another task, or with a broken share, is refused when it is opened", async () => {
    const scene = await createScene(stores);
    const other = await createScene(stores);
    const broken = decodeReport(scene.report(5));
    const break_ = (share: typeof broken.leaderEncryptedInputShare) => ({
      ...share,
      payload: share.payload.map((byte, index) => (index === 0 ? byte ^ 1 : byte)),
    });
    const { refused, counts } = await mixWith(scene, [
      other.report(5),
      encodeReport({
        ...broken,
        leaderEncryptedInputShare: break_(broken.leaderEncryptedInputShare),
      }),
      encodeReport({
        ...decodeReport(scene.report(5)),
        helperEncryptedInputShare: break_(broken.helperEncryptedInputShare),
      }),
    ]);
    expect(refused).toEqual({ hpke_decrypt_error: 3 });
    expect(counts).toEqual(ONLY_THE_GOOD);
  });

  test("made for another version of DAP is refused when it is opened", async () => {
    const scene = await createScene(stores);
    const task = firstTask(scene.trial);
    const version = "dap-19";
    const context = concat(encodeUtf8(version), task.id);
    const report = scene.report(5, { ...task, version, context });
    const { refused, counts } = await mixWith(scene, [report]);
    expect(refused).toEqual({ hpke_decrypt_error: 1 });
    expect(counts).toEqual(ONLY_THE_GOOD);
  });

  test.each<[string, (task: Prio3Task) => Prio3Task]>([
    [
      "that claims a thousand",
      (task) =>
        lyingTask(task, (ctx, _, nonce, rand) => {
          const encoded = new Array<bigint>(measurementLength(task.vdaf)).fill(0n);
          encoded[3] = 1000n;
          return shardEncoded(task.vdaf, ctx, encoded, nonce, rand);
        }),
    ],
    [
      "that counts in two cells",
      (task) =>
        lyingTask(task, (ctx, _, nonce, rand) => {
          const encoded = new Array<bigint>(measurementLength(task.vdaf)).fill(0n);
          encoded[3] = 1n;
          encoded[4] = 1n;
          return shardEncoded(task.vdaf, ctx, encoded, nonce, rand);
        }),
    ],
    [
      "with a false leader joint-rand part",
      (task) => lyingTask(task, (...args) => flip(task.vdaf.shard(...args), "first")),
    ],
    [
      "with a false helper joint-rand part, which would make the helper alone count it",
      (task) => lyingTask(task, (...args) => flip(task.vdaf.shard(...args), "last")),
    ],
  ])("%s is refused by both nodes", async (_, lie) => {
    const scene = await createScene(stores);
    const liar = scene.report(3, lie(firstTask(scene.trial)));
    const { refused, counts } = await mixWith(scene, [liar]);
    expect(refused).toEqual({ vdaf_verify_error: 1 });
    expect(counts).toEqual(ONLY_THE_GOOD);
  });
});

/** Changes the first or the last byte of a public share: the leader's or the helper's part. */
function flip(
  sharded: ReturnType<Prio3Task["vdaf"]["shard"]>,
  which: "first" | "last",
): ReturnType<Prio3Task["vdaf"]["shard"]> {
  const publicShare = sharded.publicShare.slice();
  const index = which === "first" ? 0 : publicShare.length - 1;
  publicShare[index] = (publicShare[index] ?? 0) ^ 1;
  return { ...sharded, publicShare };
}

test("many uploads at once are all answered, each with its own errors", async () => {
  const { trial, leader, report } = await createScene(stores);
  const task = firstTask(trial);
  const shared = report(7);
  const answers = await Promise.all(
    Array.from({ length: 20 }, async (_, index) => {
      const reports = [report(index % 7), shared];
      const response = await ask(
        leader,
        "POST",
        { kind: "reports", taskId: task.id },
        { message: "upload-req", body: concat(...reports) },
      );
      return readUploadResponse(task, new Uint8Array(await response.arrayBuffer()));
    }),
  );
  expect(answers.filter((errors) => errors.length === 0).length).toBe(1);
  expect(answers.flat().every(({ error }) => error === "report_replayed")).toBe(true);
  await settle(leader, trial.clock);
  expect((await exactSums(task, stores)).reportCounts).toEqual([21, 21]);
});
