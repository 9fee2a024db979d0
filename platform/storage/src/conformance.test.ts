/**
 * What every store promises, asked of each implementation: PGlite in this process, and a PostgreSQL
 * server with several connections.
 */
import { Secret } from "@sumus/bytes";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  CommitUnknownError,
  ConnectionLostError,
  openMemoryStore,
  openPostgresStore,
  SqlError,
  type Store,
} from "./index.ts";
import { type LocalPostgres, localPostgresMissing, startLocalPostgres } from "./local-postgres.ts";

const MIGRATIONS = [
  {
    name: "items",
    statements: ["CREATE TABLE items (id bytea PRIMARY KEY, amount bigint NOT NULL, note text)"],
  },
  {
    name: "jobs",
    statements: ["CREATE TABLE jobs (number integer PRIMARY KEY, taken boolean NOT NULL)"],
  },
];

const missing = localPostgresMissing();
if (missing !== undefined) process.stdout.write(`PostgreSQL's tests are left out: ${missing}.\n`);

let server: LocalPostgres;
beforeAll(async () => {
  if (missing === undefined) server = await startLocalPostgres({ fsync: "off" });
});
afterAll(() => server?.stop());

interface Kind {
  readonly name: string;
  readonly left: boolean;
  readonly open: () => Promise<Store>;
}

const KINDS: readonly Kind[] = [
  { name: "PGlite", left: false, open: () => openMemoryStore(MIGRATIONS) },
  {
    name: "PostgreSQL",
    left: missing !== undefined,
    open: async () => openPostgresStore(await server.createDatabase("conformance"), MIGRATIONS),
  },
];

const id = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);

async function amountOf(store: Store, item: Uint8Array): Promise<number | undefined> {
  const [row] = await store.transaction("look", (transaction) =>
    transaction.query<{ amount: number }>("SELECT amount FROM items WHERE id = $1", [item]),
  );
  return row?.amount;
}

