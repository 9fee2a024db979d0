/**
 * Garbage collection: what may go goes, and neither makes a replay countable nor takes an answer from
 * who still wants it. Crashes around each of its transactions change nothing about that.
 */
import { defined } from "@sumus/assert";
import { collectInterval } from "@sumus/dap";
import type { CollectionJobReq } from "@sumus/dap/messages";
import type { Store } from "@sumus/storage";
import { faultyStore } from "@sumus/storage/testing";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Aggregator } from "./aggregator.ts";
import { joinIntervals } from "./store/garbage.ts";
import { TASK_TABLES } from "./store/tasks.ts";
import {
  ask,
  COLLECTOR_TOKEN,
  createScene,
  createTrial,
  openStores,
  openStudy,
  STORE_KINDS,
  type Stores,
  settle,
  startNode,
  upload,
} from "./testing.ts";
import {
  createTaskScene,
  openTaskResponse,
  requestCollection,
  type TaskScene,
} from "./testing-task.ts";

const HOUR = 3600;
const DAY = 86_400;

async function count(store: Store, table: string): Promise<number> {
  const [row] = await store.transaction("look", (transaction) =>
    transaction.query<{ count: number }>(`SELECT count(*) AS count FROM ${table}`),
  );
  return row?.count ?? 0;
}

/** Lets what is due be done: housekeeping comes once an hour. */
async function keepHouse(...nodes: readonly Aggregator[]): Promise<void> {
  for (const node of nodes) while (await node.jobs.step());
}

const hourOf = (timeSeconds: number): CollectionJobReq =>
  collectInterval({ start: Math.floor(timeSeconds / HOUR), duration: 1 });

async function collectHour(scene: TaskScene, timeSeconds: number): Promise<string> {
  const created = await requestCollection(scene.leader, scene.trial, hourOf(timeSeconds));
  expect(created.status).toBeLessThan(300);
  await keepHouse(scene.leader);
  return created.headers.get("location") ?? "";
}

const get = (leader: Aggregator, location: string): Promise<Response> =>
  ask(leader, "GET", location, { token: COLLECTOR_TOKEN });

