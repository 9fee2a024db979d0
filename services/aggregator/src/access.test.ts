/** Who may do what, and what is said to those who may not or ask for something else. */

import { encodeCollectionJobReq } from "@sumus/dap/messages";
import { createLogger } from "@sumus/runtime";
import { canonicalStudy } from "@sumus/study";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { STUDY_BYTES_MAX } from "./limits.ts";
import {
  ask,
  COLLECTOR_TOKEN,
  collectionRequest,
  createScene,
  createTrial,
  firstTask,
  OPERATOR_TOKEN,
  openStores,
  PEER_TOKEN,
  type Stores,
  startNode,
} from "./testing.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores[Symbol.asyncDispose]());

async function problemOf(response: Response): Promise<Record<string, unknown>> {
  expect(response.headers.get("content-type")).toBe("application/problem+json");
  const problem = (await response.json()) as Record<string, unknown>;
  expect(problem["status"]).toBe(response.status);
  return problem;
}

describe("opening a study", () => {
  test("takes the operator's token, and is the same study twice", async () => {
    const trial = createTrial();
    const leader = await startNode("leader", stores.leader, trial);
    for (const token of [undefined, "wrong-token-wrong-token", PEER_TOKEN, COLLECTOR_TOKEN]) {
      const refused = await ask(leader, "POST", "/studies", {
        ...(token !== undefined && { token }),
        body: trial.manifest,
      });
      expect(refused.status).toBe(401);
      expect(await problemOf(refused)).toMatchObject({
        detail: expect.stringMatching(/^expected the bearer token of the operator, got/),
      });
    }
    const open = () =>
      ask(leader, "POST", "/studies", { token: OPERATOR_TOKEN, body: trial.manifest });
    const [first, second] = [await open(), await open()];
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(await second.json()).toEqual(await first.json());
  });

  test("refuses what is no study, or one for other nodes, with the remedy", async () => {
    const trial = createTrial();
    const leader = await startNode("leader", stores.leader, trial);
    const open = (body: string) => ask(leader, "POST", "/studies", { token: OPERATOR_TOKEN, body });
    for (const body of ["", "{}", "{", trial.manifest.slice(0, -1), ` ${trial.manifest}`]) {
      const response = await open(body);
      expect(response.status).toBe(400);
      expect(await problemOf(response)).toMatchObject({ problems: expect.any(Array) });
    }
    expect((await open("x".repeat(STUDY_BYTES_MAX + 1))).status).toBe(413);
    const { study } = createTrial({
      addresses: { leader: "http://localhost:1", helper: "http://localhost:8802" },
    });
    const elsewhere = await open(canonicalStudy(study));
    expect(elsewhere.status).toBe(400);
    expect(await problemOf(elsewhere)).toMatchObject({
      detail: "expected combine.leader to be http://localhost:8801, got http://localhost:1",
    });
  });
});

describe("collecting", () => {
  test("takes the collector's token", async () => {
    const { leader, trial } = await createScene(stores);
    const taskId = firstTask(trial).id;
    const id = new Uint8Array(16);
    for (const token of ["wrong-token-wrong-token", OPERATOR_TOKEN, PEER_TOKEN]) {
      for (const response of [
        await ask(leader, "POST", { kind: "collectionJobs", taskId }, { token }),
        await ask(leader, "GET", { kind: "collectionJobs", taskId, id }, { token }),
        await ask(leader, "DELETE", { kind: "collectionJobs", taskId, id }, { token }),
      ]) {
        expect(response.status).toBe(401);
      }
    }
  });

  test("refuses requests that are truncated, of another mode, or about nothing", async () => {
    const { leader, trial } = await createScene(stores);
    const taskId = firstTask(trial).id;
    const honest = collectionRequest(trial);
    const post = (body: Uint8Array) =>
      ask(
        leader,
        "POST",
        { kind: "collectionJobs", taskId },
        { token: COLLECTOR_TOKEN, message: "collection-job-req", body },
      );
    const body = encodeCollectionJobReq(honest);
    for (let length = 0; length < body.length; length++) {
      const response = await post(body.slice(0, length));
      expect(await problemOf(response)).toMatchObject({ type: /:invalidMessage$/ });
    }
    const batchInterval = { start: 5, duration: 0 };
    const changed: [typeof honest, RegExp][] = [
      [{ ...honest, query: { batchMode: "leader_selected" } }, /:invalidMessage$/],
      [{ ...honest, query: { batchMode: "time_interval", batchInterval } }, /:batchInvalid$/],
      [{ ...honest, aggParam: new Uint8Array(1) }, /:invalidAggregationParameter$/],
      [{ ...honest, extensions: [{ type: 3, data: new Uint8Array() }] }, /:unsupportedExtension$/],
    ];
    for (const [request, type] of changed) {
      const response = await post(encodeCollectionJobReq(request));
      expect(response.status).toBe(400);
      expect(await problemOf(response)).toMatchObject({ type });
    }
    const unknown = { kind: "collectionJobs", taskId, id: new Uint8Array(16) } as const;
    expect((await ask(leader, "GET", unknown, { token: COLLECTOR_TOKEN })).status).toBe(404);
    expect((await ask(leader, "DELETE", unknown, { token: COLLECTOR_TOKEN })).status).toBe(404);
  });
});

test("other paths and methods are refused in words", async () => {
  const { leader, helper, trial } = await createScene(stores);
  const taskId = firstTask(trial).id;
  for (const path of ["/", "/tasks/x/reports", "/studies/00", "/studies/zz", "/hpke_configs"]) {
    const response = await ask(leader, "GET", path);
    expect(response.status).toBe(404);
    await problemOf(response);
  }
  const unknown = await ask(leader, "GET", `/studies/${"0".repeat(64)}`);
  expect(unknown.status).toBe(404);
  const wrong = await ask(leader, "DELETE", "/studies");
  expect(wrong.status).toBe(405);
  expect(await problemOf(wrong)).toMatchObject({ detail: "expected GET or POST, got DELETE" });
  const misplaced = await ask(helper, "POST", { kind: "reports", taskId });
  expect(misplaced.status).toBe(404);
  expect(await problemOf(misplaced)).toMatchObject({
    detail: "this node serves no reports; the study's other node may",
  });
});

test("no log line and no answer holds a token or a key", async () => {
  const lines: string[] = [];
  const log = createLogger({ level: "debug", write: (line) => void lines.push(line) });
  const trial = createTrial();
  const leader = await startNode("leader", stores.leader, { clock: trial.clock, log });
  const bodies: string[] = [];
  for (const token of [OPERATOR_TOKEN, "a-guess-that-is-wrong"]) {
    const response = await ask(leader, "POST", "/studies", { token, body: "no study" });
    bodies.push(await response.text());
  }
  const said = [...lines, ...bodies].join("\n");
  for (const token of [OPERATOR_TOKEN, PEER_TOKEN, COLLECTOR_TOKEN, "a-guess"]) {
    expect(said).not.toContain(token);
  }
});
