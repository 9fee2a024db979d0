import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openStore } from "@sumus/storage";
import { afterAll, beforeAll, expect, test } from "vitest";
import { selectBatches } from "./accumulators.ts";
import { AGGREGATOR_MIGRATIONS } from "./schema.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sumus-schema-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test("studies of before are released when anything of them was collected, or may have been", async () => {
  const place = join(folder, "before");
  const known = AGGREGATOR_MIGRATIONS.findIndex(({ name }) => name === "released studies");
  const old = await openStore(place, AGGREGATOR_MIGRATIONS.slice(0, known));
  const idOf = (index: number): Uint8Array => new Uint8Array(32).fill(index);
  await old.transaction("fill", async (transaction) => {
    // Open, collected, ended long ago, cancelled.
    for (const index of [1, 2, 3, 4]) {
      const cancelledAt = index === 4 ? 7 : null;
      await transaction.query(
        "INSERT INTO studies (id, manifest, opened_at, cancelled_at) VALUES ($1, '{}', 5, $2)",
        [idOf(index), cancelledAt],
      );
      await transaction.query(
        "INSERT INTO tasks (id, study_id, position, state) VALUES ($1, $1, 0, $2)",
        [idOf(index), index > 2 ? "deleted" : "open"],
      );
    }
    await transaction.query(
      "INSERT INTO collected_intervals (task, start, duration) VALUES (2, 0, 1)",
    );
  });
  await old.close();
  const store = await openStore(place, AGGREGATOR_MIGRATIONS);
  const rows = await store.transaction("look", (transaction) =>
    transaction.query("SELECT released_at, cancelled_at FROM studies ORDER BY id"),
  );
  expect(rows).toEqual([
    { released_at: null, cancelled_at: null },
    { released_at: 5, cancelled_at: null },
    { released_at: 5, cancelled_at: null },
    { released_at: null, cancelled_at: 7 },
  ]);
  await store.close();
});

test("a store of 0.1.0 with sums in it is brought up to date", async () => {
  const old = await openStore(folder, AGGREGATOR_MIGRATIONS.slice(0, 1));
  await old.transaction("fill", async (transaction) => {
    const id = new Uint8Array(32);
    await transaction.query("INSERT INTO studies VALUES ($1, '{}', 0)", [id]);
    await transaction.query("INSERT INTO tasks (id, study_id, position) VALUES ($1, $1, 0)", [id]);
    for (const bucket of [5, 8]) {
      await transaction.query("INSERT INTO accumulators VALUES (1, $1, 0, $2, 3, $2)", [
        bucket,
        id,
      ]);
    }
  });
  await old.close();
  const store = await openStore(folder, AGGREGATOR_MIGRATIONS);
  const batches = await store.transaction("look", (transaction) =>
    selectBatches(transaction, 1, { start: 0, duration: 10 }),
  );
  expect(batches.map(({ reportCount, interval }) => ({ reportCount, interval }))).toEqual([
    { reportCount: 3, interval: { start: 5, duration: 1 } },
    { reportCount: 3, interval: { start: 8, duration: 1 } },
  ]);
  await store.close();
});