for (const kind of KINDS) {
  describe.skipIf(kind.left)(kind.name, () => {
    let store: Store;
    beforeAll(async () => {
      store = await kind.open();
    });
    afterAll(() => store.close());

    test("gives every type back as it went in", async () => {
      const [row] = await store.transaction("echo", (transaction) =>
        transaction.query(
          `SELECT $1::bytea AS bytes, $2::bigint AS large, $3::integer AS small, $4::text AS text,
             $5::boolean AS flag, $6::text AS nothing, sum(n)::bigint AS numbers,
             string_agg(t, ',') AS texts, cardinality($9::bytea[]) AS none
           FROM unnest($7::bigint[], $8::text[]) AS list(n, t)`,
          [id(0, 255), 2n ** 53n - 1n, -7, 'ä"\\', true, null, [1, 2, 2 ** 40], ["a", '"', ""], []],
        ),
      );
      expect(row).toEqual({
        bytes: id(0, 255),
        large: 2 ** 53 - 1,
        small: -7,
        text: 'ä"\\',
        flag: true,
        nothing: null,
        numbers: 2 ** 40 + 3,
        texts: 'a,",',
        none: 0,
      });
      const tooLarge = store.transaction("too large", (transaction) =>
        transaction.query("SELECT 9007199254740993::bigint AS n"),
      );
      await expect(tooLarge).rejects.toThrow(RangeError);
    });

    test("carries 16 MB in one value, and 10,000 rows in one statement", async () => {
      const large = new Uint8Array(16 * 1024 * 1024).map((_, index) => index * 31);
      const ids = Array.from({ length: 10_000 }, (_, n) => id(200, n >> 8, n & 255));
      const [row] = await store.transaction("large", async (transaction) => {
        await transaction.query(
          "INSERT INTO items SELECT item, n, 'row' FROM unnest($1::bytea[], $2::bigint[]) AS t(item, n)",
          [ids, ids.map((_, n) => n)],
        );
        return await transaction.query<{ bytes: Uint8Array; count: number; total: number }>(
          `SELECT $1::bytea AS bytes, count(*) AS count, sum(amount)::bigint AS total
           FROM items WHERE note = 'row'`,
          [large],
        );
      });
      expect(Buffer.compare(row?.bytes ?? id(), large)).toBe(0);
      expect([row?.count, row?.total]).toEqual([10_000, 49_995_000]);
    });

    test("a failed transaction leaves nothing, whether its work passes the error on or not", async () => {
      const twice = async (swallow: boolean): Promise<unknown> =>
        store.transaction("fails", async (transaction) => {
          await transaction.query("INSERT INTO items VALUES ($1, 1)", [id(1)]);
          const second = transaction.query("INSERT INTO items VALUES ($1, 2)", [id(1)]);
          await (swallow ? second.catch(() => "never mind") : second);
        });
      for (const swallow of [false, true]) {
        await expect(twice(swallow)).rejects.toMatchObject({ name: "SqlError", code: "23505" });
        expect(await amountOf(store, id(1))).toBeUndefined();
      }
      const thrown = store.transaction("throws", async (transaction) => {
        await transaction.query("INSERT INTO items VALUES ($1, 1)", [id(1)]);
        throw new TypeError("the work's own");
      });
      await expect(thrown).rejects.toThrow("the work's own");
      expect(await amountOf(store, id(1))).toBeUndefined();
    });

    test("a statement after the end of its transaction is refused", async () => {
      const late = await store.transaction(
        "leaks",
        async (transaction) => () => transaction.query("INSERT INTO items VALUES ($1, 1)", [id(2)]),
      );
      await expect(late()).rejects.toThrow("before its transaction ends");
      expect(await amountOf(store, id(2))).toBeUndefined();
    });

    test("no increment is lost between transactions that read, wait and write", async () => {
      await store.transaction("begin", (transaction) =>
        transaction.query("INSERT INTO items VALUES ($1, 0)", [id(3)]),
      );
      const increment = (): Promise<void> =>
        store.transaction("increment", async (transaction) => {
          const [row] = await transaction.query<{ amount: number }>(
            "SELECT amount FROM items WHERE id = $1",
            [id(3)],
          );
          await transaction.query("UPDATE items SET amount = $2 WHERE id = $1", [
            id(3),
            (row?.amount ?? 0) + 1,
          ]);
        });
      await Promise.all(Array.from({ length: 12 }, increment));
      expect(await amountOf(store, id(3))).toBe(12);
      const metrics = store.metrics().get("increment");
      expect(metrics?.committedCount).toBe(12);
      if (store.isShared) expect(metrics?.retryCount).toBeGreaterThan(0);
    });

    test("tells what an embedded database takes of this process's CPU time", async () => {
      if (store.isShared) {
        expect(store.embeddedCpuMs).toBeUndefined();
        return;
      }
      const before = store.embeddedCpuMs?.() ?? 0;
      const { user } = process.cpuUsage();
      await store.transaction("work", (transaction) =>
        transaction.query("SELECT count(*) FROM generate_series(1, 1000000)"),
      );
      const spentMs = (store.embeddedCpuMs?.() ?? 0) - before;
      expect(spentMs).toBeGreaterThan(10);
      expect(spentMs).toBeLessThan((process.cpuUsage().user - user) / 1000 + 1000);
    });

    test("counts and times transactions by name, those that failed too", async () => {
      const race = (tries: number): Promise<void> =>
        store.transaction("measured", async (transaction) => {
          await transaction.query("SELECT 1");
          if (left-- > 0) throw new SqlError("40001", `a race that is lost ${tries} times`);
        });
      let left = 2;
      await race(left);
      left = Number.POSITIVE_INFINITY;
      await expect(race(left)).rejects.toThrow(SqlError);
      await expect(
        store.transaction("measured", () => Promise.reject(new TypeError("the work's own"))),
      ).rejects.toThrow(TypeError);
      expect(store.metrics().get("measured")).toEqual({
        committedCount: 1,
        failedCount: 2,
        retryCount: 2 + 9,
      });
      const { samples } = store.durations.toMetric("t_seconds", "t");
      const mine = samples.filter(({ labels }) => labels?.["name"] === "measured");
      expect(mine.find(({ suffix }) => suffix === "_count")?.value).toBe(3);
      // Ten tries pause nine times: 4 ms at first, then twice as long each time, half by chance.
      expect(mine.find(({ suffix }) => suffix === "_sum")?.value).toBeGreaterThan(1);
    });

    test("one snapshot lasts for a whole transaction", async () => {
      await store.transaction("begin", (transaction) =>
        transaction.query("INSERT INTO items VALUES ($1, 1)", [id(4)]),
      );
      const update = (): Promise<unknown> =>
        store.transaction("update", (transaction) =>
          transaction.query("UPDATE items SET amount = amount + 1 WHERE id = $1", [id(4)]),
        );
      const seen = await store.transaction("snapshot", async (transaction) => {
        const look = async (): Promise<number | undefined> => {
          const sql = "SELECT amount FROM items WHERE id = $1";
          return (await transaction.query<{ amount: number }>(sql, [id(4)]))[0]?.amount;
        };
        const before = await look();
        // An embedded store has one connection: the update waits for this transaction to end.
        if (store.isShared) await update();
        return [before, await look()];
      });
      expect(seen).toEqual([1, 1]);
    });

    test("SKIP LOCKED gives each job to one of many takers, and none twice", async () => {
      const count = 40;
      await store.transaction("begin", (transaction) =>
        transaction.query(
          "INSERT INTO jobs SELECT n, false FROM generate_series(1, $1::int) AS n",
          [count],
        ),
      );
      const take = async (): Promise<number[]> => {
        const taken: number[] = [];
        for (;;) {
          const [row] = await store.transaction("take", (transaction) =>
            transaction.query<{ number: number }>(
              `UPDATE jobs SET taken = true WHERE number = (
                 SELECT number FROM jobs WHERE NOT taken ORDER BY number LIMIT 1
                 FOR UPDATE SKIP LOCKED
               ) RETURNING number`,
            ),
          );
          if (row === undefined) return taken;
          taken.push(row.number);
        }
      };
      const taken = (await Promise.all(Array.from({ length: 6 }, take))).flat();
      expect(taken.sort((a, b) => a - b)).toEqual(Array.from({ length: count }, (_, n) => n + 1));
    });

    test("closing waits for what runs, and refuses what comes later", async () => {
      const other = await (kind.name === "PGlite"
        ? openMemoryStore(MIGRATIONS)
        : openPostgresStore(await server.createDatabase("closing"), MIGRATIONS));
      const running = Array.from({ length: 20 }, (_, n) =>
        other.transaction("insert", (transaction) =>
          transaction.query("INSERT INTO items VALUES ($1, 1) RETURNING amount", [id(n)]),
        ),
      );
      await other.close();
      expect(await Promise.all(running)).toEqual(running.map(() => [{ amount: 1 }]));
      await expect(other.transaction("late", () => Promise.resolve())).rejects.toThrow("closed");
    });
  });
}

