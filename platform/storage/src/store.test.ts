import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  CommitUnknownError,
  createStore,
  openMemoryStore,
  openStore,
  SqlError,
  type Store,
} from "./index.ts";
import { CrashError, faultyStore } from "./testing.ts";

const MIGRATIONS = [
  {
    name: "items",
    statements: ["CREATE TABLE items (id bytea PRIMARY KEY, amount bigint NOT NULL, note text)"],
  },
];

describe("a store in memory", () => {
  let store: Store;
  beforeAll(async () => {
    store = await openMemoryStore(MIGRATIONS);
  });
  afterAll(() => store.close());

  test("brings back the bytes it was given, one by one and as columns", async () => {
    const column = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(column, fc.uint8Array({ maxLength: 300 }), async (items, single) => {
        const [row] = await store.transaction("echo", (transaction) =>
          transaction.query<{ one: Uint8Array; count: number; all: Uint8Array | null }>(
            `SELECT $1::bytea AS one, count(*) AS count,
               string_agg(item, ''::bytea ORDER BY place) AS all
             FROM unnest($2::bytea[]) WITH ORDINALITY AS t(item, place)`,
            [single, items],
          ),
        );
        expect(row?.one).toEqual(single);
        expect(row?.count).toBe(items.length);
        expect(row?.all ?? new Uint8Array()).toEqual(Uint8Array.from(items.flatMap((i) => [...i])));
      }),
      { numRuns: 50 },
    );
  });

  test("refuses a bigint that a number cannot hold", async () => {
    const read = store.transaction("too big", (transaction) =>
      transaction.query("SELECT 9007199254740993::bigint AS n"),
    );
    await expect(read).rejects.toThrow("expected a bigint of at most 53 bits");
  });

  test("rolls back what a failed transaction wrote, and says nothing about its values", async () => {
    const secret = new TextEncoder().encode("the secret");
    const failed = store.transaction("fails", async (transaction) => {
      await transaction.query("INSERT INTO items VALUES ($1, 1)", [secret]);
      await transaction.query("INSERT INTO items VALUES ($1, 2)", [secret]);
    });
    const error = await failed.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(SqlError);
    expect(error).toMatchObject({ code: "23505" });
    expect(Object.values(error as object).join() + String(error)).not.toMatch(/secret|7468652073/);
    const rows = await store.transaction("look", (transaction) =>
      transaction.query("SELECT 1 FROM items WHERE id = $1", [secret]),
    );
    expect(rows).toEqual([]);
  });

  test("counts per name", async () => {
    const before = store.metrics().get("counted")?.committedCount ?? 0;
    await store.transaction("counted", (transaction) => transaction.query("SELECT 1"));
    expect(store.metrics().get("counted")?.committedCount).toBe(before + 1);
  });

  test("a simulated crash happens before, within or after the transaction, and is final", async () => {
    const id = (...bytes: number[]): Uint8Array => Uint8Array.of(99, ...bytes);
    const insert = (view: Store, byte: number, name = "insert"): Promise<unknown> =>
      view.transaction(name, async (transaction) => {
        await transaction.query("INSERT INTO items VALUES ($1, 0)", [id(byte, 0)]);
        await transaction.query("INSERT INTO items VALUES ($1, 0)", [id(byte, 1)]);
      });
    const left = async (byte: number): Promise<number> => {
      const rows = await store.transaction("look", (transaction) =>
        transaction.query("SELECT 1 FROM items WHERE id = ANY($1::bytea[])", [
          [id(byte, 0), id(byte, 1)],
        ]),
      );
      return rows.length;
    };
    for (const [byte, when] of (["before", 0, 1, 2, 7, "after"] as const).entries()) {
      const view = faultyStore(store);
      view.plan({ name: "insert", when });
      await insert(view, 10 + byte, "something else");
      await expect(insert(view, 20 + byte)).rejects.toThrow(CrashError);
      await view.crashed;
      await expect(insert(view, 30 + byte)).rejects.toThrow(CrashError);
      const found = await Promise.all([10, 20, 30].map((first) => left(first + byte)));
      expect(found, `${when}`).toEqual([2, when === "after" ? 2 : 0, 0]);
    }
  });

  test("a simulated doubt leaves the process alive, and the transaction done or not", async () => {
    const view = faultyStore(store);
    const insert = (byte: number): Promise<unknown> =>
      view.transaction("insert", (transaction) =>
        transaction.query("INSERT INTO items VALUES ($1, 0)", [Uint8Array.of(98, byte)]),
      );
    view.plan({ when: "doubt, undone" });
    await expect(insert(1)).rejects.toThrow(CommitUnknownError);
    view.plan({ when: "doubt, done" });
    await expect(insert(2)).rejects.toThrow(CommitUnknownError);
    await insert(1);
    await expect(insert(2)).rejects.toThrow(SqlError);
  });
});

