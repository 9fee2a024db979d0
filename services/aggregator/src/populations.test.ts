/** Budgets of populations: what fits is opened, what does not is refused in words, whoever races. */
import { defined } from "@sumus/assert";
import { encodeHex } from "@sumus/bytes";
import type { Store } from "@sumus/storage";
import { faultyStore } from "@sumus/storage/testing";
import { lowerStudy } from "@sumus/study";
import { ManualClock } from "@sumus/time";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Aggregator } from "./aggregator.ts";
import {
  ask,
  createClient,
  createCollection,
  createTrial,
  firstTask,
  OPERATOR_TOKEN,
  openPostgresStores,
  openStores,
  START_SECONDS,
  STORE_KINDS,
  type Stores,
  settle,
  startNode,
  type Trial,
  upload,
} from "./testing.ts";

const DAY = 86_400;

type Node = Pick<Aggregator, "fetch">;

function register(node: Node, id: string, rho: number, collections?: string): Promise<Response> {
  const held = collections ?? "{ places: [cell, height, word, street] }";
  const body = `{ id: ${id}, collections: ${held}, budget: { rho: ${rho}, days: 30 } }`;
  return ask(node, "POST", "/populations", { token: OPERATOR_TOKEN, body });
}

function open(node: Node, trial: Trial): Promise<Response> {
  return ask(node, "POST", "/studies", { token: OPERATOR_TOKEN, body: trial.manifest });
}

function cancel(node: Node, trial: Trial): Promise<Response> {
  return ask(node, "PATCH", `/studies/${encodeHex(trial.id)}`, {
    token: OPERATOR_TOKEN,
    body: '{"state":"cancelled"}',
  });
}

async function left(node: Node, id: string): Promise<number> {
  const answer = (await (await ask(node, "GET", `/populations/${id}`)).json()) as {
    leftRho: number;
  };
  return answer.leftRho;
}

async function detailOf(response: Response): Promise<string> {
  return ((await response.json()) as { detail: string }).detail;
}

describe.each(STORE_KINDS)("a population on %s", (kind) => {
  let stores: Stores;
  beforeAll(async () => {
    stores = await openStores(kind);
  });
  afterAll(() => stores[Symbol.asyncDispose]());

  test("opens studies of any population until one is registered", async () => {
    const leader = await startNode("leader", stores.leader, {
      clock: new ManualClock(START_SECONDS),
    });
    expect((await open(leader, createTrial({ population: "nobody knows" }))).status).toBe(201);
    expect((await ask(leader, "GET", "/populations/town")).status).toBe(404);
    expect((await register(leader, "town", 1)).status).toBe(201);
    expect((await register(leader, "town", 2)).status).toBe(200);
    expect(await (await ask(leader, "GET", "/populations/town")).json()).toEqual({
      id: "town",
      collections: { places: ["cell", "height", "word", "street"] },
      budget: { rho: 2, days: 30 },
      spentRho: 0,
      leftRho: 2,
    });
    const stranger = await open(leader, createTrial({ population: "village" }));
    expect([stranger.status, await detailOf(stranger)]).toEqual([
      409,
      "expected a population that is registered here, got village. Its operator registers it",
    ]);
    await register(leader, "hamlet", 9, "{ places: [cell] }");
    const beyond = await open(leader, createTrial({ population: "hamlet", epsilon: 1 }));
    expect(await detailOf(beyond)).toBe(
      "population hamlet holds no places.height, which the study needs",
    );
  });

  test("is its operator's to register, and said to be none when it is none", async () => {
    const leader = await startNode("leader", stores.leader, {
      clock: new ManualClock(START_SECONDS),
    });
    const body = "{ id: x, collections: { a: [b] }, budget: { rho: 1, days: 1 } }";
    expect((await ask(leader, "POST", "/populations", { body })).status).toBe(401);
    expect(await detailOf(await register(leader, "x", -1))).toContain("expected rho above 0");
    expect((await ask(leader, "GET", "/populations/..%2fstudies")).status).toBe(404);
  });

  test("is charged when a study opens, gets it back when it is cancelled, and not once released", async () => {
    const trials = Array.from({ length: 3 }, () => createTrial({ population: "city" }));
    const [first, second, third] = trials;
    if (first === undefined || second === undefined || third === undefined) throw new Error();
    const { rho } = lowerStudy(first.study);
    const clock = first.clock;
    const helper = await startNode("helper", stores.helper, { clock });
    const peerFetch: Aggregator["fetch"] = (request) => helper.fetch(request);
    const leader = await startNode("leader", stores.leader, { clock, peerFetch });
    for (const node of [leader, helper]) {
      await register(node, "city", rho * 1.5);
      expect((await open(node, first)).status).toBe(201);
      expect((await open(node, first)).status).toBe(200);
    }
    expect(await left(leader, "city")).toBeCloseTo(rho * 0.5, 6);
    const refused = await open(leader, second);
    expect([refused.status, await detailOf(refused)]).toEqual([
      409,
      expect.stringMatching(
        /^population city may reveal [\d.]+ rho in 30 days and has [\d.]+ rho left; this study costs [\d.]+\. Ask/,
      ),
    ]);
    // A study that waits for its people holds its charge, however long.
    clock.advance(40 * DAY);
    expect((await open(leader, second)).status).toBe(409);
    clock.advance(-40 * DAY);
    expect((await cancel(leader, first)).status).toBe(200);
    expect(await left(leader, "city")).toBeCloseTo(rho * 1.5, 6);
    expect((await open(leader, second)).status).toBe(201);
    await cancel(helper, first);
    await open(helper, second);
    const report = await createClient(second, leader, helper);
    await upload(leader, firstTask(second), [report(0), report(1)]);
    await createCollection(leader, second);
    await settle(leader, clock);
    expect((await cancel(leader, second)).status).toBe(409);
    for (const node of [leader, helper]) {
      expect((await open(node, third)).status).toBe(409);
    }
    clock.advance(31 * DAY);
    for (const node of [leader, helper]) {
      expect((await open(node, third)).status).toBe(201);
    }
  });
});

