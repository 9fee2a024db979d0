/**
 * Leader, helper and clients in one process, with a clock, a network and crashes that fast-check
 * chooses. Every report has a histogram bucket of its own: at the end a 0 in an acknowledged bucket
 * is a loss, a 2 anywhere is a replay.
 *
 * What may happen: requests to the helper get lost, their answers get lost, they arrive twice; a
 * node dies before or after any of its transactions and starts again from its store; two workers of
 * the leader run at once; clients send again what was not acknowledged, and some lie. What is no
 * failure: a report that was never acknowledged may be counted or not, a refused one never is.
 *
 * There is no noise, so what is collected must be exactly the accepted reports; leader-selected
 * batches together, each report in one of them, but for the last few that fill no batch.
 *
 * Not deterministic: keys, report ids and the noise. The outcome does not depend on them.
 */
import { assert, defined } from "@sumus/assert";
import { concat } from "@sumus/bytes";
import {
  type Collection,
  collectInterval,
  collectNextBatch,
  readUploadResponse,
  timeOf,
} from "@sumus/dap";
import type { BatchMode, CollectionJobReq } from "@sumus/dap/messages";
import type { Fetch } from "@sumus/http";
import type { Store } from "@sumus/storage";
import { type CrashPlan, crashingStore } from "@sumus/storage/testing";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Aggregator } from "./aggregator.ts";
import type { AggregatorRole } from "./config.ts";
import {
  ask,
  COLLECTOR_TOKEN,
  exactSums,
  openStores,
  STORE_KINDS,
  type StoreKind,
  type Stores,
  settle,
  startNode,
} from "./testing.ts";
import {
  createTask,
  createTaskClient,
  createTaskTrial,
  openTaskResponse,
  requestCollection,
  type TaskTrial,
} from "./testing-task.ts";

const CELLS = 24;
const BATCH_MIN = 4;
/** Longer than a simulation takes by its clock. */
const DAYS = 10;
const RUNS: Readonly<Record<StoreKind, number>> = { PGlite: 60, PostgreSQL: 60 };
const OPS_MAX = 40;
const LATE_OPS_MAX = 12;

type Fault = "request lost" | "answer lost" | "twice";

type Op =
  | { readonly kind: "upload"; readonly count: number; readonly corrupt: boolean }
  | { readonly kind: "send again" }
  | { readonly kind: "step"; readonly workers: number }
  | { readonly kind: "fault"; readonly fault: Fault }
  | { readonly kind: "crash"; readonly role: AggregatorRole; readonly plan: CrashPlan }
  | { readonly kind: "collect again" }
  | { readonly kind: "wait"; readonly seconds: number };

/** The transactions that change something, around each of which a node may die. */
const WRITES = {
  leader: [
    "upload",
    "lease aggregation job",
    "gather",
    "prepare",
    "commit",
    "lease collection job",
  ],
  helper: ["aggregate"],
} as const;
const LATE_WRITES = {
  leader: ["create collection job", "lease collection job", "look at batch", "collect", "answer"],
  helper: ["share"],
} as const;

const when = fc.constantFrom("before" as const, "after" as const);

function crash(writes: Readonly<Record<AggregatorRole, readonly string[]>>): fc.Arbitrary<Op> {
  const of = (role: AggregatorRole): fc.Arbitrary<Op> =>
    fc.record({
      kind: fc.constant("crash" as const),
      role: fc.constant(role),
      plan: fc.record({ name: fc.constantFrom(...writes[role]), when }),
    });
  return fc.oneof({ weight: 3, arbitrary: of("leader") }, { weight: 1, arbitrary: of("helper") });
}

const step: fc.Arbitrary<Op> = fc.record({
  kind: fc.constant("step" as const),
  workers: fc.integer({ min: 1, max: 2 }),
});

const fault: fc.Arbitrary<Op> = fc.record({
  kind: fc.constant("fault" as const),
  fault: fc.constantFrom<Fault>("request lost", "answer lost", "twice"),
});

const wait: fc.Arbitrary<Op> = fc.record({
  kind: fc.constant("wait" as const),
  seconds: fc.integer({ min: 1, max: 200 }),
});

const upload: fc.Arbitrary<Op> = fc.record({
  kind: fc.constant("upload" as const),
  count: fc.integer({ min: 1, max: 4 }),
  corrupt: fc.boolean(),
});

/** While reports come in. */
const op: fc.Arbitrary<Op> = fc.oneof(
  { weight: 4, arbitrary: upload },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("send again" as const) }) },
  { weight: 7, arbitrary: step },
  { weight: 3, arbitrary: fault },
  { weight: 4, arbitrary: crash(WRITES) },
  { weight: 2, arbitrary: wait },
);