describe("races", () => {
  const losing = (losses: number): { store: Store; tries: () => number } => {
    let tries = 0;
    const store = createStore({
      isShared: false,
      transaction(work) {
        tries++;
        if (tries <= losses) throw new SqlError("40001", "could not serialize access");
        return work({ query: () => Promise.resolve([]) });
      },
      close: () => Promise.resolve(),
    });
    return { store, tries: () => tries };
  };

  test("a transaction that loses a race is tried again", async () => {
    const { store, tries } = losing(3);
    await expect(store.transaction("race", () => Promise.resolve("won"))).resolves.toBe("won");
    expect(tries()).toBe(4);
    expect(store.metrics().get("race")).toMatchObject({ committedCount: 1, retryCount: 3 });
  });

  test("but not for ever", async () => {
    const { store, tries } = losing(Number.POSITIVE_INFINITY);
    await expect(store.transaction("race", () => Promise.resolve())).rejects.toThrow(SqlError);
    expect(tries()).toBe(10);
    expect(store.metrics().get("race")).toMatchObject({ committedCount: 0, failedCount: 1 });
  });
});

describe("a store in a folder", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "sumus-store-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test("keeps what it was given, refuses a second opener, replaces a dead one", async () => {
    const store = await openStore(folder, MIGRATIONS);
    await expect(openStore(folder, MIGRATIONS)).rejects.toThrow(
      new RegExp(`held by process ${process.pid} on .*; stop that process, or delete`),
    );
    await store.transaction("insert", (transaction) =>
      transaction.query("INSERT INTO items VALUES ($1, $2)", [Uint8Array.of(7), 2n ** 40n]),
    );
    await store.close();
    // A pid is at most 2^22 on Linux: nobody has this one.
    const dead = { pid: 2 ** 22 + 1, host: (await import("node:os")).hostname() };
    await writeFile(join(folder, "lock"), JSON.stringify({ ...dead, started: "", token: "t" }));
    const again = await openStore(folder, MIGRATIONS);
    const rows = await again.transaction("look", (transaction) =>
      transaction.query("SELECT * FROM items"),
    );
    expect(rows).toEqual([{ id: Uint8Array.of(7), amount: 2 ** 40, note: null }]);
    await again.close();
    await expect(readFile(join(folder, "lock"))).rejects.toThrow("ENOENT");
  });

  test("a process that started later with the same pid is not the holder", async () => {
    const { hostname } = await import("node:os");
    const holder = { pid: process.ppid, host: hostname(), started: "another boot/1", token: "t" };
    await writeFile(join(folder, "lock"), JSON.stringify(holder));
    await (await openStore(folder, MIGRATIONS)).close();
    const elsewhere = { ...holder, host: "another machine" };
    await writeFile(join(folder, "lock"), JSON.stringify(elsewhere));
    await expect(openStore(folder, MIGRATIONS)).rejects.toThrow("on another machine");
    await rm(join(folder, "lock"));
  });

  test("refuses a schema that another program wrote, and a newer one", async () => {
    const changed = [{ name: "items", statements: ["SELECT 1"] }];
    await expect(openStore(folder, changed)).rejects.toThrow('expected migration 0 to be "items"');
    await expect(openStore(folder, [])).rejects.toThrow('one with migration "items"');
    const further = [...MIGRATIONS, { name: "more", statements: ["CREATE TABLE more (n int)"] }];
    await (await openStore(folder, further)).close();
    await (await openStore(folder, further)).close();
    await expect(openStore(folder, MIGRATIONS)).rejects.toThrow('one with migration "more"');
  });
});
