/** Tasks without a study: created by both operators, then like any other. */

import { defined } from "@sumus/assert";
import { encodeBase64url } from "@sumus/bytes";
import { collectInterval } from "@sumus/dap";
import type { Fetch } from "@sumus/http";
import { ManualClock } from "@sumus/time";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Aggregator } from "./aggregator.ts";
import { OPEN_JOBS_MAX } from "./limits.ts";
import type { TaskOverview } from "./task-status.ts";
import {
  ask,
  OPERATOR_TOKEN,
  openStores,
  PEER_TOKEN,
  START_SECONDS,
  type Stores,
  settle,
  startNode,
  upload,
} from "./testing.ts";
import {
  createTask,
  createTaskClient,
  createTaskScene,
  createTaskTrial,
  openTaskResponse,
  requestCollection,
  type TaskTrial,
  taskBody,
} from "./testing-task.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores[Symbol.asyncDispose]());

const VDAFS = [
  [{ kind: "count" }, [1, 0, 1], [2n]],
  [{ kind: "sum", maxMeasurement: 100 }, [1, 99, 100], [200n]],
  [{ kind: "histogram", length: 3 }, [0, 2, 2], [1n, 0n, 2n]],
  [
    { kind: "sumVec", length: 2, maxMeasurement: 7 },
    [
      [1, 7],
      [2, 0],
    ],
    [3n, 7n],
  ],
  [
    { kind: "multihotCountVec", length: 3, maxWeight: 2 },
    [
      [1, 1, 0],
      [0, 1, 0],
    ],
    [1n, 2n, 0n],
  ],
  [
    { kind: "l1BoundSum", length: 2, maxValue: 9 },
    [
      [4, 5],
      [0, 9],
    ],
    [4n, 14n],
  ],
] as const;

describe("a task without a study", () => {
  test.each(VDAFS)("%j: what is uploaded is what is collected", async (vdaf, rows, sums) => {
    const { trial, leader, report } = await createTaskScene(stores, { vdaf });
    const { task, clock } = trial;
    const start = Math.floor(clock.nowSeconds() / 3600);
    const reports = rows.map((row) => report(row));
    expect(await upload(leader, task, reports)).toEqual([]);
    await settle(leader, clock);
    const request = collectInterval({ start, duration: 1 });
    const created = await requestCollection(leader, trial, request);
    expect(created.status).toBe(201);
    await settle(leader, clock);
    const answer = await requestCollection(leader, trial, request);
    const collection = await openTaskResponse(trial, request, answer);
    expect(collection).toMatchObject({ reportCount: rows.length, aggregate: sums });
  });
});

describe("creating a task", () => {
  const create = async (body: string, token = OPERATOR_TOKEN) => {
    const { leader } = await createTaskScene(stores);
    const response = await ask(leader, "POST", "/tasks", { token, body });
    return { status: response.status, text: await response.text() };
  };

  test("is the operator's, and the same task twice is the same task", async () => {
    const trial = createTaskTrial();
    const { leader } = await createTaskScene(stores);
    const refused = await create(taskBody(trial), PEER_TOKEN);
    expect(refused).toMatchObject({ status: 401 });
    const [first, second] = [await create(taskBody(trial)), await create(taskBody(trial))];
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(second.text).toBe(first.text);
    const secrets = { collectorToken: "another-token-of-the-collector" };
    const changed = await create(taskBody(trial, secrets));
    expect(changed).toMatchObject({ status: 409, text: expect.stringMatching(/got others/) });
    await createTask(leader, trial);
  });

  test.each([
    ["no JSON", "{", /as JSON/],
    ["a list", "[]", /as JSON/],
    ["no document", "{}", /expected a task as a mapping, got nothing/],
    ["another field", '{"task":{},"token":"x"}', /as JSON/],
    ["other nodes", taskBody(createTaskTrial({ leader: "http://localhost:1" })), /leader to be/],
    ["another helper", taskBody(createTaskTrial({ helper: "http://localhost:1" })), /helper to be/],
    ["one of two", taskBody(createTaskTrial(), { peerToken: "x".repeat(16) }), /together/],
    [
      "a short key",
      taskBody(createTaskTrial(), { peerToken: "x".repeat(16), verifyKey: "AAAA" }),
      /32 bytes in base64url, got 3 bytes/,
    ],
    ["a short token", taskBody(createTaskTrial(), { collectorToken: "abc" }), /at least 16/],
    ["an unknown secret", taskBody(createTaskTrial(), { token: "secret" }), /no secrets but/],
  ])("refuses %s, and repeats no secret", async (_, body, expected) => {
    const { status, text } = await create(body);
    expect(status).toBe(400);
    expect(text).toMatch(expected);
    expect(text).not.toMatch(/abc|"secret"|AAAA|xxxx/);
  });
});

