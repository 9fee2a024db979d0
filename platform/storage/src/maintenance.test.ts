import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openStore } from "./index.ts";

const LOG_SEGMENT_BYTES = 16 * 1024 * 1024;

test("the write-ahead log and deleted rows do not grow without bound", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sumus-maintenance-"));
  const store = await openStore(folder, [
    {
      name: "rows",
      statements: [
        "CREATE TABLE rows (filler bytea NOT NULL)",
        "ALTER TABLE rows ALTER filler SET STORAGE EXTERNAL",
      ],
    },
  ]);
  const filler = new Uint8Array(1024 * 1024);
  for (let round = 0; round < 200; round++) {
    await store.transaction("churn", async (transaction) => {
      await transaction.query("DELETE FROM rows");
      await transaction.query("INSERT INTO rows VALUES ($1)", [filler]);
    });
  }
  const segments = await readdir(join(folder, "pglite", "pg_wal"));
  const [table] = await store.transaction("size", (transaction) =>
    transaction.query<{ bytes: number }>("SELECT pg_total_relation_size('rows') AS bytes"),
  );
  await store.close();
  await rm(folder, { recursive: true, force: true });
  // 200 MB were written and 1 MB is alive.
  const logBytes = segments.filter((name) => name.length === 24).length * LOG_SEGMENT_BYTES;
  expect(logBytes).toBeLessThan(170 * 1024 * 1024);
  expect(table?.bytes).toBeLessThan(120 * 1024 * 1024);
});
