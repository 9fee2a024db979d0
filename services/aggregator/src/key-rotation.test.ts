/**
 * HPKE keys that change while reports come in: by hand and by themselves, with clients that remember
 * old configurations, replicas, and crashes around every transaction that touches keys or reports.
 * Every report has a bucket of its own, so a loss shows; none may be refused.
 */
import { assert, defined } from "@sumus/assert";
import { concat } from "@sumus/bytes";
import { cryptoRandomBytes } from "@sumus/crypto";
import { chooseHpkeConfig, createReport, readUploadResponse } from "@sumus/dap";
import { decodeHpkeConfigList, type HpkeConfig } from "@sumus/dap/messages";
import type { Store } from "@sumus/storage";
import { faultyStore, type StoreFault } from "@sumus/storage/testing";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Aggregator } from "./aggregator.ts";
import type { AggregatorRole } from "./config.ts";
import {
  CONFIG_CACHE_SECONDS,
  KEY_CLOSED_SECONDS,
  KEY_PENDING_SECONDS,
  KEYS_RELOAD_SECONDS,
} from "./hpke-keys/key-life.ts";
import type { HpkeKeyStatus } from "./routes/hpke-keys.ts";
import {
  ask,
  createTrial,
  exactSums,
  firstTask,
  OPERATOR_TOKEN,
  openPostgresStores,
  openStores,
  openStudy,
  STORE_KINDS,
  type StoreKind,
  settle,
  startNode,
  statusOf,
  type Trial,
} from "./testing.ts";

const CELLS = 24;
const RUNS = 15;
const OPS_MAX = 30;
const ROLES = ["leader", "helper"] as const;

/** Clients remember a configuration for half as long as a retired key is kept. */
const CACHE_SECONDS = 4 * 3600;
const RULES = { keepSeconds: 2 * CACHE_SECONDS, rotateAfterSeconds: 6 * 3600 };

const REPLICAS: Readonly<Record<StoreKind, number>> = { PGlite: 1, PostgreSQL: 2 };

type Op =
  | { readonly kind: "upload"; readonly count: number; readonly remembered: number }
  | { readonly kind: "rotate"; readonly role: AggregatorRole; readonly replica: number }
  | { readonly kind: "step" }
  | { readonly kind: "wait"; readonly seconds: number }
  | { readonly kind: "crash"; readonly role: AggregatorRole; readonly plan: StoreFault };

const KEY_WRITES = [
  "create HPKE key",
  "read HPKE keys",
  "rotate HPKE key",
  "delete HPKE keys",
  "lease housekeeping",
  "finish housekeeping",
];
const WRITES = {
  leader: [...KEY_WRITES, "upload", "gather", "prepare", "commit"],
  helper: [...KEY_WRITES, "aggregate"],
};

const role = fc.constantFrom(...ROLES);
const crash: fc.Arbitrary<Op> = role.chain((ofRole) =>
  fc.record({
    kind: fc.constant("crash" as const),
    role: fc.constant(ofRole),
    plan: fc.record({
      name: fc.constantFrom(...WRITES[ofRole]),
      when: fc.constantFrom("before" as const, "after" as const),
    }),
  }),
);
const op: fc.Arbitrary<Op> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("upload" as const),
      count: fc.integer({ min: 1, max: 3 }),
      remembered: fc.nat({ max: 1000 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("rotate" as const),
      role,
      replica: fc.nat({ max: 1 }),
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("step" as const) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant("wait" as const),
      seconds: fc.oneof(fc.integer({ min: 1, max: 70 }), fc.integer({ min: 600, max: 7200 })),
    }),
  },
  { weight: 4, arbitrary: crash },
);

let stores: Readonly<Record<AggregatorRole, readonly Store[]>>;

/** What a client was given, and when. */
interface Remembered {
  readonly atSeconds: number;
  readonly configs: Readonly<Record<AggregatorRole, HpkeConfig>>;
}

interface Sent {
  readonly cell: number;
  readonly report: Uint8Array;
  acknowledged: boolean;
}

