/**
 * Leader-selected batches through both nodes. Every report has a histogram bucket of its own, and
 * there is no noise: each accepted report must be in exactly one of the batches that are collected.
 */
import { encodeBase64url } from "@sumus/bytes";
import { collectNextBatch, timeOf } from "@sumus/dap";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Aggregator } from "./aggregator.ts";
import type { TaskDetails } from "./task-status.ts";
import {
  ask,
  COLLECTOR_TOKEN,
  exactSums,
  OPERATOR_TOKEN,
  openStores,
  STORE_KINDS,
  type Stores,
  settle,
  upload,
} from "./testing.ts";
import {
  createTaskScene,
  openTaskResponse,
  requestCollection,
  type TaskScene,
  type TaskTrial,
} from "./testing-task.ts";

const NEXT = collectNextBatch();

function createScene(cells: number, minBatchSize: number): Promise<TaskScene> {
  const vdaf = { kind: "histogram", length: cells } as const;
  return createTaskScene(stores, { vdaf, minBatchSize, batchMode: "leader_selected" });
}

let stores: Stores;

/** What a collector got, and which cells have somebody in them. */
interface Release {
  readonly reportCount: number;
  readonly interval: { readonly start: number; readonly duration: number };
  readonly cells: readonly number[];
}

/** Asks for the next batch, waits, and takes the answer away; a string is why there is none. */
async function collectNext(node: Aggregator, trial: TaskTrial): Promise<Release | string> {
  const created = await requestCollection(node, trial, NEXT);
  expect(created.status).toBe(201);
  const location = created.headers.get("location") ?? "";
  await settle(node, trial.clock);
  const answer = await ask(node, "GET", location, { token: COLLECTOR_TOKEN });
  const release = answer.status === 200 ? await read(trial, answer) : await problemOf(answer);
  const deleted = await ask(node, "DELETE", location, { token: COLLECTOR_TOKEN });
  expect(deleted.status).toBe(200);
  return release;
}

async function read(trial: TaskTrial, answer: Response): Promise<Release> {
  const { reportCount, interval, aggregate } = await openTaskResponse(trial, NEXT, answer);
  const cells = aggregate.flatMap((count, cell) => new Array<number>(Number(count)).fill(cell));
  return { reportCount, interval, cells };
}

async function problemOf(answer: Response): Promise<string> {
  const { type, detail } = (await answer.json()) as { type: string; detail: string };
  return `${type.split(":").at(-1)}: ${detail}`;
}

/** Everything that can be collected now. */
async function collectAll(node: Aggregator, trial: TaskTrial): Promise<Release[]> {
  const releases: Release[] = [];
  for (;;) {
    const release = await collectNext(node, trial);
    if (typeof release === "string") {
      expect(release).toMatch(/^invalidBatchSize/);
      return releases;
    }
    releases.push(release);
  }
}

/** What a node tells its operator about the task. */
async function statusOf(node: Aggregator, { task }: TaskTrial): Promise<string> {
  const path = `/tasks/${encodeBase64url(task.id)}`;
  const answer = await ask(node, "GET", path, { token: OPERATOR_TOKEN });
  return ((await answer.json()) as TaskDetails).status;
}

function range(count: number, first = 0): number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

