/**
 * One round: a task without noise, clients, faults as planned, and in the end the question whether
 * every report that was acknowledged is in the collected sum once, and no other.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { TaskDetails } from "@sumus/aggregator";
import { ask, COLLECTOR_TOKEN, OPERATOR_TOKEN } from "@sumus/aggregator/testing";
import {
  createTask,
  createTaskTrial,
  openTaskResponse,
  requestCollection,
  type TaskTrial,
} from "@sumus/aggregator/testing-task";
import { assert } from "@sumus/assert";
import { encodeBase64url } from "@sumus/bytes";
import { type Collection, collectInterval, timeOf } from "@sumus/dap";
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
}

const CLIENTS_PER_PROCESS = 6;
const PAUSE_MS_MAX = 250;
const POLL_MS = 50;
/** Of the time that is collected, before and after now. */
const HOURS = 100;

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
  const { urls } = deployment;
  const trial = createTaskTrial({ vdaf: { kind: "histogram", length: plan.cells }, ...urls });
  for (const url of Object.values(urls)) await createTask(remoteNode(url), trial);
  await Promise.all([
    send(place, trial, plan, evidence.ledger),
    perform(deployment, plan.faults, signal),
  ]);
  const { refused } = await poll(signal, async () => {
    const details = await readDetails(urls.leader, trial);
    return details.pending === 0 ? details : undefined;
  });
  const { aggregate, reportCount } = await collect(deployment, trial, plan, signal);
  const tally = { counts: aggregate, reportCount, refused };
  evidence.tally = tally;
  return audit(evidence.ledger, tally);
}

async function readDetails(url: string, { task }: TaskTrial): Promise<TaskDetails> {
  const path = `/tasks/${encodeBase64url(task.id)}`;
  const response = await ask(remoteNode(url), "GET", path, { token: OPERATOR_TOKEN });
  assert(response.ok, `the leader knows its task: ${response.status}`);
  return (await response.json()) as TaskDetails;
}

function send(
  { deployment, load }: Place,
  { task }: TaskTrial,
  { orders, seed }: Plan,
  ledger: Entry[],
): Promise<void> {
  const { version, encodedConfiguration } = task;
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

/** Collects the batch through its own faults; whoever asks twice gets the same bytes. */
async function collect(
  deployment: Deployment,
  trial: TaskTrial,
  plan: Plan,
  signal: AbortSignal,
): Promise<Collection> {
  const leader = remoteNode(deployment.urls.leader);
  const now = timeOf(trial.task, Date.now() / 1000);
  const request = collectInterval({ start: now - HOURS, duration: 2 * HOURS });
  const storm = perform(deployment, plan.lateFaults, signal);
  const created = await requestCollection(leader, trial, request);
  const location = created.headers.get("location");
  assert(location !== null, `a collection job is created: ${created.status}`);
  const get = (): Promise<Response> => ask(leader, "GET", location, { token: COLLECTOR_TOKEN });
  await storm;
  const ready = await poll(signal, async () => {
    const response = await get();
    assert(response.ok, `the batch is released: ${response.status} ${await textOf(response)}`);
    return response.status === 200 ? response : undefined;
  });
  const body = Buffer.from(await ready.arrayBuffer());
  const again = Buffer.from(await (await get()).arrayBuffer());
  assert(body.equals(again), "whoever asks again gets the same answer");
  return await openTaskResponse(trial, request, new Response(body));
}

async function textOf(response: Response): Promise<string> {
  return response.ok ? "" : await response.text();
}

/** Asks until there is an answer. */
async function poll<T>(signal: AbortSignal, look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await sleep(POLL_MS, undefined, { signal });
  }
}