class World {
  readonly trial: Trial = createTrial({ cells: CELLS, days: 30 });
  readonly sent: Sent[] = [];
  readonly remembered: Remembered[] = [];
  readonly #nodes = {
    leader: new Map<number, Aggregator>(),
    helper: new Map<number, Aggregator>(),
  };
  readonly #dead = { leader: new Set<number>(), helper: new Set<number>() };

  /** One of the replicas, by chance of the caller's. */
  node(ofRole: AggregatorRole, choice: number): Aggregator {
    const replica = choice % stores[ofRole].length;
    return defined(this.#nodes[ofRole].get(replica), "replicas are started");
  }

  async start(ofRole: AggregatorRole, replica: number, plan?: StoreFault): Promise<void> {
    const store = defined(stores[ofRole][replica], "a replica has a store");
    const view = plan && faultyStore(store);
    if (plan !== undefined) view?.plan(plan);
    void view?.crashed.then(() => this.#dead[ofRole].add(replica));
    const starting = startNode(ofRole, view ?? store, {
      clock: this.trial.clock,
      replica: `${ofRole} ${replica}`,
      hpkeKeys: RULES,
      peerFetch: async (request) => {
        const helper = this.#chooseHelper();
        if (this.#dead.helper.has(helper)) throw new TypeError("fetch failed");
        const response = await this.node("helper", helper).fetch(request);
        if (this.#dead.helper.has(helper)) throw new TypeError("socket hang up");
        return response;
      },
    });
    // A node that dies at its start is started again.
    const node = await starting.catch(() => undefined);
    if (node === undefined) await this.start(ofRole, replica);
    else this.#nodes[ofRole].set(replica, node);
  }

  async revive(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    for (const ofRole of ROLES) {
      for (const replica of [...this.#dead[ofRole]]) {
        this.#dead[ofRole].delete(replica);
        await this.start(ofRole, replica);
      }
    }
  }

  async startAll(): Promise<void> {
    for (const ofRole of ROLES) {
      for (const replica of stores[ofRole].keys()) {
        this.#dead[ofRole].delete(replica);
        await this.start(ofRole, replica);
      }
    }
  }

  #helperTurn = 0;

  #chooseHelper(): number {
    return this.#helperTurn++ % stores.helper.length;
  }

  /** Fetches what a client would; undefined when a node is down. */
  async configs(choice: number): Promise<Remembered["configs"] | undefined> {
    const fetch = async (ofRole: AggregatorRole): Promise<HpkeConfig | undefined> => {
      const response = await ask(this.node(ofRole, choice), "GET", { kind: "hpkeConfig" });
      if (response.status !== 200) return undefined;
      expect(response.headers.get("cache-control")).toBe(`max-age=${CONFIG_CACHE_SECONDS}`);
      const list = decodeHpkeConfigList(new Uint8Array(await response.arrayBuffer()));
      expect(list).toHaveLength(1);
      return chooseHpkeConfig(list);
    };
    const [leader, helper] = [await fetch("leader"), await fetch("helper")];
    return leader && helper && { leader, helper };
  }

  async upload(choice: number, reports: readonly Sent[]): Promise<void> {
    const task = firstTask(this.trial);
    const response = await ask(
      this.node("leader", choice),
      "POST",
      { kind: "reports", taskId: task.id },
      { message: "upload-req", body: concat(...reports.map(({ report }) => report)) },
    );
    if (response.status !== 200) return;
    const refused = readUploadResponse(task, new Uint8Array(await response.arrayBuffer()));
    const reasons = refused.map(({ error }) => error).filter((name) => name !== "report_replayed");
    expect(reasons).toEqual([]);
    for (const report of reports) report.acknowledged = true;
  }
}

/** Reports sealed to a configuration that the client fetched, or remembers for long enough. */
async function makeReports(world: World, choice: number, count: number): Promise<Sent[]> {
  const { trial, remembered } = world;
  const nowSeconds = trial.clock.nowSeconds();
  const fresh = await world.configs(choice);
  if (fresh !== undefined) remembered.push({ atSeconds: nowSeconds, configs: fresh });
  const usable = remembered.filter(({ atSeconds }) => nowSeconds - atSeconds <= CACHE_SECONDS);
  const entry = usable[choice % Math.max(1, usable.length)];
  if (entry === undefined) return [];
  const { leader: leaderHpkeConfig, helper: helperHpkeConfig } = entry.configs;
  const first = world.sent.length;
  return Array.from({ length: Math.min(count, CELLS - first) }, (_, index) => ({
    cell: first + index,
    report: createReport(
      firstTask(trial),
      { measurement: first + index, timeSeconds: nowSeconds, leaderHpkeConfig, helperHpkeConfig },
      cryptoRandomBytes,
    ),
    acknowledged: false,
  }));
}

async function perform(world: World, next: Op): Promise<void> {
  const { clock } = world.trial;
  switch (next.kind) {
    case "upload": {
      const reports = await makeReports(world, next.remembered, next.count);
      world.sent.push(...reports);
      // Not to the replica that the configuration may have come from.
      if (reports.length > 0) await world.upload(next.remembered + 1, reports);
      break;
    }
    case "rotate":
      await ask(world.node(next.role, next.replica), "POST", "/hpke_keys", {
        token: OPERATOR_TOKEN,
      });
      break;
    case "step":
      for (const ofRole of ROLES) {
        for (const replica of stores[ofRole].keys()) {
          await world
            .node(ofRole, replica)
            .jobs.step()
            .catch(() => false);
        }
      }
      break;
    case "wait":
      // Nodes are never down for as long as a retired key is kept: that would be a loss by rule.
      if (next.seconds > 600) await finish(world);
      clock.advance(next.seconds);
      break;
    case "crash":
      await world.start(next.role, 0, next.plan);
      break;
  }
  await world.revive();
}

/** All nodes are up, and everything that waits is aggregated. */
async function finish(world: World): Promise<void> {
  await world.startAll();
  const waiting = world.sent.filter(({ acknowledged }) => !acknowledged);
  if (waiting.length > 0) await world.upload(0, waiting);
  await settle(world.node("leader", 0), world.trial.clock);
}

async function keysOf(world: World, ofRole: AggregatorRole): Promise<HpkeKeyStatus[]> {
  const response = await ask(world.node(ofRole, 1), "GET", "/hpke_keys", { token: OPERATOR_TOKEN });
  return ((await response.json()) as { keys: HpkeKeyStatus[] }).keys;
}

async function simulate(ops: readonly Op[]): Promise<void> {
  const world = new World();
  const { trial } = world;
  await world.startAll();
  for (const ofRole of ROLES) await openStudy(world.node(ofRole, 0), trial);
  for (const next of ops) await perform(world, next);
  await finish(world);

  const [leader, helper] = [stores.leader[0], stores.helper[0]];
  assert(leader !== undefined && helper !== undefined, "there are stores");
  const { counts } = await exactSums(firstTask(trial), { leader, helper });
  const expected = Array.from({ length: CELLS }, (_, cell) => (cell < world.sent.length ? 1n : 0n));
  expect(counts.slice(0, CELLS)).toEqual(expected);
  expect((await statusOf(world.node("leader", 0), trial)).tasks[0]).toMatchObject({
    accepted: world.sent.length,
  });

  // Nothing is sealed to the old keys any more: they go, in every replica's memory too.
  for (let hours = 0; hours < 15; hours++) {
    trial.clock.advance(KEY_CLOSED_SECONDS);
    for (const ofRole of ROLES) await world.node(ofRole, 0).jobs.step();
  }
  for (const ofRole of ROLES) {
    // By themselves keys are rotated every six hours here, and kept for eight beyond.
    expect((await keysOf(world, ofRole)).length).toBeLessThanOrEqual(4);
  }
}

describe.each(STORE_KINDS)("on %s", (kind) => {
  let opened: AsyncDisposable;
  beforeAll(async () => {
    if (kind === "PostgreSQL") {
      const replicas = await openPostgresStores(REPLICAS[kind]);
      opened = replicas;
      stores = replicas;
    } else {
      const single = await openStores(kind);
      opened = single;
      stores = { leader: [single.leader], helper: [single.helper] };
    }
  });
  afterAll(() => opened[Symbol.asyncDispose]());

  test(`${RUNS} storms of rotations lose no report and refuse none`, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(op, { minLength: 5, maxLength: OPS_MAX, size: "max" }), simulate),
      { numRuns: RUNS },
    );
  });
});