describe.each(STORE_KINDS)("on %s", (kind) => {
  let stores: Stores;
  beforeAll(async () => {
    stores = await openStores(kind);
  });
  afterAll(() => stores[Symbol.asyncDispose]());

  /** The clock of each scene begins anew, the store goes on. */
  const makeDue = async (): Promise<void> => {
    for (const store of [stores.leader, stores.helper]) {
      await store.transaction("make due", (transaction) =>
        transaction.query("UPDATE housekeeping SET available_at = 0"),
      );
    }
  };
  beforeEach(makeDue);

  test("ids of collected buckets go, others stay, and no replay is counted", async () => {
    const scene = await createTaskScene(stores);
    const { trial, leader, helper, report } = scene;
    const { clock, task } = trial;
    const first = clock.nowSeconds();
    const early = [0, 1, 2].map((cell) => report(cell));
    expect(await upload(leader, task, early)).toEqual([]);
    clock.advance(HOUR);
    const late = [3, 4].map((cell) => report(cell));
    await upload(leader, task, late);
    await keepHouse(leader);
    const location = await collectHour(scene, first);
    const before = [
      await count(stores.leader, "report_ids"),
      await count(stores.helper, "report_ids"),
    ];
    clock.advance(2 * HOUR);
    await keepHouse(leader, helper);
    expect([
      await count(stores.leader, "report_ids"),
      await count(stores.helper, "report_ids"),
    ]).toEqual(before.map((ids) => ids - early.length));
    // Neither the forgotten nor the remembered are taken again.
    const again = await upload(leader, task, [...early, ...late]);
    expect(again.map(({ error }) => error)).toEqual([
      ...early.map(() => "batch_collected"),
      ...late.map(() => "report_replayed"),
    ]);
    await keepHouse(leader);
    const answer = await openTaskResponse(trial, hourOf(first), await get(leader, location));
    expect(answer.reportCount).toBe(early.length);
    const second = await collectHour(scene, first + HOUR);
    const rest = await openTaskResponse(trial, hourOf(first + HOUR), await get(leader, second));
    expect(rest.reportCount).toBe(late.length);
    const twice = await requestCollection(
      leader,
      trial,
      collectInterval({ start: Math.floor(first / HOUR), duration: 2 }),
    );
    await keepHouse(leader);
    const overlap = twice.ok ? await get(leader, twice.headers.get("location") ?? "") : twice;
    expect(await overlap.text()).toContain("batchOverlap");
  });

  test("answers stay for as long as they are kept, and asking later changes nothing", async () => {
    const scene = await createTaskScene(stores);
    const { trial, leader, helper, report } = scene;
    const start = trial.clock.nowSeconds();
    await upload(leader, trial.task, [report(0), report(1)]);
    await settle(leader, trial.clock);
    const location = await collectHour(scene, start);
    const age = (store: Store, days: number): Promise<void> =>
      store.transaction("age", async (transaction) => {
        for (const [table, column] of [
          ["helper_jobs", "stored_at"],
          ["aggregate_shares", "stored_at"],
          ["collection_jobs", "answered_at"],
        ]) {
          await transaction.query(
            `UPDATE ${table} SET ${column} = ${column} - make_interval(days => $1)`,
            [days],
          );
        }
      });
    const sweep = async (days: number): Promise<void> => {
      await age(stores.leader, days);
      await age(stores.helper, days);
      trial.clock.advance(2 * HOUR);
      await keepHouse(leader, helper);
    };
    await sweep(89);
    expect((await get(leader, location)).status).toBe(200);
    for (const table of ["helper_jobs", "aggregate_shares"]) {
      expect(await count(stores.helper, table)).toBeGreaterThan(0);
    }
    await sweep(2);
    for (const table of ["helper_jobs", "aggregate_shares"]) {
      expect(await count(stores.helper, table)).toBe(0);
    }
    expect((await get(leader, location)).status).toBe(404);
    // The batch stays collected: no second noise is drawn for it.
    const again = await requestCollection(leader, trial, hourOf(start));
    await keepHouse(leader);
    const refused = again.ok ? await get(leader, again.headers.get("location") ?? "") : again;
    expect(await refused.text()).toContain("batchOverlap");
  });

  test("a study goes when it ended long ago, and stays gone", async () => {
    const { trial, leader, helper, report } = await createScene(stores);
    const reports = [report(0), report(1)];
    const task = defined(trial.tasks[0], "a study has a task");
    await upload(leader, task, reports);
    await settle(leader, trial.clock);
    const left = async (store: Store): Promise<number> => {
      const counts = await store.transaction("look", async (transaction) => {
        const [row] = await transaction.query<{ number: number }>(
          "SELECT number FROM tasks WHERE id = $1",
          [task.id],
        );
        let rows = 0;
        for (const table of TASK_TABLES) {
          const found = await transaction.query(`SELECT 1 FROM ${table} WHERE task = $1`, [
            row?.number ?? -1,
          ]);
          rows += found.length;
        }
        return rows;
      });
      return counts;
    };
    // One that this program cannot read, as an older one wrote it, keeps no other.
    await stores.leader.transaction("write an old study", async (transaction) => {
      await transaction.query("INSERT INTO studies VALUES ('\\x00', '{}', 0)");
      await transaction.query(
        "INSERT INTO tasks (id, study_id, position) VALUES ('\\x00', '\\x00', 0)",
      );
    });
    const before = [await left(stores.leader), await left(stores.helper)];
    trial.clock.advance(89 * DAY);
    await keepHouse(leader, helper);
    expect([await left(stores.leader), await left(stores.helper)]).toEqual(before);
    trial.clock.advance(3 * DAY);
    await keepHouse(leader, helper);
    expect([await left(stores.leader), await left(stores.helper)]).toEqual([0, 0]);
    // Opened again by the same manifest it is the same study, which is over for good.
    for (const node of [leader, helper]) await openStudy(node, trial).catch(() => undefined);
    const response = await ask(
      leader,
      "POST",
      { kind: "reports", taskId: task.id },
      { message: "upload-req", body: defined(reports[0], "a report") },
    );
    // Either the node does not know the task, or it names the report among those refused.
    expect(response.ok && (await response.text()) === "").toBe(false);
    await settle(leader, trial.clock);
    for (const store of [stores.leader, stores.helper]) {
      const rows = await store.transaction("look", (transaction) =>
        transaction.query(
          "SELECT 1 FROM accumulators a JOIN tasks t ON t.number = a.task WHERE t.id = $1",
          [task.id],
        ),
      );
      expect(rows).toEqual([]);
    }
  });

  test("a crash around any of its transactions is made good the next time", async () => {
    const names = [
      "end task",
      "erase task",
      "sweep report ids",
      "mark swept",
      "delete stale answers",
      "finish housekeeping",
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...names),
        fc.constantFrom<"before" | 1 | "after">("before", 1, "after"),
        async (name, when) => {
          await makeDue();
          const scene = await createTaskScene(stores);
          const { trial, leader, helper, report } = scene;
          const { clock, task } = trial;
          const start = clock.nowSeconds();
          const reports = [report(0), report(1)];
          await upload(leader, task, reports);
          await keepHouse(leader);
          await collectHour(scene, start);
          const ended = createTrial();
          await openStudy(leader, ended);
          clock.advance(92 * DAY);
          const faulty = faultyStore(stores.leader);
          faulty.plan({ name, when });
          const dying = await startNode("leader", faulty, {
            clock,
            peerFetch: helper.fetch,
          });
          await keepHouse(dying).catch(() => undefined);
          const next = await startNode("leader", stores.leader, { clock, peerFetch: helper.fetch });
          await keepHouse(next);
          const ids = await stores.leader.transaction("look", (transaction) =>
            transaction.query(
              "SELECT 1 FROM report_ids r JOIN tasks t ON t.number = r.task WHERE t.id = $1",
              [task.id],
            ),
          );
          expect(ids).toEqual([]);
          const again = await upload(next, task, reports);
          expect(again.map(({ error }) => error)).toEqual(["batch_collected", "batch_collected"]);
          const unerased = await stores.leader.transaction("look", (transaction) =>
            transaction.query("SELECT 1 FROM tasks WHERE state = 'deleted' AND NOT is_erased"),
          );
          expect(unerased).toEqual([]);
        },
      ),
      { numRuns: 8 },
    );
  });

  test("a task that goes on for ever takes no more room than its last hours", async () => {
    const scene = await createTaskScene(stores);
    const { trial, leader, helper, report } = scene;
    const rows = async (): Promise<number[]> => {
      const sizes: number[] = [];
      for (const store of [stores.leader, stores.helper]) {
        for (const table of [
          "report_ids",
          "accumulators",
          "collected_intervals",
          "pending_reports",
        ]) {
          sizes.push(await count(store, table));
        }
      }
      return sizes;
    };
    const live = async (hours: number): Promise<number[]> => {
      for (let hour = 0; hour < hours; hour++) {
        const time = trial.clock.nowSeconds();
        await upload(
          leader,
          trial.task,
          [0, 1, 2, 3].map((cell) => report(cell)),
        );
        await keepHouse(leader);
        await collectHour(scene, time);
        trial.clock.advance(HOUR);
        await keepHouse(leader, helper);
      }
      return rows();
    };
    const early = await live(3);
    expect(await live(8)).toEqual(early);
  });
});

test("joined intervals cover what they covered apart, and no two of them touch", () => {
  const intervals = fc
    .uniqueArray(fc.nat({ max: 60 }), { maxLength: 30 })
    .map((starts) => starts.sort((a, b) => a - b).map((start) => ({ start, duration: 1 })));
  fc.assert(
    fc.property(intervals, (list) => {
      const joined = joinIntervals(list);
      const covered = joined.flatMap(({ start, duration }) =>
        Array.from({ length: duration }, (_, index) => start + index),
      );
      expect(covered).toEqual(list.map(({ start }) => start));
      expect(joinIntervals(joined)).toEqual(joined);
      const touching = joined.some(
        (one, index) => one.start + one.duration === joined[index + 1]?.start,
      );
      expect(touching).toBe(false);
    }),
  );
});
