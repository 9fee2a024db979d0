/**
 * Two leaders on one store, two helpers on another, clients, and what lies between them. Processes die
 * when their store is told to, and start again from what they had committed.
 *
 * @module
 */
import type { Aggregator } from "@sumus/aggregator";
import { ask, OPERATOR_TOKEN, type Stores, startNode } from "@sumus/aggregator/testing";
import {
  createTask,
  createTaskClient,
  createTaskTrial,
  requestCollection,
  type TaskTrial,
} from "@sumus/aggregator/testing-task";
import { assert, defined } from "@sumus/assert";
import { concat } from "@sumus/bytes";
import { collectInterval, collectNextBatch, readUploadResponse } from "@sumus/dap";
import type { CollectionJobReq, Interval } from "@sumus/dap/messages";
import { type FaultyStore, faultyStore } from "@sumus/storage/testing";
import type { Role } from "../node-process.ts";
import { Link } from "./link.ts";
import type { LinkName, Op, Replica, Scenario } from "./operations.ts";

/** Reports of one simulation: each has a bucket of its own. */
export const CELLS = 32;

/** The smallest batch that can be collected. */
export const BATCH_SIZE = 4;

const HOURS = 1000;

const ROLES = ["leader", "helper"] as const;
const REPLICAS: readonly Replica[] = [0, 1];

/** A report that a client made: which cell it says, and what the client heard. */
export interface Sent {
  readonly cell: number;
  readonly report: Uint8Array;
  readonly corrupt: boolean;
  acknowledged: boolean;
}

/** A running process. */
interface Process {
  readonly node: Aggregator;
  readonly store: FaultyStore;
  isAlive: boolean;
}

export class World {
  readonly trial: TaskTrial;
  readonly sent: Sent[] = [];
  readonly links: Readonly<Record<LinkName, Link>>;
  /** The collection job that is waited for. */
  location: string | undefined;
  readonly collectionRequest: CollectionJobReq;
  readonly #stores: Stores;
  readonly #processes = new Map<string, Process>();
  /** Steps whose messages are on their way. */
  readonly #running = new Set<Promise<unknown>>();
  #turn = 0;

