/**
 * Studies that count people by the beginnings of their texts in Poplar1: what may be counted follows
 * from the manifest, so that both nodes count before anybody asks, and count nothing else.
 */
import { defined } from "@sumus/assert";
import { cryptoRandomBytes } from "@sumus/crypto";
import { type DapTask, isPoplar1, parseProblemDocument } from "@sumus/dap";
import {
  decodeAggregateShareReq,
  decodeAggregationJobInitReq,
  decodeHpkeConfigList,
  encodeAggregateShareReq,
  encodeAggregationJobInitReq,
  encodeCollectionJobReq,
} from "@sumus/dap/messages";
import { createLie } from "@sumus/dap/testing";
import type { Fetch } from "@sumus/http";
import { estimateStudy, lowerStudy, type MapRow, type ReleaseMeasure } from "@sumus/study";
import { packBits } from "@sumus/vdaf";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  ask,
  COLLECTOR_TOKEN,
  collectionRequest,
  createCollection,
  createScene,
  exactSums,
  openResponse,
  openStores,
  type Scene,
  STORE_KINDS,
  type Stores,
  settle,
  startNode,
  statusOf,
  upload,
} from "./testing.ts";

/** Half of a 95 % interval is 1.96 standard deviations; the truth is within eight of them. */
const EIGHT_SIGMAS = 8 / 1.95996;
const CANDIDATES = Array.from({ length: 100 }, (_, index) => `${index + 100}`);
const PEOPLE: readonly MapRow[] = Array.from({ length: 40 }, (_, index) => ({
  cell: index % 5 === 4 ? "elsewhere" : `c${index % 2}`,
  // Some are longer than a candidate, some shorter, some are nobody's, some have none.
  word: ["1071", "107", "142 and more", "10", "zzz", null][index % 6] ?? null,
}));

function create(stores: Stores, between?: (helper: Fetch) => Fetch): Promise<Scene> {
  return createScene(stores, { cells: 2, candidates: CANDIDATES }, between);
}

function poplar1TaskOf({ trial }: Scene): DapTask {
  return defined(
    trial.tasks.find(({ vdaf }) => isPoplar1(vdaf)),
    "so many candidates are counted by Poplar1",
  );
}

async function contribute({ leader, trial, report }: Scene, rows = PEOPLE): Promise<void> {
  const { encode } = lowerStudy(trial.study);
  const people = rows.map(encode);
  for (const [index, task] of trial.tasks.entries()) {
    const reports = people.map((each) => report(defined(each[index], "one a task"), task));
    expect(await upload(leader, task, reports)).toEqual([]);
  }
}

function countPlainly({ group, bin }: ReleaseMeasure): number {
  return PEOPLE.filter(
    ({ cell, word }) =>
      (group === null || group["cell"] === cell) &&
      (bin === null || (typeof word === "string" && word.startsWith(bin))),
  ).length;
}

async function typeOf(response: Response): Promise<string> {
  if (response.ok) return `${response.status}`;
  return parseProblemDocument(await response.json())?.type ?? "another problem";
}

/** The other parameter that would tell most: every string by its first bit. */
function otherParameter({ vdaf }: DapTask): Uint8Array {
  if (!isPoplar1(vdaf)) throw new TypeError("expected a task of Poplar1");
  return vdaf.encodeAggParam({ level: 0, prefixes: [packBits([false]), packBits([true])] });
}

describe.each(STORE_KINDS)("on %s", (kind) => {
  let stores: Stores;
  beforeAll(async () => {
    stores = await openStores(kind);
  });
  afterAll(() => stores[Symbol.asyncDispose]());

  test("people are counted before anybody asks, and released with noise", async () => {
    const scene = await create(stores);
    const { leader, trial } = scene;
    await contribute(scene);
    await settle(leader, trial.clock);
    expect(await statusOf(leader, trial)).toMatchObject({ people: 40, trouble: null });
    const plan = lowerStudy(trial.study);
    const exact = await Promise.all(trial.tasks.map((task) => exactSums(task, stores)));
    const counts = exact.map((each) => each.counts);
    const truths = estimateStudy(plan, counts, { noised: false });
    for (const truth of truths) expect(truth.estimate).toBe(countPlainly(truth));

    const aggregates: (readonly bigint[])[] = [];
    for (const task of trial.tasks) {
      const created = await createCollection(leader, trial, task);
      await settle(leader, trial.clock);
      const location = created.headers.get("location") ?? "";
      const [answer, again] = [1, 2].map(() =>
        ask(leader, "GET", location, { token: COLLECTOR_TOKEN }),
      ) as [Promise<Response>, Promise<Response>];
      const { aggregate } = await openResponse(trial, await answer, task);
      // Noise is drawn once: who asks again hears the same.
      expect(await openResponse(trial, await again, task)).toMatchObject({ aggregate });
      aggregates.push(aggregate);
    }
    const released = estimateStudy(plan, aggregates, { noised: true });
    expect(released).toHaveLength(2 + 2 * CANDIDATES.length);
    const noises = released.flatMap(({ estimate, low, high, suppressed }, index) => {
      if (estimate === null || low === null || high === null) {
        expect(suppressed).toBe(true);
        return [];
      }
      const noise = estimate - (truths[index]?.estimate ?? 0);
      expect(Math.abs(noise)).toBeLessThanOrEqual((high - estimate + 1) * EIGHT_SIGMAS);
      return [noise];
    });
    expect(noises.length).toBeGreaterThan(0);
    expect(await statusOf(leader, trial)).toMatchObject({ state: "collected" });
  });
});

