/** Durability for real: a child process is killed while it writes. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openPostgresStore, openStore, type Store } from "./index.ts";
import { localPostgresMissing, startLocalPostgres } from "./local-postgres.ts";

const MIGRATIONS = [
  { name: "rows", statements: ["CREATE TABLE rows (n bigint PRIMARY KEY, filler bytea NOT NULL)"] },
];

/** The first argument is a folder or the URL of a server. */
const WRITER = `
  const { openPostgresStore, openStore } =
    await import(${JSON.stringify(new URL("./index.ts", import.meta.url).href)});
  const { Secret } = await import(${JSON.stringify(import.meta.resolve("@sumus/bytes"))});
  const [place, first] = process.argv.slice(1);
  const migrations = ${JSON.stringify(MIGRATIONS)};
  const store = await (place.startsWith("postgres:")
    ? openPostgresStore(new Secret(place), migrations)
    : openStore(place, migrations));
  for (let n = Number(first); ; n++) {
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
async function writeUntilKilled(place: string, first: number): Promise<number> {
  const child: ChildProcess = spawn(
    process.execPath,
    ["--input-type=module", "--eval", WRITER, place, String(first)],
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

/** @param open the store at `place`, in this process */
async function survive(place: string, open: () => Promise<Store>): Promise<void> {
  let next = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const last = await writeUntilKilled(place, next);
    expect(last).toBeGreaterThanOrEqual(next + ROWS_PER_ROUND_MIN);
    const store = await open();
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
}

test(`every acknowledged row survives kill -9 of the owner, ${ROUNDS} times in a row`, () =>
  survive(folder, () => openStore(folder, MIGRATIONS)));

test.skipIf(localPostgresMissing() !== undefined)("and of a server's client", async () => {
  const server = await startLocalPostgres();
  try {
    const url = await server.createDatabase("crash");
    await survive(url.reveal(), () => openPostgresStore(url, MIGRATIONS));
  } finally {
    await server.stop();
  }
});

test.skipIf(localPostgresMissing() !== undefined)("and of the server", async () => {
  const server = await startLocalPostgres({ fsync: "off" });
  const store = await openPostgresStore(await server.createDatabase("crash"), MIGRATIONS);
  const write = (n: number): Promise<unknown> =>
    store.transaction("write", (transaction) =>
      transaction.query("INSERT INTO rows VALUES ($1, '') RETURNING n", [n]),
    );
  try {
    const firstId = server.processId;
    for (let n = 0; n < ROUNDS; n++) {
      await write(n);
      await server.crash();
    }
    expect(server.processId).not.toBe(firstId);
    const rows = await store.transaction("read", (transaction) =>
      transaction.query("SELECT n FROM rows ORDER BY n"),
    );
    expect(rows).toEqual(Array.from({ length: ROUNDS }, (_, n) => ({ n })));
  } finally {
    await store.close();
    await server.stop();
  }
});
