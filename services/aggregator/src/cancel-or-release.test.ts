/**
 * Goal: a study is cancelled or released, never both, at each node and over the two of them, so that vaults
 * may give charges back. Method: lists of collecting, cancelling at either node and working, some at the
 * same time, with crashes within every transaction that decides; then both nodes start anew and go on.
 */
import { encodeHex } from "@sumus/bytes";
import type { Store } from "@sumus/storage";
import { faultyStore, type StoreFault } from "@sumus/storage/testing";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Aggregator } from "./aggregator.ts";
import {
  ask,
  COLLECTOR_TOKEN,
  createClient,
  createCollection,
  createTrial,
  firstTask,
  OPERATOR_TOKEN,
  openStores,
  openStudy,
  STORE_KINDS,
  type Stores,
  startNode,
  type Trial,
  upload,
} from "./testing.ts";

type Role = "leader" | "helper";

/** Both nodes, each over a store that may crash; a node that crashed is started again. */
class Pair {
  readonly #nodes = new Map<Role, Aggregator>();
  readonly #views = new Map<Role, ReturnType<typeof faultyStore>>();
  readonly #stores: Readonly<Record<Role, Store>>;
  readonly #trial: Trial;

  constructor(stores: Readonly<Record<Role, Store>>, trial: Trial) {
    this.#stores = stores;
    this.#trial = trial;
  }

  node(role: Role): Aggregator {
    const node = this.#nodes.get(role);
    if (node === undefined) throw new Error(`expected a ${role}, got none`);
    return node;
  }

  async start(role: Role): Promise<void> {
    const view = faultyStore(this.#stores[role]);
    const { clock } = this.#trial;
    const peerFetch: Aggregator["fetch"] = (request) => this.node("helper").fetch(request);
    this.#views.set(role, view);
    this.#nodes.set(role, await startNode(role, view, { clock, peerFetch }));
  }

  plan(role: Role, fault: StoreFault): void {
    this.#views.get(role)?.plan(fault);
  }

  /** What was in the way of a crash is lost; whoever asked may ask again. */
  async during(role: Role, work: () => Promise<unknown>): Promise<void> {
    await work().catch((error: unknown) => {
      if (!(error instanceof Error)) throw error;
    });
    const view = this.#views.get(role);
    const isDead = await Promise.race([
      view?.crashed.then(() => true),
      new Promise<false>((resolve) => setImmediate(resolve, false)),
    ]);
    if (isDead === true && this.#views.get(role) === view) await this.start(role);
  }

  cancel(role: Role): Promise<void> {
    const path = `/studies/${encodeHex(this.#trial.id)}`;
    const options = { token: OPERATOR_TOKEN, body: '{"state":"cancelled"}' };
    return this.during(role, () => ask(this.node(role), "PATCH", path, options));
  }

  async says(role: Role): Promise<{ cancelledAt: string | null; releasedAt: string | null }> {
    const list = (await (await ask(this.node(role), "GET", "/studies")).json()) as {
      id: string;
      cancelledAt: string | null;
      releasedAt: string | null;
    }[];
    const mine = list.find(({ id }) => id === encodeHex(this.#trial.id));
    if (mine === undefined) throw new Error("expected the study in the list, got none");
    return mine;
  }

  /** A minute is the longest that a job waits between two tries. */
  async work(): Promise<void> {
    for (let minutes = 0; minutes < 3; minutes++) {
      while (await this.node("leader").jobs.step());
      this.#trial.clock.advance(60);
    }
  }

  async isReleased(): Promise<boolean> {
    const created = await createCollection(this.node("leader"), this.#trial);
    await this.work();
    const location = created.headers.get("location") ?? "/";
    const answer = await ask(this.node("leader"), "GET", location, { token: COLLECTOR_TOKEN });
    return answer.status === 200;
  }
}

const deed = fc.constantFrom("collect", "work", "cancel leader", "cancel helper");
const decisive = fc.constantFrom(
  ["leader", "collect"],
  ["leader", "answer"],
  ["leader", "cancel study"],
  ["helper", "share"],
  ["helper", "cancel study"],
);
const when = fc.oneof(
  fc.integer({ min: 0, max: 6 }),
  fc.constantFrom("before", "after", "doubt, done", "doubt, undone"),
);
const moment = fc.record({
  deeds: fc.array(deed, { minLength: 1, maxLength: 3 }),
  crash: fc.option(fc.tuple(decisive, when), { nil: null }),
});

describe.each(STORE_KINDS)("a study on %s", (kind) => {
  let stores: Stores;
  beforeAll(async () => {
    stores = await openStores(kind);
  });
  afterAll(() => stores[Symbol.asyncDispose]());

  async function createAnswered(): Promise<Pair> {
    const trial = createTrial();
    const pair = new Pair(stores, trial);
    for (const role of ["helper", "leader"] as const) {
      await pair.start(role);
      await openStudy(pair.node(role), trial);
    }
    const report = await createClient(trial, pair.node("leader"), pair.node("helper"));
    await upload(pair.node("leader"), firstTask(trial), [report(0), report(1), report(2)]);
    await pair.work();
    return pair;
  }

  test("is cancelled or released, never both, whatever races and crashes", async () => {
    let released = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(moment, { maxLength: 4 }), async (moments) => {
        const pair = await createAnswered();
        for (const { deeds, crash } of moments) {
          if (crash !== null) {
            const [[role, name], when] = crash as [[Role, string], StoreFault["when"]];
            pair.plan(role, { name, when });
          }
          await Promise.all(
            deeds.map((each) => {
              if (each === "cancel leader") return pair.cancel("leader");
              if (each === "cancel helper") return pair.cancel("helper");
              return pair.during("leader", () =>
                each === "collect" ? pair.isReleased() : pair.node("leader").jobs.step(),
              );
            }),
          );
        }
        for (const role of ["helper", "leader"] as const) await pair.start(role);
        const isReleased = await pair.isReleased();
        if (isReleased) released++;
        const [leader, helper] = [await pair.says("leader"), await pair.says("helper")];
        for (const { cancelledAt, releasedAt } of [leader, helper]) {
          expect(cancelledAt === null || releasedAt === null).toBe(true);
          if (isReleased) expect([cancelledAt, typeof releasedAt]).toEqual([null, "string"]);
        }
        // Whoever was refunded by now stays right: no later try brings an answer.
        if (leader.cancelledAt !== null && helper.cancelledAt !== null) {
          expect(await pair.isReleased()).toBe(false);
        }
      }),
      // Without any race the answer comes: the test would see one.
      { numRuns: 8, examples: [[[]]] },
    );
    expect(released).toBeGreaterThan(0);
  });
});