/** While the batch is collected. */
const lateOp: fc.Arbitrary<Op> = fc.oneof(
  { weight: 4, arbitrary: step },
  { weight: 2, arbitrary: fault },
  { weight: 3, arbitrary: crash(LATE_WRITES) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("collect again" as const) }) },
  { weight: 2, arbitrary: wait },
);

let stores: Stores;

/** A report that a client made: which cell it says, and what the client heard. */
interface Sent {
  readonly cell: number;
  readonly report: Uint8Array;
  readonly corrupt: boolean;
  acknowledged: boolean;
}

class World {
  readonly trial: TaskTrial;
  readonly sent: Sent[] = [];
  /** The collection job that is waited for. */
  location = "";
  readonly #faults: Fault[] = [];
  readonly #nodes = new Map<AggregatorRole, Aggregator>();
  readonly #dead = new Set<AggregatorRole>();

  /** What the collector asks for, every time. */
  readonly request: CollectionJobReq;

  constructor(batchMode: BatchMode) {
    this.trial = createTaskTrial({
      vdaf: { kind: "histogram", length: CELLS },
      batchMode,
      minBatchSize: BATCH_MIN,
    });
    const hour = timeOf(this.trial.task, this.trial.clock.nowSeconds());
    this.request =
      batchMode === "time_interval"
        ? collectInterval({ start: hour, duration: DAYS * 24 })
        : collectNextBatch();
  }

