/** Durability for real: a child process is killed while it writes. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openStore } from "./index.ts";

const MIGRATIONS = [
  { name: "rows", statements: ["CREATE TABLE rows (n bigint PRIMARY KEY, filler bytea NOT NULL)"] },
];

const WRITER = `
  const { openStore } = await import(${JSON.stringify(new URL("./index.ts", import.meta.url).href)});
  const store = await openStore(process.argv[1], ${JSON.stringify(MIGRATIONS)});
  for (let n = Number(process.argv[2]); ; n++) {
    await store.transaction("write", (transaction) =>
      transaction.query("INSERT INTO rows VALUES ($1, $2)", [n, new Uint8Array(20_000)]));
    console.log(n);
  }
`;

const ROUNDS = 3;
const ROWS_PER_ROUND_MIN = 200;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sumus-crash-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The last row that the child acknowledged before it was killed. */
async function writeUntilKilled(first: number): Promise<number> {
  const child: ChildProcess = spawn(
    process.execPath,
    ["--input-type=module", "--eval", WRITER, folder, String(first)],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  const exit = once(child, "exit");
  let last = -1;
  if (child.stdout === null) throw new Error("the child has no output");
  for await (const line of createInterface({ input: child.stdout })) {
    last = Number(line);
    if (last === first + ROWS_PER_ROUND_MIN) child.kill("SIGKILL");
  }
  await exit;
  return last;
}

test(`every acknowledged row survives kill -9, ${ROUNDS} times in a row`, async () => {
  let next = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const last = await writeUntilKilled(next);
    expect(last).toBeGreaterThanOrEqual(next + ROWS_PER_ROUND_MIN);
    const store = await openStore(folder, MIGRATIONS);
    const [row] = await store.transaction("count", (transaction) =>
      transaction.query<{ count: number; last: number }>(
        "SELECT count(*) AS count, max(n) AS last FROM rows",
      ),
    );
    await store.close();
    // One row more than acknowledged is allowed: killed between commit and acknowledgement.
    expect(row?.last).toBeGreaterThanOrEqual(last);
    expect(row?.count).toBe((row?.last ?? 0) + 1);
    next = (row?.last ?? 0) + 1;
  }
});