  private constructor(stores: Stores, batchMode: Scenario["batchMode"]) {
    this.#stores = stores;
    this.trial = createTaskTrial({
      vdaf: { kind: "histogram", length: CELLS },
      minBatchSize: BATCH_SIZE,
      batchMode,
    });
    this.collectionRequest =
      batchMode === "time_interval" ? collectInterval(timeOf(this.trial)) : collectNextBatch();
    // A proxy in front of replicas: whoever is next, whether he has seen the task's jobs or not.
    const toAny = (role: Role) => async (request: Request) => {
      const { node, isAlive } = this.process(role, REPLICAS[this.#turn++ % 2] ?? 0);
      if (!isAlive) throw new TypeError("connection refused");
      return await node.fetch(request);
    };
    this.links = { uploads: new Link(toAny("leader")), helper: new Link(toAny("helper")) };
  }

  static async create(stores: Stores, batchMode: Scenario["batchMode"]): Promise<World> {
    const world = new World(stores, batchMode);
    for (const role of ROLES) {
      for (const replica of REPLICAS) await world.start(role, replica);
      await createTask(world.process(role, 0).node, world.trial);
    }
    return world;
  }

  /** Makes reports. */
  client(): ReturnType<typeof createTaskClient> {
    const [leader, helper] = [this.process("leader", 0).node, this.process("helper", 0).node];
    return createTaskClient(this.trial, leader, helper);
  }

  process(role: Role, replica: Replica): Process {
    return defined(this.#processes.get(`${role} ${replica}`), "all processes were started");
  }

  /** Asks for a batch that was not asked for before, or whose answer was taken away. */
  async collectAnew(): Promise<void> {
    this.location = undefined;
    await this.collect();
  }

  /** Asks one of the leaders for a batch, however often. */
  async collect(): Promise<void> {
    const response = await requestCollection(
      this.process("leader", REPLICAS[this.#turn++ % 2] ?? 0).node,
      this.trial,
      this.collectionRequest,
    );
    const location = response.headers.get("location");
    if (location === null) return;
    const isSame = this.location === undefined || this.location === location;
    assert(isSame, "whoever asks again before he took the answer is told of the same job");
    this.location = location;
  }

  /** Starts a process in place of the one that was there. */
  async start(role: Role, replica: Replica): Promise<void> {
    const name = `${role} ${replica}`;
    const before = this.#processes.get(name);
    if (before !== undefined) before.isAlive = false;
    // Replicas share the store, whatever it is: none takes the leases of another.
    const store = faultyStore({ ...this.#stores[role], isShared: true });
    const process: { isAlive: boolean } = { isAlive: true };
    void store.crashed.then(() => {
      process.isAlive = false;
    });
    const node = await startNode(role, store, {
      clock: this.trial.clock,
      replica: name,
      peerFetch: (request) => this.links.helper.send(request, { isAlive: () => process.isAlive }),
    });
    this.#processes.set(name, Object.assign(process, { node, store }));
  }

  /** Starts what died, as an init system does. */
  async revive(): Promise<void> {
    for (const role of ROLES) {
      for (const replica of REPLICAS) {
        if (!this.process(role, replica).isAlive) await this.start(role, replica);
      }
    }
  }

  /** Steps of both leaders at once; goes on when they are over, or wait for a slow message. */
  async step(workers: readonly [number, number]): Promise<void> {
    const steps = REPLICAS.flatMap((replica) => {
      const { jobs } = this.process("leader", replica).node;
      return Array.from({ length: workers[replica] ?? 0 }, () => jobs.step());
    });
    const held = this.links.helper.whenHeld();
    // A crash rejects a step; the process that it stands for is gone.
    await this.#runUntil(Promise.allSettled(steps), held);
  }

  /** Sends reports; who is told that they are there, or were before, is content. */
  async upload(reports: readonly Sent[]): Promise<void> {
    const held = this.links.uploads.whenHeld();
    await this.#runUntil(Promise.allSettled([this.#upload(reports)]).then(throwAssertion), held);
  }

  async #upload(reports: readonly Sent[]): Promise<void> {
    const { task } = this.trial;
    const client = { isAlive: () => true };
    const response = await ask(
      { fetch: (request) => this.links.uploads.send(request, client) },
      "POST",
      { kind: "reports", taskId: task.id },
      { message: "upload-req", body: concat(...reports.map(({ report }) => report)) },
    );
    if (response.status !== 200) return;
    const refused = readUploadResponse(task, new Uint8Array(await response.arrayBuffer()));
    // A replay is good news: an earlier try of this client got through.
    assert(
      refused.every(({ error }) => error === "report_replayed"),
      `an upload of this simulation is refused for nothing else: ${refused[0]?.error}`,
    );
    for (const report of reports) report.acknowledged = true;
  }

  async #runUntil(work: Promise<unknown>, held: Promise<void>): Promise<void> {
    this.#running.add(work);
    void work.finally(() => this.#running.delete(work));
    await Promise.race([work, held]);
  }

  /** The storm is over: messages arrive, what runs ends, and processes start once more. */
  async calm(): Promise<void> {
    for (const link of Object.values(this.links)) await link.calm();
    await Promise.all(this.#running);
    for (const role of ROLES) for (const replica of REPLICAS) await this.start(role, replica);
  }

  async perform(op: Op, make: (cell: number) => Uint8Array): Promise<void> {
    await this.#perform(op, make);
    // Crashes are noticed after the turn that they end.
    await new Promise((resolve) => setImmediate(resolve));
    await this.revive();
  }

  async #perform(op: Op, make: (cell: number) => Uint8Array): Promise<void> {
    switch (op.kind) {
      case "upload":
        return await this.#uploadFresh(op.count, op.corrupt, make);
      case "send again":
        return await (this.sent.length > 0 ? this.upload([...this.sent]) : undefined);
      case "step":
        return await this.step(op.workers);
      case "network":
        return this.links[op.link].plan(op.fault);
      case "deliver":
        return await this.links[op.link].deliver(op.which);
      case "store":
        return this.process(op.role, op.replica).store.plan(op.fault);
      case "restart":
        return await this.start(op.role, op.replica);
      case "collect":
        return await this.collect();
      case "rotate": {
        const { node } = this.process(op.role, op.replica);
        await ask(node, "POST", "/hpke_keys", { token: OPERATOR_TOKEN });
        return;
      }
      case "wait":
        return this.trial.clock.advance(op.seconds);
    }
  }

  async #uploadFresh(
    count: number,
    corrupt: boolean,
    make: (cell: number) => Uint8Array,
  ): Promise<void> {
    const first = this.sent.length;
    const fresh = Array.from({ length: Math.min(count, CELLS - first) }, (_, index): Sent => {
      const report = make(first + index);
      const isCorrupt = corrupt && index === 0;
      // The last byte belongs to the helper's sealed share.
      if (isCorrupt) report[report.length - 1] = (report.at(-1) ?? 0) ^ 1;
      return { cell: first + index, report, corrupt: isCorrupt, acknowledged: false };
    });
    this.sent.push(...fresh);
    if (fresh.length > 0) await this.upload(fresh);
  }
}

/** The time in which all of a simulation takes place, and much more. */
function timeOf({ clock, task }: TaskTrial): Interval {
  const { timePrecision } = task.configuration;
  return { start: Math.floor(clock.nowSeconds() / timePrecision), duration: HOURS };
}

/** A client that hears nothing sends again; one that hears nonsense has found a fault of ours. */
function throwAssertion(results: readonly PromiseSettledResult<void>[]): void {
  for (const result of results) {
    if (result.status === "fulfilled") continue;
    const reason: unknown = result.reason;
    if (!(reason instanceof TypeError)) throw reason;
  }
}