describe("a rotation", () => {
  const open = async (): Promise<{ trial: Trial; node: Aggregator } & AsyncDisposable> => {
    const single = await openStores();
    const trial = createTrial();
    const node = await startNode("leader", single.leader, { clock: trial.clock });
    return { trial, node, [Symbol.asyncDispose]: () => single[Symbol.asyncDispose]() };
  };
  const advertised = async (node: Aggregator): Promise<number[]> => {
    const response = await ask(node, "GET", { kind: "hpkeConfig" });
    return decodeHpkeConfigList(new Uint8Array(await response.arrayBuffer())).map(({ id }) => id);
  };
  const post = (node: Aggregator): Promise<Response> =>
    ask(node, "POST", "/hpke_keys", { token: OPERATOR_TOKEN });

  test("is the operator's, happens once however often it is asked, and takes a minute", async () => {
    await using scene = await open();
    const { trial, node } = scene;
    for (const method of ["GET", "POST"]) {
      expect((await ask(node, method, "/hpke_keys")).status).toBe(401);
    }
    const [old] = await advertised(node);
    const made = await post(node);
    expect(made.status).toBe(201);
    const body = (await made.json()) as { rotated: boolean; keys: HpkeKeyStatus[] };
    expect(body.keys.map(({ state }) => state)).toEqual(["pending", "advertised"]);
    expect(body.keys[1]).toMatchObject({ id: old, retiredAt: body.keys[0]?.advertisedAt });
    const again = await post(node);
    expect([again.status, await again.json()]).toEqual([200, { ...body, rotated: false }]);
    expect(await advertised(node)).toEqual([old]);
    trial.clock.advance(KEY_PENDING_SECONDS);
    expect(await advertised(node)).toEqual([body.keys[0]?.id]);
    expect(KEY_PENDING_SECONDS).toBeGreaterThan(2 * KEYS_RELOAD_SECONDS);
  });

  test.skipIf(!STORE_KINDS.includes("PostgreSQL"))("reaches every replica", async () => {
    await using replicas = await openPostgresStores(2);
    const trial = createTrial();
    const start = (store: Store, index: number): Promise<Aggregator> =>
      startNode("leader", store, { clock: trial.clock, replica: `leader ${index}` });
    const nodes = await Promise.all(replicas.leader.map(start));
    const [one, other] = [defined(nodes[0], "a node"), defined(nodes[1], "a node")];
    const [first] = await advertised(one);
    expect(await advertised(other)).toEqual([first]);
    await post(one);
    trial.clock.advance(KEY_PENDING_SECONDS);
    const [second] = await advertised(one);
    expect(second).not.toBe(first);
    expect(await advertised(other)).toEqual([second]);
    // One that did not look since knows a key at its first report.
    await post(one);
    const pending = ((await (await post(one)).json()) as { keys: HpkeKeyStatus[] }).keys[0];
    await openStudy(one, trial);
    const [config] = decodeHpkeConfigList(
      new Uint8Array(await (await ask(one, "GET", { kind: "hpkeConfig" })).arrayBuffer()),
    );
    const leaderHpkeConfig = {
      ...defined(config, "a configuration"),
      id: defined(pending, "a key").id,
    };
    trial.clock.advance(1);
    const upload = await ask(
      other,
      "POST",
      { kind: "reports", taskId: firstTask(trial).id },
      {
        message: "upload-req",
        body: createReport(
          firstTask(trial),
          {
            measurement: 1,
            timeSeconds: trial.clock.nowSeconds(),
            leaderHpkeConfig,
            helperHpkeConfig: leaderHpkeConfig,
          },
          cryptoRandomBytes,
        ),
      },
    );
    expect([upload.status, await upload.text()]).toEqual([200, ""]);
  });

  test("ends with the private key gone, and uploads to it told to fetch another", async () => {
    await using single = await openStores();
    const trial = createTrial({ days: 60 });
    const task = firstTask(trial);
    const clock = trial.clock;
    const helper = await startNode("helper", single.helper, { clock });
    let isAway = true;
    const leader = await startNode("leader", single.leader, {
      clock,
      peerFetch(request) {
        if (isAway) throw new TypeError("fetch failed");
        return helper.fetch(request);
      },
    });
    for (const node of [leader, helper]) await openStudy(node, trial);
    const configOf = async (node: Aggregator): Promise<HpkeConfig> => {
      const response = await ask(node, "GET", { kind: "hpkeConfig" });
      const [config] = decodeHpkeConfigList(new Uint8Array(await response.arrayBuffer()));
      return defined(config, "a node publishes a configuration");
    };
    const leaderHpkeConfig = await configOf(leader);
    const helperHpkeConfig = await configOf(helper);
    const send = async (measurement: number): Promise<(string | number)[]> => {
      const timeSeconds = clock.nowSeconds();
      const input = { measurement, timeSeconds, leaderHpkeConfig, helperHpkeConfig };
      const body = createReport(task, input, cryptoRandomBytes);
      const response = await ask(
        leader,
        "POST",
        { kind: "reports", taskId: task.id },
        { message: "upload-req", body },
      );
      const answer = new Uint8Array(await response.arrayBuffer());
      return readUploadResponse(task, answer).map(({ error }) => error);
    };
    const rows = (): Promise<object[]> =>
      single.leader.transaction("look", (transaction) =>
        transaction.query("SELECT config_id FROM hpke_keys"),
      );
    expect(await send(0)).toEqual([]);
    await post(leader);
    clock.advance(28 * 86_400);
    expect(await send(1)).toEqual([]);
    clock.advance(60);
    expect(await send(2)).toEqual(["outdated_config"]);
    clock.advance(2 * KEY_CLOSED_SECONDS);
    while (await leader.jobs.step());
    // Two reports wait for the helper: their key is closed, and stays.
    expect(await rows()).toHaveLength(2);
    isAway = false;
    await settle(leader, clock);
    expect(await statusOf(leader, trial)).toMatchObject({ people: 2 });
    clock.advance(KEY_CLOSED_SECONDS);
    while (await leader.jobs.step());
    expect(await rows()).toHaveLength(1);
    expect(await send(2)).toEqual(["outdated_config"]);
  });
});
