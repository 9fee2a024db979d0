/**
 * Two leaders and two helpers at once, each pair on one PostgreSQL database: whoever does the work,
 * every report is counted once. Every report has a histogram bucket of its own.
 */
import { defined } from "@sumus/assert";
import type { Fetch } from "@sumus/http";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Aggregator } from "./aggregator.ts";
import type { AggregatorRole } from "./config.ts";
import { addSums, countAccumulated } from "./store/accumulators.ts";
import { lockForCollection, lockForReports } from "./store/batches.ts";
import { selectTasks } from "./store/studies.ts";
import {
  ask,
  COLLECTOR_TOKEN,
  createClient,
  createCollection,
  createTrial,
  exactSums,
  firstTask,
  openPostgresStores,
  openResponse,
  openStudy,
  STORE_KINDS,
  settle,
  startNode,
  statusOf,
  type Trial,
  upload,
} from "./testing.ts";

const REPORTS = 240;
const REPORTS_PER_UPLOAD = 12;

type Pair<T> = readonly [T, T];

function pairOf<T>(items: readonly T[]): Pair<T> {
  return [defined(items[0], "two of them"), defined(items[1], "two of them")];
}

describe.skipIf(!STORE_KINDS.includes("PostgreSQL"))("two replicas of each node", () => {
  let stores: Awaited<ReturnType<typeof openPostgresStores>>;
  beforeAll(async () => {
    stores = await openPostgresStores(2);
  });
  afterAll(() => stores[Symbol.asyncDispose]());

  const start = async (
    role: AggregatorRole,
    { clock }: Trial,
    peerFetch: Fetch = () => Promise.reject(new TypeError("fetch failed")),
  ): Promise<Pair<Aggregator>> =>
    pairOf(
      await Promise.all(
        stores[role].map((store, index) =>
          startNode(role, store, { clock, replica: `${role} ${index}`, peerFetch }),
        ),
      ),
    );

  test("count every report once, whoever takes, verifies, answers and collects it", async () => {
    const trial = createTrial({ cells: REPORTS });
    const task = firstTask(trial);
    const helpers = await start("helper", trial);
    let requests = 0;
    // Each request reaches one helper; every third both, at the same time.
    const leaders = await start("leader", trial, async (request) => {
      const [one, other] = requests++ % 2 === 0 ? helpers : [helpers[1], helpers[0]];
      const copy = request.clone();
      if (requests % 3 > 0) return await one.fetch(request);
      return (await Promise.all([one.fetch(request), other.fetch(copy)]))[0];
    });
    for (const [one, other] of [leaders, helpers]) {
      const answers = [one, other].map((node) => ask(node, "GET", "/hpke_config"));
      const [first, second] = await Promise.all(answers.map(async (a) => (await a).arrayBuffer()));
      expect(first).toEqual(second);
    }
    await Promise.all([...leaders, ...helpers].map((node) => openStudy(node, trial)));
    const report = await createClient(trial, leaders[0], helpers[0]);

    const uploads: Promise<unknown>[] = [];
    const steps: Promise<boolean>[] = [];
    for (let first = 0; first < REPORTS; first += REPORTS_PER_UPLOAD) {
      const reports = Array.from({ length: REPORTS_PER_UPLOAD }, (_, at) => report(first + at));
      // Both replicas get every report; one of them is told that it is a replay.
      uploads.push(...leaders.map((leader) => upload(leader, task, reports)));
      steps.push(...leaders.flatMap(({ jobs }) => [jobs.step(), jobs.step()]));
    }
    await Promise.all(uploads);
    await Promise.all(steps);
    await Promise.all(leaders.map((leader) => settle(leader, trial.clock)));

    const [leader, helper] = [stores.leader[0], stores.helper[1]];
    const { counts, reportCounts } = await exactSums(task, {
      leader: defined(leader, "a store"),
      helper: defined(helper, "a store"),
    });
    expect(reportCounts).toEqual([REPORTS, REPORTS]);
    expect(counts.slice(0, REPORTS)).toEqual(new Array(REPORTS).fill(1n));
    for (const node of [...leaders, ...helpers]) {
      expect(await statusOf(node, trial)).toMatchObject({ people: REPORTS });
    }

    const created = await Promise.all(leaders.map((node) => createCollection(node, trial)));
    expect(created.map(({ status }) => status).sort()).toEqual([201, 202]);
    const location = created[0]?.headers.get("location") ?? "";
    expect(created[1]?.headers.get("location")).toBe(location);
    await Promise.all(leaders.flatMap(({ jobs }) => [jobs.step(), jobs.step(), jobs.step()]));
    await settle(leaders[1], trial.clock);
    const answers = await Promise.all(
      leaders.map((node) => ask(node, "GET", location, { token: COLLECTOR_TOKEN })),
    );
    const [first, second] = await Promise.all(
      answers.map(async (answer) => (await openResponse(trial, answer)).aggregate),
    );
    expect(first).toEqual(second);
  });

  test("a replica that starts again takes back its own leases, and nobody else's", async () => {
    const trial = createTrial();
    const helpers = await start("helper", trial);
    // The helper does not answer: each leader holds a lease until its process "dies".
    const { promise: silence, reject: end } = Promise.withResolvers<Response>();
    const leaders = await start("leader", trial, () => silence);
    await Promise.all([...leaders, ...helpers].map((node) => openStudy(node, trial)));
    const report = await createClient(trial, leaders[0], helpers[0]);
    const held = async (): Promise<number> => {
      const store = defined(stores.leader[0], "a store");
      const rows = await store.transaction("look", (transaction) =>
        transaction.query("SELECT 1 FROM aggregation_jobs WHERE lease_token IS NOT NULL"),
      );
      return rows.length;
    };
    const steps: Promise<boolean>[] = [];
    for (const [index, leader] of leaders.entries()) {
      await upload(leader, firstTask(trial), [report(index)]);
      steps.push(leader.jobs.step());
      await expect.poll(held).toBe(index + 1);
    }
    const again = await startNode("leader", defined(stores.leader[0], "a store"), {
      clock: trial.clock,
      replica: "leader 0",
      peerFetch: helpers[0].fetch,
    });
    expect(await held()).toBe(1);
    while (await again.jobs.step());
    expect(await statusOf(again, trial)).toMatchObject({ people: 1 });
    trial.clock.advance(3600);
    while (await again.jobs.step());
    expect(await statusOf(again, trial)).toMatchObject({ people: 2 });
    // Who lost his lease and wakes up writes nothing.
    end(new TypeError("fetch failed"));
    expect(await Promise.all(steps)).toEqual([true, true]);
    expect(await statusOf(again, trial)).toMatchObject({ people: 2, trouble: null });
  });

  test("a collection waits for those who are adding reports, and sees what they added", async () => {
    const trial = createTrial();
    const task = firstTask(trial);
    const [node] = await start("leader", trial);
    await openStudy(node, trial);
    const [one, other] = pairOf(stores.leader);
    const [row] = await one.transaction("look", (tx) => selectTasks(tx, trial.id));
    const number = defined(row, "the study is open").number;
    const batch = {
      aggregateShare: task.vdaf.aggregateInit(),
      reportCount: 1,
      checksum: new Uint8Array(32),
      interval: { start: 7, duration: 1 },
    };
    const { promise: added, resolve: tellAdded } = Promise.withResolvers<void>();
    const { promise: waiting, resolve: tellWaiting } = Promise.withResolvers<void>();
    const adding = one.transaction("add", async (transaction) => {
      await lockForReports(transaction, [number]);
      await addSums(transaction, { number, vdaf: task.vdaf }, [{ bucket: 7, batch }]);
      tellAdded();
      await waiting;
    });
    await added;
    const collecting = other.transaction("collect", async (transaction) => {
      await lockForCollection(transaction, number);
      return await countAccumulated(transaction, number, { start: 0, duration: 100 });
    });
    // Time for the collection to reach the lock; were it not there, the count would be 0.
    await new Promise((resolve) => setTimeout(resolve, 100));
    tellWaiting();
    await adding;
    expect(await collecting).toBe(1);
  });
});
