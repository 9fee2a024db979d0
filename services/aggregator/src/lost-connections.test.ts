/**
 * A server that ends a node's connections over and over, in the middle of whatever transaction runs.
 * Every report has a histogram cell of its own: a 0 where one was acknowledged is a loss, a 2 a replay.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Store } from "@sumus/storage";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Aggregator } from "./aggregator.ts";
import { ask, exactSums, openStores, STORE_KINDS, type Stores, settle } from "./testing.ts";
import { createTaskScene, type TaskScene } from "./testing-task.ts";

const REPORTS = 60;
/** A transaction takes a few milliseconds: connections break within some and between others. */
const CUT_EVERY_MS = 7;
const CUTS_MIN = 10;

/** From one node's database: ends all connections to the other's, and tells how many. */
async function cutOther(store: Store): Promise<number> {
  const rows = await store.transaction("cut", (transaction) =>
    transaction.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE backend_type = 'client backend' AND datname <> current_database()`,
    ),
  );
  return rows.length;
}

/** Sends a report until it is acknowledged, as a client does. */
async function uploadUntilTaken({ leader, trial }: TaskScene, report: Uint8Array): Promise<void> {
  const resource = { kind: "reports", taskId: trial.task.id } as const;
  for (;;) {
    const { status } = await ask(leader, "POST", resource, { message: "upload-req", body: report });
    if (status === 200) return;
    expect(status).toBe(503);
  }
}

/** Runs jobs while connections break; a step that failed is repeated, as the job loop does. */
async function work(node: Aggregator, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const hadWork = await node.jobs.step().catch(() => false);
    if (!hadWork) await sleep(1);
  }
}

describe.skipIf(!STORE_KINDS.includes("PostgreSQL"))("connections that break", () => {
  let stores: Stores;
  beforeAll(async () => {
    stores = await openStores("PostgreSQL");
  });
  afterAll(() => stores[Symbol.asyncDispose]());

  test("within transactions of a node lose nothing and count nothing twice", async () => {
    const scene = await createTaskScene(stores, { vdaf: { kind: "histogram", length: REPORTS } });
    const { leader, trial, report } = scene;
    let isOver = false;
    let cuts = 0;
    const cutting = (async () => {
      while (!isOver) {
        cuts += await cutOther(stores.helper);
        await sleep(CUT_EVERY_MS);
        trial.clock.advance(1);
      }
    })();
    const working = work(leader, () => isOver);
    for (let cell = 0; cell < REPORTS; cell++) await uploadUntilTaken(scene, report(cell));
    isOver = true;
    await Promise.all([cutting, working]);
    await settle(leader, trial.clock);
    const { counts, reportCounts } = await exactSums(trial.task, stores);
    expect(counts).toEqual(new Array(REPORTS).fill(1n));
    expect(reportCounts).toEqual([REPORTS, REPORTS]);
    expect(cuts).toBeGreaterThanOrEqual(CUTS_MIN);
  });
});