describe.skipIf(missing !== undefined)("a PostgreSQL server", () => {
  test("replicas that start at the same time agree on one schema", async () => {
    const url = await server.createDatabase("replicas");
    const stores = await Promise.all(
      Array.from({ length: 4 }, () => openPostgresStore(url, MIGRATIONS, { connectionsMax: 2 })),
    );
    const applied = await Promise.all(
      stores.map((store) =>
        store.transaction("look", (transaction) =>
          transaction.query("SELECT name FROM schema_migrations ORDER BY position"),
        ),
      ),
    );
    for (const names of applied) expect(names).toEqual([{ name: "items" }, { name: "jobs" }]);
    await Promise.all(stores.map((store) => store.close()));
    await expect(openPostgresStore(url, MIGRATIONS.slice(0, 1))).rejects.toThrow(
      'one with migration "jobs"',
    );
  });

  test("a connection lost before the commit is tried again", async () => {
    const store = await openPostgresStore(await server.createDatabase("lost"), MIGRATIONS);
    let tries = 0;
    await store.transaction("cut off", async (transaction) => {
      await transaction.query("INSERT INTO items VALUES ($1, 1)", [id(1)]);
      if (++tries === 1) await transaction.query("SELECT pg_terminate_backend(pg_backend_pid())");
    });
    expect(tries).toBe(2);
    expect(await amountOf(store, id(1))).toBe(1);
    await store.close();
  });

  test("a connection lost during the commit is said to be unknown, and not tried again", async () => {
    const store = await openPostgresStore(await server.createDatabase("unknown"), [
      ...MIGRATIONS,
      {
        name: "a commit that kills its own connection",
        statements: [
          `CREATE FUNCTION cut_off() RETURNS trigger LANGUAGE plpgsql AS
             'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'`,
          `CREATE CONSTRAINT TRIGGER cut_off AFTER INSERT ON jobs DEFERRABLE INITIALLY DEFERRED
             FOR EACH ROW EXECUTE FUNCTION cut_off()`,
        ],
      },
    ]);
    let tries = 0;
    const failed = store.transaction("cut off", async (transaction) => {
      tries++;
      await transaction.query("INSERT INTO jobs VALUES (1, false)");
    });
    await expect(failed).rejects.toThrow(CommitUnknownError);
    expect(tries).toBe(1);
    expect(store.metrics().get("cut off")).toMatchObject({ failedCount: 1, retryCount: 0 });
    await store.close();
  });

  test("a statement that takes too long ends", async () => {
    const url = await server.createDatabase("slow");
    const store = await openPostgresStore(url, MIGRATIONS, { statementMsMax: 200 });
    const slow = store.transaction("slow", (transaction) =>
      transaction.query("SELECT pg_sleep(20)"),
    );
    await expect(slow).rejects.toMatchObject({ name: "SqlError", code: "57014" });
    await store.close();
  });

  test("a server that is not there, and a URL that is none, say so without the password", async () => {
    const away = new Secret("postgres://someone:pa55word@127.0.0.1:9/none");
    const error = await openPostgresStore(away, MIGRATIONS).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConnectionLostError);
    expect(String(error)).not.toContain("pa55word");
    const other = new Secret("mysql://someone:pa55word@127.0.0.1/none");
    const refusal = await openPostgresStore(other, MIGRATIONS).catch((reason: unknown) => reason);
    expect(String(refusal)).toBe(
      "RangeError: expected a URL that begins with postgres://, got another text",
    );
  });
});
