/** A helper that says "later" again and again: what the operator sees, and where patience ends. */

import { encodeBase64url } from "@sumus/bytes";
import { collectInterval } from "@sumus/dap";
import type { Fetch } from "@sumus/http";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Aggregator } from "./aggregator.ts";
import { DEFERRAL_COUNT_MAX, DEFERRAL_SECONDS_MAX } from "./limits.ts";
import type { TaskDetails } from "./task-status.ts";
import { ask, OPERATOR_TOKEN, openStores, type Stores, startNode, upload } from "./testing.ts";
import {
  createTask,
  createTaskClient,
  createTaskTrial,
  openTaskResponse,
  requestCollection,
  type TaskTrial,
} from "./testing-task.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores[Symbol.asyncDispose]());

interface Scene {
  readonly trial: TaskTrial;
  readonly leader: Aggregator;
  /** Puts everything aside, and does nothing of it until it is stepped. */
  readonly helper: Aggregator;
  /** What the leader sent, such as `DELETE aggregation_jobs`. */
  readonly sent: string[];
}

async function start(): Promise<Scene> {
  const trial = createTaskTrial();
  const { clock } = trial;
  const sent: string[] = [];
  const helper = await startNode("helper", stores.helper, { clock, answers: "asynchronous" });
  const peerFetch: Fetch = (request) => {
    sent.push(`${request.method} ${new URL(request.url).pathname.split("/")[3]}`);
    return helper.fetch(request);
  };
  const leader = await startNode("leader", stores.leader, { clock, peerFetch });
  for (const node of [leader, helper]) await createTask(node, trial);
  const report = await createTaskClient(trial, leader, helper);
  expect(await upload(leader, trial.task, [report(1), report(2)])).toEqual([]);
  return { trial, leader, helper, sent };
}

async function show({ leader, trial }: Scene): Promise<TaskDetails> {
  const path = `/tasks/${encodeBase64url(trial.task.id)}`;
  const response = await ask(leader, "GET", path, { token: OPERATOR_TOKEN });
  return (await response.json()) as TaskDetails;
}

/** The leader works, and time passes, so often. */
async function wait({ leader, trial }: Scene, times: number, seconds: number): Promise<void> {
  for (let count = 0; count < times; count++) {
    while (await leader.jobs.step());
    trial.clock.advance(seconds);
  }
}

test("a job that the helper never does is told of, given up in the end, and called off", async () => {
  const scene = await start();
  await wait(scene, 1, 60);
  expect((await show(scene)).trouble).toBeNull();
  await wait(scene, 2, 60);
  expect((await show(scene)).trouble).toMatch(
    /^the helper is still working on it, asked 3 times since 20\d\d-\d\d-\d\dT[\d:]+Z; trying again/,
  );
  // Often is not enough, and long is not: only both together.
  await wait(scene, DEFERRAL_COUNT_MAX, 60);
  expect(await show(scene)).toMatchObject({ pending: 2, refused: {} });
  expect(scene.sent).not.toContain("DELETE aggregation_jobs");
  scene.trial.clock.advance(DEFERRAL_SECONDS_MAX);
  await wait(scene, 1, 60);
  expect(await show(scene)).toMatchObject({ pending: 0, refused: { report_dropped: 2 } });
  expect(scene.sent.at(-1)).toBe("DELETE aggregation_jobs");
  // The helper does not count what the leader dropped.
  while (await scene.helper.jobs.step());
  expect(await show({ ...scene, leader: scene.helper })).toMatchObject({ accepted: 0 });
});

test("a leader that was away for weeks asks again before it gives up", async () => {
  const scene = await start();
  await wait(scene, 1, 3 * DEFERRAL_SECONDS_MAX);
  await wait(scene, 1, 60);
  expect(await show(scene)).toMatchObject({ pending: 2 });
  while (await scene.helper.jobs.step());
  await wait(scene, 2, 60);
  expect(await show(scene)).toMatchObject({ accepted: 2, pending: 0, trouble: null });
});

test("a share that the helper is long about is told of, and never given up", async () => {
  const scene = await start();
  const { trial, leader, helper } = scene;
  const firstHour = Math.floor(trial.clock.nowSeconds() / 3600);
  const request = collectInterval({ start: firstHour, duration: 1 });
  await wait(scene, 1, 60);
  while (await helper.jobs.step());
  await requestCollection(leader, trial, request);
  await wait(scene, DEFERRAL_COUNT_MAX, 2 * (DEFERRAL_SECONDS_MAX / DEFERRAL_COUNT_MAX));
  expect((await show(scene)).trouble).toMatch(
    /^the helper is still working on it, asked \d\d+ times/,
  );
  while (await helper.jobs.step());
  await wait(scene, 1, 60);
  const response = await requestCollection(leader, trial, request);
  const { aggregate } = await openTaskResponse(trial, request, response);
  expect(aggregate.slice(0, 4)).toEqual([0n, 1n, 1n, 0n]);
  expect((await show(scene)).trouble).toBeNull();
});