  node(role: AggregatorRole): Aggregator {
    return defined(this.#nodes.get(role), "both nodes were started");
  }

  async start(role: AggregatorRole, store: Store = stores[role]): Promise<void> {
    this.#dead.delete(role);
    const { clock } = this.trial;
    const peerFetch: Fetch = (request) => this.#carry(request);
    this.#nodes.set(role, await startNode(role, store, { clock, peerFetch }));
  }

  /** Starts what died, as an init system does. */
  async revive(): Promise<void> {
    for (const role of [...this.#dead]) await this.start(role);
  }

  async crashLater(role: AggregatorRole, plan: CrashPlan): Promise<void> {
    const store = crashingStore(stores[role], plan);
    void store.crashed.then(() => this.#dead.add(role));
    await this.start(role, store);
  }

  addFault(fault: Fault): void {
    this.#faults.push(fault);
  }

  calm(): void {
    this.#faults.length = 0;
  }

  async upload(reports: readonly Sent[]): Promise<void> {
    const { task } = this.trial;
    const response = await ask(
      this.node("leader"),
      "POST",
      { kind: "reports", taskId: task.id },
      { message: "upload-req", body: concat(...reports.map(({ report }) => report)) },
    );
    if (response.status !== 200) return;
    const refused = readUploadResponse(task, new Uint8Array(await response.arrayBuffer()));
    // A replay is good news: an earlier try of this client got through.
    assert(
      refused.every(({ error }) => error === "report_replayed"),
      "an upload of this simulation is refused for nothing else",
    );
    for (const report of reports) report.acknowledged = true;
  }

  async collect(): Promise<void> {
    const created = await requestCollection(this.node("leader"), this.trial, this.request);
    expect(created.status).toBe(201);
    this.location = defined(created.headers.get("location"), "a new job has a location");
  }

  /** Whoever asks again before the answer was taken away is told of the same job. */
  async collectAgain(): Promise<void> {
    const again = await requestCollection(this.node("leader"), this.trial, this.request);
    if (again.ok) expect(again.headers.get("location")).toBe(this.location);
  }

  /** The network from the leader to the helper. */
  async #carry(request: Request): Promise<Response> {
    const fault = this.#faults.shift();
    if (fault === "request lost" || this.#dead.has("helper")) throw new TypeError("fetch failed");
    const helper = this.node("helper");
    const copy = request.clone();
    if (fault === "twice") {
      const [first] = await Promise.all([helper.fetch(copy), helper.fetch(request)]);
      return first;
    }
    const response = await helper.fetch(copy);
    // The answer of a process that died while answering is never heard.
    if (fault === "answer lost" || this.#dead.has("helper")) throw new TypeError("socket hang up");
    return response;
  }
}

async function perform(world: World, op: Op, make: (cell: number) => Uint8Array): Promise<void> {
  switch (op.kind) {
    case "upload": {
      const fresh: Sent[] = [];
      for (let made = 0; made < op.count; made++) {
        const cell = world.sent.length + fresh.length;
        if (cell >= CELLS) break;
        const corrupt = op.corrupt && made === 0;
        const report = make(cell);
        // The last byte belongs to the helper's sealed share.
        if (corrupt) report[report.length - 1] = (report.at(-1) ?? 0) ^ 1;
        fresh.push({ cell, report, corrupt, acknowledged: false });
      }
      world.sent.push(...fresh);
      if (fresh.length > 0) await world.upload(fresh);
      break;
    }
    case "send again":
      if (world.sent.length > 0) await world.upload(world.sent);
      break;
    case "step": {
      const { jobs } = world.node("leader");
      // A crash rejects the step; the process it stands for is gone.
      await Promise.allSettled(Array.from({ length: op.workers }, () => jobs.step()));
      break;
    }
    case "fault":
      world.addFault(op.fault);
      break;
    case "crash":
      await world.crashLater(op.role, op.plan);
      break;
    case "collect again":
      await world.collectAgain();
      break;
    case "wait":
      world.trial.clock.advance(op.seconds);
      break;
  }
  // Crashes are noticed after the turn that they end.
  await new Promise((resolve) => setImmediate(resolve));
  await world.revive();
}

async function simulate(
  batchMode: BatchMode,
  ops: readonly Op[],
  lateOps: readonly Op[],
): Promise<void> {
  const world = new World(batchMode);
  await world.start("helper");
  await world.start("leader");
  const { trial } = world;
  for (const role of ["leader", "helper"] as const) await createTask(world.node(role), trial);
  const make = await createTaskClient(trial, world.node("leader"), world.node("helper"));
  const performAll = async (list: readonly Op[]): Promise<void> => {
    for (const op of list) await perform(world, op, make);
  };
  await performAll(ops);

  // The storm is over: processes start, clients send what was not acknowledged, work is finished.
  world.calm();
  await world.start("leader");
  await world.start("helper");
  const waiting = world.sent.filter(({ acknowledged }) => !acknowledged);
  if (waiting.length > 0) await world.upload(waiting);
  await settle(world.node("leader"), trial.clock);

  const { counts, reportCounts } = await exactSums(trial.task, stores);
  const expected = Array.from({ length: CELLS }, (_, cell) =>
    world.sent.some((sent) => sent.cell === cell && !sent.corrupt) ? 1n : 0n,
  );
  expect(counts).toEqual(expected);
  const accepted = expected.flatMap((count, cell) => (count === 1n ? [cell] : []));
  expect(reportCounts).toEqual([accepted.length, accepted.length]);
  const storm = (): Promise<void> => performAll(lateOps);
  if (batchMode === "leader_selected") {
    await collectBatches(world, accepted, storm);
  } else if (accepted.length >= BATCH_MIN) {
    const { reportCount, aggregate } = await collect(world, storm);
    expect(reportCount).toBe(accepted.length);
    expect(aggregate).toEqual(expected);
  }
}

/** Collects through a storm. */
async function collect(world: World, storm: () => Promise<void>): Promise<Collection> {
  const { trial } = world;
  await world.collect();
  await storm();
  world.calm();
  await world.start("leader");
  await world.start("helper");
  await settle(world.node("leader"), trial.clock);
  const leader = world.node("leader");
  const ready = await ask(leader, "GET", world.location, { token: COLLECTOR_TOKEN });
  expect(ready.status).toBe(200);
  return await openTaskResponse(trial, world.request, ready);
}

/** Each batch is at least as large as it must be, and no report is in two. */
async function collectBatches(
  world: World,
  accepted: readonly number[],
  storm: () => Promise<void>,
): Promise<void> {
  const found: number[] = [];
  while (accepted.length - found.length >= BATCH_MIN) {
    const { reportCount, aggregate } = await collect(world, storm);
    expect(reportCount).toBeGreaterThanOrEqual(BATCH_MIN);
    for (const [cell, count] of aggregate.entries()) {
      for (let reports = 0n; reports < count; reports++) found.push(cell);
    }
    await ask(world.node("leader"), "DELETE", world.location, { token: COLLECTOR_TOKEN });
  }
  expect(new Set(found).size).toBe(found.length);
  expect(accepted).toEqual(expect.arrayContaining(found));
  const { reportCounts } = await exactSums(world.trial.task, stores);
  const left = accepted.length - found.length;
  expect(reportCounts).toEqual([left, left]);
}

describe.each(STORE_KINDS)("on %s", (kind) => {
  beforeAll(async () => {
    stores = await openStores(kind);
  });
  afterAll(() => stores[Symbol.asyncDispose]());

  test.each<[BatchMode, string]>([
    ["time_interval", "an interval"],
    ["leader_selected", "batches that the leader selects"],
  ])(`${RUNS[kind]} storms lose nothing and count nothing twice in %s`, async (batchMode) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(op, { minLength: 5, maxLength: OPS_MAX, size: "max" }),
        fc.array(lateOp, { maxLength: LATE_OPS_MAX, size: "max" }),
        (ops, lateOps) => simulate(batchMode, ops, lateOps),
      ),
      { numRuns: RUNS[kind] },
    );
  });
});
