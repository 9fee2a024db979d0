/**
 * Reports that a task does not take, by their times and their extensions: each is refused with the
 * draft's reason by the node that can know it, and disturbs no other.
 */
import { collectInterval, collectNextBatch } from "@sumus/dap";
import {
  type AggregationJobInitReq,
  type BatchMode,
  decodeAggregationJobInitReq,
  decodeAggregationJobResp,
  type Extension,
  encodeAggregationJobInitReq,
} from "@sumus/dap/messages";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AggregatorRole } from "./config.ts";
import {
  ask,
  exactSums,
  openStores,
  PEER_TOKEN,
  START_SECONDS,
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

const HOUR = 3600;
const NOW_HOUR = START_SECONDS / HOUR;
/** This hour and the next. */
const interval = { starts: START_SECONDS, ends: START_SECONDS + 2 * HOUR };

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores[Symbol.asyncDispose]());

/** Why reports of the task were refused, as a node counts them. */
async function refusals(
  role: AggregatorRole,
  { trial }: TaskScene,
): Promise<Readonly<Record<string, number>>> {
  return await stores[role].transaction("look", async (transaction) => {
    const rows = await transaction.query<{ outcome: string; count: number }>(
      `SELECT outcome, sum(count)::bigint AS count FROM task_counters c
       JOIN tasks t ON t.number = c.task WHERE t.id = $1 AND outcome <> 'accepted'
       GROUP BY outcome`,
      [trial.task.id],
    );
    return Object.fromEntries(rows.map(({ outcome, count }) => [outcome, count]));
  });
}

describe("a task with an interval", () => {
  test("takes reports of its own times alone", async () => {
    const scene = await createTaskScene(stores, { interval });
    const { trial, leader, report } = scene;
    const { task, clock } = trial;
    const inTime = report(1);
    expect(await upload(leader, task, [report(0, START_SECONDS - 1), inTime])).toMatchObject([
      { error: "report_dropped" },
    ]);
    const tomorrow = report(0, START_SECONDS + 2 * HOUR);
    expect(await upload(leader, task, [tomorrow])).toMatchObject([{ error: "report_too_early" }]);
    clock.advance(2 * HOUR);
    // Made in time, sent late: the report's own time counts.
    expect(await upload(leader, task, [tomorrow, report(2, START_SECONDS + HOUR)])).toMatchObject([
      { error: "report_dropped" },
    ]);
    await settle(leader, clock);
    const { counts } = await exactSums(task, stores);
    expect(counts.slice(0, 3)).toEqual([0n, 1n, 1n]);
    expect(await refusals("leader", scene)).toEqual({ report_dropped: 2, report_too_early: 1 });
  });

  test.each<BatchMode>(["time_interval", "leader_selected"])(
    "is collected after its end (%s)",
    async (batchMode) => {
      const scene = await createTaskScene(stores, { interval, batchMode });
      const { trial, leader, report } = scene;
      await upload(leader, trial.task, [report(3), report(3)]);
      trial.clock.advance(30 * 24 * HOUR);
      const request =
        batchMode === "time_interval"
          ? collectInterval({ start: NOW_HOUR, duration: 2 })
          : collectNextBatch();
      await requestCollection(leader, trial, request);
      await settle(leader, trial.clock);
      const answer = await requestCollection(leader, trial, request);
      expect(await openTaskResponse(trial, request, answer)).toMatchObject({
        reportCount: 2,
        interval: { start: NOW_HOUR, duration: 1 },
        aggregate: [0n, 0n, 0n, 2n, 0n, 0n, 0n, 0n],
      });
    },
  );

  test("is not taken at the leader's word by the helper", async () => {
    let job: AggregationJobInitReq | undefined;
    const scene = await createTaskScene(stores, { interval }, () => async (request) => {
      job ??= decodeAggregationJobInitReq(new Uint8Array(await request.arrayBuffer()));
      throw new TypeError("fetch failed");
    });
    const { trial, leader, helper, report } = scene;
    await upload(leader, trial.task, [report(0), report(1), report(2)]);
    await settle(leader, trial.clock);
    if (job === undefined) throw new Error("the leader sent a job");
    trial.clock.advance(2 * HOUR);
    const times = [NOW_HOUR - 1, NOW_HOUR, NOW_HOUR + 2];
    const verifyInits = job.verifyInits.map((init, index) => {
      const { reportShare, payload } = init;
      const time = times[index] ?? 0;
      const reportMetadata = { ...reportShare.reportMetadata, time };
      return { reportShare: { ...reportShare, reportMetadata }, payload };
    });
    const response = await ask(
      helper,
      "POST",
      { kind: "aggregationJobs", taskId: trial.task.id },
      {
        token: PEER_TOKEN,
        message: "aggregation-job-init-req",
        body: encodeAggregationJobInitReq({ ...job, verifyInits }),
      },
    );
    const body = new Uint8Array(await response.arrayBuffer());
    const errors = decodeAggregationJobResp(body, "dap-18").map((resp) =>
      resp.type === "reject" ? resp.reportError : undefined,
    );
    expect(errors).toEqual(["task_not_started", undefined, "task_expired"]);
  });
});

describe("a report with an extension", () => {
  const extension = (type: number): Extension => ({ type, data: Uint8Array.of(7) });

  test.each([
    ["dap-18", "invalid_message"],
    ["dap-19", "unsupported_extension"],
  ] as const)("that no node knows is refused by who can read it (%s)", async (version, reason) => {
    const scene = await createTaskScene(stores, { version });
    const { trial, leader, report } = scene;
    const { task, clock } = trial;
    const make = (changes: Parameters<typeof report>[2]) => report(5, undefined, changes);
    const inTheClear = make({ publicExtensions: [extension(9)] });
    expect(await upload(leader, task, [inTheClear])).toMatchObject([{ error: reason }]);
    const reports = [
      report(0),
      make({ leaderExtensions: [extension(9)] }),
      report(1),
      make({ helperExtensions: [extension(9)] }),
    ];
    expect(await upload(leader, task, reports)).toEqual([]);
    await settle(leader, clock);
    expect((await exactSums(task, stores)).counts).toEqual([1n, 1n, 0n, 0n, 0n, 0n, 0n, 0n]);
    expect(await refusals("leader", scene)).toEqual({ [reason]: 3 });
    expect(await refusals("helper", scene)).toEqual({ [reason]: 1 });
  });

  test("of which one is there twice, or out of order, is refused as malformed", async () => {
    const scene = await createTaskScene(stores);
    const { trial, leader, report } = scene;
    const make = (changes: Parameters<typeof report>[2]) => report(5, undefined, changes);
    const unordered = [extension(9), extension(3)];
    const atTheDoor = [
      make({ publicExtensions: unordered }),
      make({ publicExtensions: [extension(9)], leaderExtensions: [extension(9)] }),
    ];
    expect(await upload(leader, trial.task, atTheDoor)).toMatchObject([
      { error: "invalid_message" },
      { error: "invalid_message" },
    ]);
    const reports = [
      make({ leaderExtensions: unordered }),
      make({ helperExtensions: [extension(9), extension(9)] }),
      report(1),
      report(2),
    ];
    expect(await upload(leader, trial.task, reports)).toEqual([]);
    await settle(leader, trial.clock);
    expect((await exactSums(trial.task, stores)).reportCounts).toEqual([2, 2]);
    expect(await refusals("leader", scene)).toEqual({ invalid_message: 4 });
  });
});
