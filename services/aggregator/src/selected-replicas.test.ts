/**
 * Leader-selected batches with two replicas of each node on one PostgreSQL: whoever gathers,
 * verifies and collects, every report is in one batch. Every report has a histogram bucket of its
 * own.
 */
import { defined } from "@sumus/assert";
import { collectNextBatch } from "@sumus/dap";
import type { Fetch } from "@sumus/http";
import type { Store } from "@sumus/storage";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Aggregator } from "./aggregator.ts";
import {
  ask,
  COLLECTOR_TOKEN,
  exactSums,
  openPostgresStores,
  STORE_KINDS,
  settle,
  startNode,
  upload,
} from "./testing.ts";
import {
  createTask,
  createTaskClient,
  createTaskTrial,
  openTaskResponse,
  requestCollection,
  type TaskTrial,
} from "./testing-task.ts";

const REPORTS = 240;
const REPORTS_PER_UPLOAD = 8;
const BATCH_MIN = 20;
const NEXT = collectNextBatch();

describe.skipIf(!STORE_KINDS.includes("PostgreSQL"))("two replicas of each node", () => {
  let stores: Awaited<ReturnType<typeof openPostgresStores>>;
  beforeAll(async () => {
    stores = await openPostgresStores(2);
  });
  afterAll(() => stores[Symbol.asyncDispose]());

  const startHelpers = ({ clock }: TaskTrial): Promise<Aggregator[]> =>
    Promise.all(
      stores.helper.map((store, index) =>
        startNode("helper", store, { clock, replica: `helper ${index}` }),
      ),
    );

  test("put every report into one batch, while batches are collected", async () => {
    const trial = createTaskTrial({
      vdaf: { kind: "histogram", length: REPORTS },
      minBatchSize: BATCH_MIN,
      batchMode: "leader_selected",
    });
    const { task, clock } = trial;
    const helpers = await startHelpers(trial);
    let requests = 0;
    const peerFetch: Fetch = (request) => pick(helpers, requests++).fetch(request);
    const leaders = await Promise.all(
      stores.leader.map((store, index) =>
        startNode("leader", store, { clock, replica: `leader ${index}`, peerFetch }),
      ),
    );
    await createTask(pick(leaders, 0), trial);
    await createTask(pick(helpers, 0), trial);
    const report = await createTaskClient(trial, pick(leaders, 0), pick(helpers, 0));

    const found: number[] = [];
    const sizes: number[] = [];
    /** Asks both replicas for the next batch, and takes the answer when it is there. */
    const collect = async (): Promise<void> => {
      const answers = await Promise.all(
        leaders.map((leader) => requestCollection(leader, trial, NEXT)),
      );
      const locations = new Set(answers.flatMap(({ headers }) => headers.get("location") ?? []));
      expect(locations.size).toBeLessThanOrEqual(1);
      const ready = answers.find(({ status }) => status === 200);
      if (ready === undefined) return;
      const { reportCount, aggregate } = await openTaskResponse(trial, NEXT, ready);
      sizes.push(reportCount);
      found.push(...cellsOf(aggregate));
      for (const location of locations) {
        await ask(pick(leaders, 0), "DELETE", location, { token: COLLECTOR_TOKEN });
      }
    };
    for (let first = 0; first < REPORTS; first += REPORTS_PER_UPLOAD) {
      const reports = Array.from({ length: REPORTS_PER_UPLOAD }, (_, at) => report(first + at));
      await Promise.all([
        // Both replicas get every report; one of them is told that it is a replay.
        ...leaders.map((leader) => upload(leader, task, reports)),
        ...leaders.flatMap(({ jobs }) => [jobs.step(), jobs.step(), jobs.step()]),
        collect(),
      ]);
    }
    while (REPORTS - found.length >= BATCH_MIN) {
      await settle(pick(leaders, sizes.length), clock);
      await collect();
    }
    expect(new Set(found).size).toBe(found.length);
    expect(sizes.every((size) => size >= BATCH_MIN)).toBe(true);
    const left = REPORTS - found.length;
    const { counts, reportCounts } = await exactSums(task, {
      leader: defined(stores.leader[0], "a store"),
      helper: defined(stores.helper[1], "a store"),
    });
    expect(reportCounts).toEqual([left, left]);
    // What is left and what was found is everything, once.
    for (const cell of found) counts[cell] = (counts[cell] ?? 0n) + 1n;
    expect(counts).toEqual(new Array(REPORTS).fill(1n));
  });

  test("a job that is being gathered is waited for by the collection of its batch", async () => {
    const trial = createTaskTrial({ minBatchSize: 3, batchMode: "leader_selected" });
    const { task, clock } = trial;
    const helpers = await startHelpers(trial);
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
    const slowHelper: Fetch = async (request) => {
      await answered;
      return await pick(helpers, 0).fetch(request);
    };
    const [one, other] = [pick(stores.leader, 0), pick(stores.leader, 1)];
    const pausing = pausingStore(other, "gather");
    const leader = await startNode("leader", one, { clock, peerFetch: pick(helpers, 0).fetch });
    const slow = await startNode("leader", one, { clock, replica: "slow", peerFetch: slowHelper });
    const gathering = await startNode("leader", pausing.store, {
      clock,
      replica: "gathering",
      peerFetch: pick(helpers, 1).fetch,
    });
    await createTask(leader, trial);
    await createTask(pick(helpers, 0), trial);
    const report = await createTaskClient(trial, leader, pick(helpers, 0));
    await upload(leader, task, [report(0), report(1)]);
    await leader.jobs.step();
    // Two of three are accepted. One more waits for the helper, a fourth is being gathered.
    await upload(leader, task, [report(2)]);
    await requestCollection(leader, trial, NEXT);
    await leader.jobs.step();
    const slowStep = slow.jobs.step();
    await expect.poll(() => countJobs(one)).toBe(1);
    await upload(leader, task, [report(3)]);
    const gatherStep = gathering.jobs.step();
    await pausing.paused;
    answer();
    await slowStep;
    // The batch is full, and as far as committed no report of it is in a job.
    const collectStep = leader.jobs.step();
    // Time for the collection to reach the lock; were it not there, the batch would be of 3.
    await new Promise((resolve) => setTimeout(resolve, 100));
    pausing.proceed();
    await Promise.all([gatherStep, collectStep]);
    await settle(leader, clock);
    const ready = await requestCollection(leader, trial, NEXT);
    expect(await openTaskResponse(trial, NEXT, ready)).toMatchObject({ reportCount: 4 });
  });
});

function pick<T>(items: readonly T[], index: number): T {
  return defined(items[index % items.length], "there are some");
}

function cellsOf(aggregate: readonly bigint[]): number[] {
  return aggregate.flatMap((count, cell) => new Array<number>(Number(count)).fill(cell));
}

async function countJobs(store: Store): Promise<number> {
  const rows = await store.transaction("look", (transaction) =>
    transaction.query("SELECT 1 FROM aggregation_jobs"),
  );
  return rows.length;
}

/** A store whose transactions of this name stand still before they commit, until told otherwise. */
function pausingStore(
  store: Store,
  name: string,
): { readonly store: Store; readonly paused: Promise<void>; readonly proceed: () => void } {
  const { promise: paused, resolve: tellPaused } = Promise.withResolvers<void>();
  const { promise: proceeding, resolve: proceed } = Promise.withResolvers<void>();
  const pausing: Store = {
    ...store,
    transaction: (given, work) =>
      store.transaction(given, async (transaction) => {
        const result = await work(transaction);
        if (given === name) {
          tellPaused();
          await proceeding;
        }
        return result;
      }),
  };
  return { store: pausing, paused, proceed };
}