describe.each(STORE_KINDS)("replicas on %s", (kind) => {
  let stores: readonly Store[];
  let end: () => Promise<void>;
  beforeAll(async () => {
    const opened = kind === "PGlite" ? await openStores(kind) : await openPostgresStores(2);
    stores = [opened.leader].flat();
    end = async () => await opened[Symbol.asyncDispose]();
  });
  afterAll(() => end());

  test("never give more than there is, whatever races, is cancelled or crashes", async () => {
    const clock = new ManualClock(START_SECONDS);
    const step = fc.record({
      opens: fc.uniqueArray(fc.nat({ max: 7 }), { minLength: 1, maxLength: 8 }),
      cancels: fc.subarray([0, 1, 2, 3, 4, 5, 6, 7], { maxLength: 2 }),
      crash: fc.option(fc.oneof(fc.nat({ max: 5 }), fc.constantFrom("before", "after")), {
        nil: null,
      }),
      days: fc.nat({ max: 20 }),
    });
    let count = 0;
    const cost = lowerStudy(createTrial().study).rho;
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 3 }),
        fc.nat({ max: 4 }),
        async (steps, fits) => {
          const population = `racing-${++count}`;
          const trials = Array.from({ length: 8 }, () => createTrial({ population }));
          const rho = cost * (fits + 0.5);
          for (const { opens, cancels, crash, days } of steps) {
            clock.advance(days * DAY);
            const views = stores.map((store) => faultyStore(store));
            const nodes = await Promise.all(
              views.map((view, index) =>
                startNode("leader", view, { clock, replica: `r${index}` }),
              ),
            );
            const nodeOf = (index: number): Node =>
              defined(nodes[index % nodes.length], "a replica was started");
            await register(nodeOf(0), population, rho);
            if (crash !== null) views[0]?.plan({ name: "open study", when: crash });
            await Promise.allSettled([
              ...opens.flatMap((index) => {
                const trial = trials[index];
                // The same study at both replicas too: it is charged once.
                return trial === undefined
                  ? []
                  : [open(nodeOf(index), trial), open(nodeOf(index + 1), trial)];
              }),
              ...cancels.flatMap((index) =>
                trials[index] ? [cancel(nodeOf(index), trials[index])] : [],
              ),
            ]);
            const [store] = stores;
            const held = await store?.transaction("look", (transaction) =>
              transaction.query<{ nanoRho: number }>(
                `SELECT nano_rho AS "nanoRho" FROM studies WHERE population = $1 AND cancelled_at IS NULL`,
                [population],
              ),
            );
            const sum = (held ?? []).reduce((total, { nanoRho }) => total + nanoRho, 0);
            expect(sum).toBeLessThanOrEqual(Math.floor(rho * 1e9));
            expect(held?.length).toBeLessThanOrEqual(fits);
            // Without a crash or a cancellation whatever fits is opened.
            if (crash === null && cancels.length === 0 && steps.length === 1) {
              expect(held).toHaveLength(Math.min(fits, opens.length));
            }
          }
        },
      ),
      {
        numRuns: 10,
        // Nobody else races: all that fits is opened.
        examples: [[[{ opens: [0, 1, 2, 3, 4, 5], cancels: [], crash: null, days: 0 }], 3]],
      },
    );
  });
});