describe.each(STORE_KINDS)("on %s", (kind) => {
  beforeAll(async () => {
    stores = await openStores(kind);
  });
  afterAll(() => stores[Symbol.asyncDispose]());

  test("reports fill one batch after another, and each is collected once", async () => {
    const { trial, leader, helper, report } = await createScene(32, 10);
    const { task } = trial;
    await upload(
      leader,
      task,
      range(14).map((cell) => report(cell)),
    );
    await settle(leader, trial.clock);
    await upload(
      leader,
      task,
      range(13, 14).map((cell) => report(cell)),
    );
    await settle(leader, trial.clock);
    expect((await exactSums(task, stores)).reportCounts).toEqual([27, 27]);
    for (const node of [leader, helper]) {
      expect(await statusOf(node, trial)).toBe(
        "2 batches are full and not collected; in the next 7 of 10 people so far",
      );
    }

    const first = await collectNext(leader, trial);
    expect(first).toMatchObject({ reportCount: 10, cells: range(10) });
    const second = await collectNext(leader, trial);
    expect(second).toMatchObject({ reportCount: 10, cells: range(10, 10) });
    expect(await collectNext(leader, trial)).toBe("invalidBatchSize: 7 of 10 people so far");
    expect(await statusOf(leader, trial)).toMatch(/^0 batches are full/);
    expect((await exactSums(task, stores)).reportCounts).toEqual([7, 7]);
    await upload(
      leader,
      task,
      range(3, 27).map((cell) => report(cell)),
    );
    expect(await collectNext(leader, trial)).toMatchObject({ cells: range(10, 20) });
    // The newest batch is collected: those who come now are in another.
    const rest = [30, 31].map((cell) => report(cell));
    expect(await upload(leader, task, rest)).toEqual([]);
    expect(await collectNext(leader, trial)).toBe("invalidBatchSize: 2 of 10 people so far");
    expect((await exactSums(task, stores)).reportCounts).toEqual([2, 2]);
  });

  test("a batch takes reports of any times, and tells the smallest interval around them", async () => {
    const { trial, leader, report } = await createScene(8, 4);
    const { task, clock } = trial;
    const hour = timeOf(task, clock.nowSeconds());
    for (const hoursAgo of [30, 2, 900, 30]) {
      const timeSeconds = clock.nowSeconds() - hoursAgo * 3600;
      expect(await upload(leader, task, [report(0, timeSeconds)])).toEqual([]);
      while (await leader.jobs.step());
    }
    expect(await collectNext(leader, trial)).toMatchObject({
      cells: [0, 0, 0, 0],
      interval: { start: hour - 900, duration: 899 },
    });
  });

  test("asking again is the same job, until its answer was taken away", async () => {
    const { trial, leader, report } = await createScene(8, 1);
    await upload(leader, trial.task, [report(0), report(1)]);
    await settle(leader, trial.clock);
    const first = await requestCollection(leader, trial, NEXT);
    const location = first.headers.get("location") ?? "";
    await settle(leader, trial.clock);
    const ready = await requestCollection(leader, trial, NEXT);
    const again = await requestCollection(leader, trial, NEXT);
    for (const answer of [ready, again]) {
      expect([answer.status, answer.headers.get("location")]).toEqual([200, location]);
    }
    expect(await again.arrayBuffer()).toEqual(await ready.arrayBuffer());
    await ask(leader, "DELETE", location, { token: COLLECTOR_TOKEN });
    const next = await requestCollection(leader, trial, NEXT);
    expect(next.status).toBe(201);
    expect(next.headers.get("location")).not.toBe(location);
    // A deletion that arrives twice does not touch the next answer.
    const late = await ask(leader, "DELETE", location, { token: COLLECTOR_TOKEN });
    expect(late.status).toBe(404);
    await settle(leader, trial.clock);
    expect(await read(trial, await requestCollection(leader, trial, NEXT))).toMatchObject({
      cells: [1],
    });
  });

  test("refused reports make room again: a batch fills up by accepted ones", async () => {
    const { trial, leader, report } = await createScene(40, 5);
    const isBad = (cell: number) => cell % 3 === 0;
    for (const first of [0, 7, 20]) {
      const reports = range(first === 0 ? 7 : 13, first).map((cell) =>
        spoil(report(cell), isBad(cell)),
      );
      await upload(leader, trial.task, reports);
      await settle(leader, trial.clock);
    }
    const accepted = range(33).filter((cell) => !isBad(cell));
    const releases = await collectAll(leader, trial);
    expect(releases.map(({ reportCount }) => reportCount)).toEqual([5, 5, 5, 5]);
    const cells = releases.flatMap((release) => release.cells);
    expect(new Set(cells).size).toBe(20);
    expect(accepted).toEqual(expect.arrayContaining(cells));
  });
});

/** The last byte belongs to the helper's sealed share. */
function spoil(report: Uint8Array, isBad: boolean): Uint8Array {
  if (isBad) report[report.length - 1] = (report.at(-1) ?? 0) ^ 1;
  return report;
}