describe("on one store a node", () => {
  let stores: Stores;
  beforeAll(async () => {
    stores = await openStores();
  });
  afterAll(() => stores[Symbol.asyncDispose]());

  test("a collector gets the one parameter, and no other", async () => {
    const scene = await create(stores);
    const { leader, trial } = scene;
    const task = poplar1TaskOf(scene);
    await contribute(scene);
    await settle(leader, trial.clock);
    const request = collectionRequest(trial, task);
    for (const aggParam of [otherParameter(task), new Uint8Array(), new Uint8Array(3)]) {
      const response = await ask(
        leader,
        "POST",
        { kind: "collectionJobs", taskId: task.id },
        {
          token: COLLECTOR_TOKEN,
          message: "collection-job-req",
          body: encodeCollectionJobReq({ ...request, aggParam }),
        },
      );
      expect(await typeOf(response)).toBe("invalidAggregationParameter");
    }
    expect((await createCollection(leader, trial, task)).status).toBe(201);
  });

  test("a helper works with it, whatever its leader asks", async () => {
    const seen: Promise<string>[] = [];
    const scene = await create(stores, (helper) => async (request) => {
      const body = new Uint8Array(await request.clone().arrayBuffer());
      const lie = async (bytes: Uint8Array): Promise<string> =>
        await typeOf(await helper(new Request(request, { body: new Uint8Array(bytes) })));
      const type = request.headers.get("content-type") ?? "";
      if (type.includes("aggregation-job-init-req")) {
        const message = decodeAggregationJobInitReq(body);
        if (message.aggParam.length > 0) {
          seen.push(lie(encodeAggregationJobInitReq({ ...message, aggParam: other() })));
        }
      }
      if (type.includes("aggregate-share-req")) {
        const message = decodeAggregateShareReq(body);
        const collectionJobReq = { ...message.collectionJobReq, aggParam: other() };
        seen.push(lie(encodeAggregateShareReq({ ...message, collectionJobReq })));
      }
      await Promise.all(seen);
      return await helper(request);
    });
    const { leader, trial } = scene;
    const task = poplar1TaskOf(scene);
    const other = (): Uint8Array => otherParameter(task);
    await contribute(scene);
    await settle(leader, trial.clock);
    await createCollection(leader, trial, task);
    await settle(leader, trial.clock);
    const answers = await Promise.all(seen);
    expect(answers.length).toBeGreaterThanOrEqual(2);
    expect(new Set(answers)).toEqual(new Set(["invalidAggregationParameter"]));
    expect(await statusOf(leader, trial)).toMatchObject({ people: 40, trouble: null });
  });

  test("nodes that start again after every step count everybody once", async () => {
    const scene = await create(stores);
    const { trial } = scene;
    const task = poplar1TaskOf(scene);
    await contribute(scene);
    let asked: Response | undefined;
    for (let turn = 0; turn < 40; turn++) {
      const { clock } = trial;
      const helper = await startNode("helper", stores.helper, { clock, answers: "asynchronous" });
      const options = { clock, peerFetch: helper.fetch };
      const leader = await startNode("leader", stores.leader, options);
      for (const node of [leader, helper]) await node.jobs.step();
      clock.advance(60);
      const { people } = await statusOf(leader, trial);
      if (asked === undefined && people < PEOPLE.length) continue;
      if (asked === undefined) {
        const exact = await Promise.all(trial.tasks.map((each) => exactSums(each, stores)));
        const counts = exact.map((each) => each.counts);
        for (const truth of estimateStudy(lowerStudy(trial.study), counts, { noised: false })) {
          expect(truth.estimate).toBe(countPlainly(truth));
        }
      }
      asked = await createCollection(leader, trial, task);
      if (asked.status === 200) break;
    }
    const released = await openResponse(trial, defined(asked, "a collector has asked"), task);
    expect(released.reportCount).toBe(PEOPLE.length);
  });

  test("whoever claims to be a thousand people is refused, and nobody else", async () => {
    const scene = await create(stores);
    const { leader, helper, trial } = scene;
    const task = poplar1TaskOf(scene);
    await contribute(scene);
    const configOf = async (node: { readonly fetch: Fetch }) => {
      const response = await ask(node, "GET", { kind: "hpkeConfig" });
      const [config] = decodeHpkeConfigList(new Uint8Array(await response.arrayBuffer()));
      return defined(config, "a node publishes a configuration");
    };
    const input = {
      timeSeconds: trial.clock.nowSeconds(),
      leaderHpkeConfig: await configOf(leader),
      helperHpkeConfig: await configOf(helper),
    };
    const claims = [0, 7, 199].map((index) => ({ index, count: 1000 }));
    const lies = claims.map((claim) => createLie(task, claim, input, cryptoRandomBytes));
    expect(await upload(leader, task, lies)).toEqual([]);
    await settle(leader, trial.clock);
    const { counts, reportCounts } = await exactSums(task, stores);
    expect(reportCounts).toEqual([40, 40]);
    expect(counts.every((count) => count < 40n)).toBe(true);
    const { tasks } = await statusOf(leader, trial);
    expect(tasks.at(-1)?.refused).toEqual({ vdaf_verify_error: 3 });
  });
});
