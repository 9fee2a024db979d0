/** A helper that is away, or is not what it should be. Nothing is lost; the status says it in words. */
import { decodeAggregationJobResp, encodeAggregationJobResp } from "@sumus/dap/messages";
import type { Fetch } from "@sumus/http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  ask,
  COLLECTOR_TOKEN,
  createClient,
  createCollection,
  createScene,
  createTrial,
  exactSums,
  firstTask,
  openResponse,
  openStores,
  openStudy,
  type Scene,
  type Stores,
  settle,
  startNode,
  statusOf,
  upload,
} from "./testing.ts";

let stores: Stores;
beforeAll(async () => {
  stores = await openStores();
});
afterAll(() => stores[Symbol.asyncDispose]());

/** A network whose behaviour a test changes while it runs. */
function switchable(): { between: (helper: Fetch) => Fetch; set: (fetch?: Fetch) => void } {
  let replacement: Fetch | undefined;
  return {
    between: (helper) => (request) => (replacement ?? helper)(request),
    set: (fetch) => {
      replacement = fetch;
    },
  };
}

const away: Fetch = () => {
  throw new TypeError("fetch failed", {
    cause: Object.assign(new Error("connect"), { code: "ECONNREFUSED" }),
  });
};

async function uploadTwo({ trial, leader, report }: Scene): Promise<void> {
  expect(await upload(leader, firstTask(trial), [report(0), report(1)])).toEqual([]);
}

async function work({ leader }: Scene): Promise<void> {
  while (await leader.jobs.step());
}

describe("a helper that is away", () => {
  test("before the first job: reports wait, and the status says why and until when", async () => {
    const network = switchable();
    const scene = await createScene(stores, {}, network.between);
    const { trial, leader } = scene;
    network.set(away);
    await uploadTwo(scene);
    await work(scene);
    expect(await statusOf(leader, trial)).toMatchObject({
      status: "0 of 2 people so far; 2 reports are being verified",
      trouble: expect.stringMatching(
        /^the helper does not answer: expected an answer from http:\/\/localhost:8802\/tasks\/.*, got ECONNREFUSED; trying again in 1 s$/,
      ),
    });
    // Uploads go on meanwhile, however long it takes.
    await uploadTwo(scene);
    await settle(leader, trial.clock);
    network.set();
    await settle(leader, trial.clock);
    expect(await statusOf(leader, trial)).toMatchObject({ people: 4, trouble: null });
    expect((await exactSums(firstTask(trial), stores)).reportCounts).toEqual([4, 4]);
  });

  test("before the collection: it waits, and the collector hears no error", async () => {
    const network = switchable();
    const scene = await createScene(stores, {}, network.between);
    const { trial, leader } = scene;
    await uploadTwo(scene);
    await work(scene);
    network.set(away);
    const created = await createCollection(leader, trial);
    const location = created.headers.get("location") ?? "";
    await settle(leader, trial.clock);
    const waiting = await ask(leader, "GET", location, { token: COLLECTOR_TOKEN });
    expect(waiting.status).toBe(202);
    expect((await statusOf(leader, trial)).trouble).toMatch(/^the helper does not answer/);
    network.set();
    await settle(leader, trial.clock);
    const ready = await ask(leader, "GET", location, { token: COLLECTOR_TOKEN });
    expect((await openResponse(trial, ready)).reportCount).toBe(2);
  });

  test("that has not opened the study yet: the operator reads what is missing", async () => {
    const trial = createTrial();
    const { clock } = trial;
    const helper = await startNode("helper", stores.helper, { clock });
    const leader = await startNode("leader", stores.leader, { clock, peerFetch: helper.fetch });
    await openStudy(leader, trial);
    const report = await createClient(trial, leader, helper);
    await upload(leader, firstTask(trial), [report(0), report(1)]);
    await settle(leader, clock);
    expect((await statusOf(leader, trial)).trouble).toMatch(
      /^the helper refuses: expected a task created or of a study opened on this node; trying again in/,
    );
    await openStudy(helper, trial);
    await settle(leader, clock);
    expect(await statusOf(leader, trial)).toMatchObject({ people: 2, trouble: null });
  });
});

describe("a helper that answers falsely", () => {
  const respond =
    (change: (body: Uint8Array) => Uint8Array) =>
    (helper: Fetch): Fetch =>
    async (request) => {
      const response = await helper(request);
      const body = new Uint8Array(await response.arrayBuffer());
      return new Response(new Uint8Array(change(body)), response);
    };
  const edit = (
    change: (resps: ReturnType<typeof decodeAggregationJobResp>) => typeof resps,
  ): ((helper: Fetch) => Fetch) =>
    respond((body) =>
      encodeAggregationJobResp(change(decodeAggregationJobResp(body, "dap-18")), "dap-18"),
    );

  test.each<[string, (helper: Fetch) => Fetch]>([
    ["with rubbish", respond(() => Uint8Array.of(1, 2, 3))],
    ["about fewer reports", edit((resps) => resps.slice(1))],
    ["about reports in another order", edit((resps) => resps.toReversed())],
    ["that a step is finished", edit((resps) => resps.map(toFinish))],
  ])("%s is asked ten times, then its job is abandoned and counted", async (_, between) => {
    const scene = await createScene(stores, {}, between);
    const { trial, leader } = scene;
    await uploadTwo(scene);
    await settle(leader, trial.clock);
    const status = await statusOf(leader, trial);
    expect(status).toMatchObject({ people: 0, tasks: [{ refused: { report_dropped: 2 } }] });
    expect(status.trouble).toMatch(/expected/);
    const { reportCounts } = await exactSums(firstTask(trial), stores);
    expect(reportCounts[0]).toBe(0);
  });

  test("once, and then well, costs nothing", async () => {
    let lies = 3;
    const scene = await createScene(stores, {}, (helper) => async (request) => {
      const response = await helper(request);
      return lies-- > 0 ? new Response("rubbish") : response;
    });
    const { trial, leader } = scene;
    await uploadTwo(scene);
    await settle(leader, trial.clock);
    expect(await statusOf(leader, trial)).toMatchObject({ people: 2, trouble: null });
  });

  test("that counted what the leader did not: the batch is not released", async () => {
    const scene = await createScene(stores, {}, (helper) => async (request) => {
      if (!request.url.includes("aggregation_jobs")) return helper(request);
      const response = await helper(request);
      const resps = decodeAggregationJobResp(
        new Uint8Array(await response.arrayBuffer()),
        "dap-18",
      );
      const [first, ...others] = resps;
      if (first === undefined) return response;
      const hidden = { type: "reject", reportId: first.reportId, reportError: "report_dropped" };
      const changed = [hidden, ...others] as typeof resps;
      return new Response(new Uint8Array(encodeAggregationJobResp(changed, "dap-18")), response);
    });
    const { trial, leader, report } = scene;
    await upload(leader, firstTask(trial), [report(0), report(1), report(2)]);
    const created = await createCollection(leader, trial);
    await settle(leader, trial.clock);
    const location = created.headers.get("location") ?? "";
    const failed = await ask(leader, "GET", location, { token: COLLECTOR_TOKEN });
    expect(failed.status).toBe(400);
    expect(await failed.json()).toMatchObject({
      type: "urn:ietf:params:ppm:dap:error:batchMismatch",
    });
  });
});

function toFinish(
  resp: ReturnType<typeof decodeAggregationJobResp>[number],
): ReturnType<typeof decodeAggregationJobResp>[number] {
  return { type: "finish", reportId: resp.reportId };
}
