/**
 * Two nodes as two organisations run them, and everything that can be killed of them: one process
 * each on embedded databases, or two replicas each, with a PostgreSQL server for each node. Clients
 * and the leader reach them through one address a node, which outlives every process.
 *
 * @module
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { COLLECTOR_TOKEN, keysOf, OPERATOR_TOKEN, PEER_TOKEN } from "@sumus/aggregator/testing";
import { assert, defined } from "@sumus/assert";
import { encodeBase64url, type Secret } from "@sumus/bytes";
import { type LocalPostgres, startLocalPostgres } from "@sumus/storage/local-postgres";
import { freePort, NodeProcess, type Role } from "../node-process.ts";
import { Balancer } from "./balancer.ts";

export type StoreName = "pglite" | "postgres";

const ROLES = ["leader", "helper"] as const;
const REPLICAS: Readonly<Record<StoreName, number>> = { pglite: 1, postgres: 2 };

/** How long an init system waits before it starts again what did not come up. */
const RESTART_MS = 200;
const RESTARTS_MAX = 20;

/** Where a node keeps its state. */
type Place =
  | { readonly kind: "folder"; readonly folder: string }
  | { readonly kind: "server"; readonly server: LocalPostgres; readonly url: Secret<string> };

type ByRole<T> = Readonly<Record<Role, T>>;

export class Deployment {
  readonly store: StoreName;
  /** The names of the processes: `leader-1`, `helper-2`. */
  readonly nodes: ReadonlyMap<string, NodeProcess>;
  readonly #places: ByRole<Place>;
  readonly #balancers: ByRole<Balancer>;
  /** How often each process was killed: who starts it again asks whether he is still the last. */
  readonly #deaths = new Map<string, number>();

  private constructor(
    store: StoreName,
    places: ByRole<Place>,
    balancers: ByRole<Balancer>,
    nodes: readonly NodeProcess[],
  ) {
    this.store = store;
    this.#places = places;
    this.#balancers = balancers;
    this.nodes = new Map(nodes.map((node) => [node.name, node]));
  }

  /**
   * @param folder where configurations and logs are kept
   * @param dataFolder where embedded databases are; servers have theirs in the temporary folder
   */
  static async start(
    store: StoreName,
    folder: string,
    dataFolder: string = folder,
  ): Promise<Deployment> {
    const ports = { leader: await freePorts(store), helper: await freePorts(store) };
    const balancers = {
      leader: await Balancer.open(ports.leader),
      helper: await Balancer.open(ports.helper),
    };
    const places = {
      leader: await openPlace(store, "leader", dataFolder),
      helper: await openPlace(store, "helper", dataFolder),
    };
    const nodes = ROLES.flatMap((role) =>
      ports[role].map((port, index) => {
        const name = `${role}-${index + 1}`;
        const configuration = configurationOf(role, name, places[role], balancers);
        return new NodeProcess({ name, role, port, folder, configuration });
      }),
    );
    const deployment = new Deployment(store, places, balancers, nodes);
    await deployment.startAll();
    return deployment;
  }

  get urls(): ByRole<string> {
    return { leader: this.#balancers.leader.url, helper: this.#balancers.helper.url };
  }

  async startAll(): Promise<void> {
    // Replicas that start together take turns at the schema; processes of one machine at its cores.
    await Promise.all([...this.nodes.values()].map((node) => this.#startPatiently(node)));
  }

  /** `kill -9` for every process of both nodes. */
  async killAll(): Promise<void> {
    await Promise.all([...this.nodes.values()].map((node) => node.end("SIGKILL")));
  }

  /** `kill -9` for a process, also while it starts, and its start a while later. */
  async kill(name: string, downMs: number): Promise<void> {
    const node = defined(this.nodes.get(name), `a process is called ${name}`);
    this.#deaths.set(name, this.#deathsOf(node) + 1);
    const deaths = this.#deathsOf(node);
    await node.end("SIGKILL");
    await sleep(downMs);
    if (this.#deathsOf(node) === deaths) await this.#startPatiently(node);
  }

  #deathsOf({ name }: NodeProcess): number {
    return this.#deaths.get(name) ?? 0;
  }

  /** Starts a process as an init system does: again, when it did not come up. */
  async #startPatiently(node: NodeProcess): Promise<void> {
    const deaths = this.#deathsOf(node);
    for (let tries = 1; this.#deathsOf(node) === deaths; tries++) {
      try {
        await node.start();
        return;
      } catch (error) {
        if (tries >= RESTARTS_MAX) throw error;
        await node.end("SIGKILL");
        await sleep(RESTART_MS);
      }
    }
  }

  /** `kill -9` for a node's database server, which its supervisor starts again. */
  async killDatabase(role: Role): Promise<void> {
    const place = this.#places[role];
    assert(place.kind === "server", "an embedded database dies with its node");
    await place.server.crash();
  }

  /** Breaks every connection to a node. */
  cut(role: Role): void {
    this.#balancers[role].cut();
  }

  async stop(): Promise<void> {
    await this.killAll();
    for (const role of ROLES) {
      await this.#balancers[role].close();
      const place = this.#places[role];
      if (place.kind === "server") await place.server.stop();
    }
  }
}

function freePorts(store: StoreName): Promise<number[]> {
  return Promise.all(Array.from({ length: REPLICAS[store] }, freePort));
}

async function openPlace(store: StoreName, role: Role, folder: string): Promise<Place> {
  if (store === "pglite") {
    const place = join(folder, role);
    mkdirSync(place);
    return { kind: "folder", folder: place };
  }
  // Why: what the kernel was given outlives every process, and these tests kill no machine.
  const server = await startLocalPostgres({ fsync: "off" });
  return { kind: "server", server, url: await server.createDatabase(role) };
}

function configurationOf(
  role: Role,
  name: string,
  place: Place,
  balancers: ByRole<Balancer>,
): object {
  const other = role === "leader" ? "helper" : "leader";
  const keys = keysOf(role);
  const store =
    place.kind === "folder"
      ? { folder: place.folder }
      : { store: { postgres: place.url.reveal() } };
  return {
    url: balancers[role].url,
    ...store,
    replica: name,
    // Threads are for speed; that they die with their process needs no more than one.
    workers: 1,
    nodeKey: encodeBase64url(keys.own.reveal()),
    peer: { url: balancers[other].url, publicKey: encodeBase64url(keys.peer) },
    operatorToken: OPERATOR_TOKEN,
    peerToken: PEER_TOKEN,
    ...(role === "leader" && { collectorToken: COLLECTOR_TOKEN }),
    logLevel: "debug",
  };
}