test("a helper of one's own that is away holds up no other task", async () => {
  const { leader, trial, report } = await createTaskScene(stores);
  const away = createTaskTrial({ helper: "http://localhost:9" });
  const secrets = { verifyKey: "A".repeat(43), peerToken: "a-token-of-the-other-helper" };
  // The network of these tests has one helper, which knows neither this task nor its token.
  await createTask(leader, away, secrets);
  const awayReport = await createTaskClient(away, leader, leader);
  for (let count = 0; count < 2 * OPEN_JOBS_MAX; count++) {
    expect(await upload(leader, away.task, [awayReport(1)])).toEqual([]);
    await leader.jobs.step();
  }
  expect(await upload(leader, trial.task, [report(1), report(2)])).toEqual([]);
  await settle(leader, trial.clock);
  const response = await ask(leader, "GET", "/tasks", { token: OPERATOR_TOKEN });
  const list = (await response.json()) as TaskOverview[];
  const of = ({ task }: typeof trial) => list.find(({ id }) => id === encodeBase64url(task.id));
  expect(of(trial)).toMatchObject({ accepted: 2, pending: 0 });
  expect(of(away)).toMatchObject({ accepted: 0, pending: 2 * OPEN_JOBS_MAX });
});

/** Asks for the trial's hour until it is answered, while the leader's workers run. */
async function collectWhileRunning(leader: Aggregator, trial: TaskTrial): Promise<bigint[]> {
  const start = Math.floor(trial.clock.nowSeconds() / 3600);
  const request = collectInterval({ start, duration: 1 });
  let response: Response | undefined;
  await expect
    .poll(
      async () => {
        response = await requestCollection(leader, trial, request);
        return response.headers.get("content-type");
      },
      { timeout: 60_000, interval: 20 },
    )
    .toContain("collection-job-resp");
  const { aggregate } = await openTaskResponse(trial, request, defined(response, "polled"));
  return [...aggregate];
}

test("helpers that accept connections and never answer hold up no other task", async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<Response>();
  const held = new Map<string, number>();
  const hang = (origin: string): Promise<Response> => {
    held.set(origin, (held.get(origin) ?? 0) + 1);
    return released.then((response) => response.clone());
  };
  const clock = new ManualClock(START_SECONDS);
  const helper = await startNode("helper", stores.helper, { clock });
  const peerFetch: Fetch = (request) => {
    const { origin } = new URL(request.url);
    return origin.startsWith("http://localhost:90") ? hang(origin) : helper.fetch(request);
  };
  const leader = await startNode("leader", stores.leader, { clock, peerFetch });
  // Four tasks each, so that every worker has more than it can wait for.
  for (let index = 0; index < 8; index++) {
    const origin = `http://localhost:${901 + (index % 2)}`;
    const trial = createTaskTrial({ helper: origin });
    await createTask(leader, trial, {
      verifyKey: "A".repeat(43),
      peerToken: "a-token-of-the-other-helper",
    });
    const report = await createTaskClient(trial, leader, leader);
    expect(await upload(leader, trial.task, [report(1)])).toEqual([]);
  }
  const well = createTaskTrial();
  for (const node of [leader, helper]) await createTask(node, well);
  leader.jobs.start();
  await expect
    .poll(() => [...held.values()].filter((count) => count >= 2), { timeout: 60_000 })
    .toHaveLength(2);
  const report = await createTaskClient(well, leader, helper);
  expect(await upload(leader, well.task, [report(1), report(2)])).toEqual([]);
  expect((await collectWhileRunning(leader, well)).slice(0, 4)).toEqual([0n, 1n, 1n, 0n]);
  // Two each, and one more where workers looked in the same moment.
  for (const count of held.values()) expect(count).toBeLessThanOrEqual(3);
  release(new Response(null, { status: 404 }));
  await leader.close();
});
