/**
 * Two nodes that may die around any transaction and start again over their stores, and a collection
 * that is asked for until it is answered, for this package's tests.
 *
 * @module
 */
import { assert, defined } from "@sumus/assert";
import type { Collection, TaskMeasurement } from "@sumus/dap";
import type { CollectionJobReq } from "@sumus/dap/messages";
import type { Fetch } from "@sumus/http";
import type { Store } from "@sumus/storage";
import type { Aggregator } from "./aggregator.ts";
import type { AggregatorRole, Answers } from "./config.ts";
import { type Stores, startNode, upload } from "./testing.ts";
import {
  createTask,
  createTaskClient,
  openTaskResponse,
  requestCollection,
  type TaskTrial,
} from "./testing-task.ts";

/** Where a node dies: around one of its transactions, counted from 1. */
export interface Death {
  readonly role: AggregatorRole;
  readonly at: number;
  readonly when: "before" | "after";
}

class DeadError extends Error {
  override readonly name = "DeadError";
}

/** Steps of both nodes until a collection must be answered. */
const TURNS_MAX = 400;

export class MortalPair {
  readonly #trial: TaskTrial;
  readonly #stores: Stores;
  readonly #answers: Answers;
  readonly #between: (helper: Fetch) => Fetch;
  readonly #nodes = new Map<AggregatorRole, Aggregator>();
  /** Transactions so far of the node that is to die. */
  #count = 0;
  #death: Death | undefined;
  #dead: AggregatorRole | undefined;
  /** How many deaths were died. */
  deaths = 0;

  constructor(
    trial: TaskTrial,
    stores: Stores,
    answers: Answers,
    between: (helper: Fetch) => Fetch = (helper) => helper,
  ) {
    this.#trial = trial;
    this.#stores = stores;
    this.#answers = answers;
    this.#between = between;
  }

  get leader(): Aggregator {
    return defined(this.#nodes.get("leader"), "the leader was started");
  }

  get helper(): Aggregator {
    return defined(this.#nodes.get("helper"), "the helper was started");
  }

  async start(): Promise<void> {
    await this.#restart("helper");
    await this.#restart("leader");
    await createTask(this.leader, this.#trial);
    await createTask(this.helper, this.#trial);
  }

  async upload(measurements: readonly TaskMeasurement[]): Promise<void> {
    const report = await createTaskClient(this.#trial, this.leader, this.helper);
    const reports = measurements.map((each) => report(each));
    const refused = await upload(this.leader, this.#trial.task, reports);
    assert(refused.length === 0, "honest reports are taken");
  }

  /** Asks for a batch until it is answered, whatever dies meanwhile. */
  async collect(request: CollectionJobReq, death?: Death): Promise<Collection> {
    this.#count = 0;
    this.#death = death;
    for (let turn = 0; turn < TURNS_MAX; turn++) {
      const response = await requestCollection(this.leader, this.#trial, request);
      if (response.status < 300 && response.headers.has("content-type")) {
        this.#death = undefined;
        return await openTaskResponse(this.#trial, request, response);
      }
      await this.turn();
    }
    throw new Error("expected an answer to the collector, got none");
  }

  /** One step of each node; the dead start again. */
  async turn(): Promise<void> {
    for (const node of [this.leader, this.helper]) {
      try {
        await node.jobs.step();
      } catch (error) {
        if (!(error instanceof DeadError)) throw error;
      }
    }
    if (this.#dead !== undefined) {
      const role = this.#dead;
      this.#dead = undefined;
      this.deaths++;
      await this.#restart(role);
    }
    this.#trial.clock.advance(1);
  }

  async #restart(role: AggregatorRole): Promise<void> {
    const { clock } = this.#trial;
    const store = this.#mortal(role, this.#stores[role]);
    const peerFetch = this.#between((request) => this.helper.fetch(request));
    const options = { clock, peerFetch, answers: this.#answers };
    this.#nodes.set(role, await startNode(role, store, options));
  }

  #mortal(role: AggregatorRole, store: Store): Store {
    return new Proxy(store, {
      get: (target, name) => {
        if (name !== "transaction") {
          const value: unknown = Reflect.get(target, name, target);
          return typeof value === "function" ? value.bind(target) : value;
        }
        const transaction: Store["transaction"] = async (title, work) => {
          if (this.#dead === role) throw new DeadError();
          const death = this.#death?.role === role ? this.#death : undefined;
          const isLast = death !== undefined && ++this.#count === death.at;
          if (isLast && death.when === "before") this.#die(role);
          const result = await target.transaction(title, work);
          if (isLast) this.#die(role);
          return result;
        };
        return transaction;
      },
    });
  }

  #die(role: AggregatorRole): never {
    this.#dead = role;
    this.#death = undefined;
    throw new DeadError();
  }
}
