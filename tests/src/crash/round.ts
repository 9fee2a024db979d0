/**
 * One round: a task, clients, faults as planned, and in the end the question whether every report
 * that was acknowledged is in the sum once, and no other.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import {
  ask,
  COLLECTOR_TOKEN,
  createCollection,
  createTrial,
  exactSums,
  firstTask,
  OPERATOR_TOKEN,
  openResponse,
  statusOf,
  type Trial,
} from "@sumus/aggregator/testing";
import type { Deployment } from "./deployment.ts";
import { audit, type Entry, type Tally } from "./ledger.ts";
import type { Load } from "./load.ts";
import type { Fault, Plan, TimedFault } from "./plan.ts";
import { remoteNode } from "./remote.ts";

/** Where rounds take place. */
export interface Place {
  readonly deployment: Deployment;
  readonly load: Load;
}

/** What is known of a round when it ends, also when it ends early. */
export interface Evidence {
  readonly ledger: Entry[];
  tally?: Tally;
  collected?: number;
}

const CLIENTS_PER_PROCESS = 6;
const PAUSE_MS_MAX = 250;
const POLL_MS = 50;

/**
 * Runs a round.
 *
 * @param evidence is filled while it runs
 * @param signal ends a round that takes too long
 * @returns what is wrong, in words; nothing when all is well
 */
export async function runRound(
  place: Place,
  plan: Plan,
  evidence: Evidence,
  signal: AbortSignal,
): Promise<string[]> {
  const { deployment } = place;
  const addresses = deployment.urls;
  const trial = createTrial({ cells: plan.cells, addresses, realTime: true });
  await openEverywhere(deployment, trial);
  await Promise.all([
    send(place, trial, plan, evidence.ledger),
    perform(deployment, plan.faults, signal),
  ]);
  const leader = remoteNode(addresses.leader);
  const status = await poll(signal, async () => {
    const seen = await statusOf(leader, trial);
    return seen.tasks.every(({ pending }) => pending === 0) ? seen : undefined;
  });
  const task = firstTask(trial);
  const sums = await deployment.look((stores) => exactSums(task, stores));
  const [leaderCount, helperCount] = sums.reportCounts;
  evidence.tally = {
    counts: sums.counts,
    reportCounts: { leader: leaderCount, helper: helperCount },
    refused: status.tasks[0]?.refused ?? {},
  };
  const faults = audit(evidence.ledger, evidence.tally);
  if (faults.length > 0) return faults;
  evidence.collected = await collect(deployment, trial, plan, signal);
  if (evidence.collected === leaderCount) return [];
  return [`expected the collection to count ${leaderCount} reports, got ${evidence.collected}`];
}

async function openEverywhere(deployment: Deployment, trial: Trial): Promise<void> {
  for (const url of Object.values(deployment.urls)) {
    const options = { token: OPERATOR_TOKEN, body: trial.manifest };
    const response = await ask(remoteNode(url), "POST", "/studies", options);
    if (!response.ok) throw new Error(`expected the study to open: ${await response.text()}`);
  }
}

function send(
  { deployment, load }: Place,
  trial: Trial,
  { orders, seed }: Plan,
  ledger: Entry[],
): Promise<void> {
  const { version, encodedConfiguration } = firstTask(trial);
  const order = {
    version,
    taskConfiguration: encodedConfiguration,
    urls: deployment.urls,
    orders,
    clients: CLIENTS_PER_PROCESS,
    pauseMsMax: PAUSE_MS_MAX,
    seed,
  };
  return load.send(order, ledger);
}

/** Lets every fault happen at its time, whatever the ones before are still at. */
async function perform(
  deployment: Deployment,
  faults: readonly TimedFault[],
  signal: AbortSignal,
): Promise<void> {
  const databases = new Map<string, Promise<void>>();
  const happen = async (fault: Fault): Promise<void> => {
    if (fault.kind === "kill") return await deployment.kill(fault.node, fault.downMs);
    if (fault.kind === "cut") return deployment.cut(fault.role);
    // A server is killed when it runs: one after the other.
    const turn = (databases.get(fault.role) ?? Promise.resolve()).then(() =>
      deployment.killDatabase(fault.role),
    );
    databases.set(fault.role, turn);
    return await turn;
  };
  await Promise.all(
    faults.map(async (fault) => {
      await sleep(fault.atMs, undefined, { signal });
      await happen(fault);
    }),
  );
}

/** Collects the batch through its own faults; how many reports the released sum is of. */
async function collect(
  deployment: Deployment,
  trial: Trial,
  plan: Plan,
  signal: AbortSignal,
): Promise<number> {
  const leader = remoteNode(deployment.urls.leader);
  const storm = perform(deployment, plan.lateFaults, signal);
  const created = await createCollection(leader, trial);
  const location = created.headers.get("location") ?? "";
  const get = (): Promise<Response> => ask(leader, "GET", location, { token: COLLECTOR_TOKEN });
  await storm;
  const ready = await poll(signal, async () => {
    const response = await get();
    return response.status === 200 ? response : undefined;
  });
  const again = await (await get()).clone().arrayBuffer();
  if (!Buffer.from(again).equals(Buffer.from(await ready.clone().arrayBuffer()))) {
    throw new Error("expected the same answer to whoever asks again, got another");
  }
  return (await openResponse(trial, ready)).reportCount;
}

/** Asks until there is an answer. */
async function poll<T>(signal: AbortSignal, look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(POLL_MS, undefined, { signal });
  }
}
