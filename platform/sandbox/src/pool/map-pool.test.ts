/**
 * Threads of maps, in Node and in Chromium: the answers of the sandbox, in any order of asking; a
 * thread that a map keeps is ended, and nobody else notices.
 */
import { describe, expect, test } from "vitest";
import { CONFORMANCE_MAPS, NESTING_MAP } from "../conformance-maps.ts";
import { createMapPool, createSandbox, type MapOutcome, type MapTable } from "../index.ts";
import type { MapOrder, StartThread } from "./map-thread.ts";

const person: MapTable = {
  columns: [
    { name: "age", type: "INTEGER", index: 2 },
    { name: "one", type: "INTEGER", constant: 1 },
    { name: "sex", type: "TEXT", index: 0 },
  ],
  rows: [["female", "not asked for", 44]],
};
const tables = { person };
const theRow = { age: 44, one: 1, sex: "female" };
const WITHOUT_END = { fuelSteps: 2 ** 44, durationMs: 2 ** 40 };

test("answers as the sandbox does, whatever the language and the order", async () => {
  await using pool = createMapPool({ threads: 2 });
  const sandbox = await createSandbox();
  // On a machine that does much else, the second that SQL may take is over before its fuel is.
  const limits = { durationMs: 30_000 };
  const requests = CONFORMANCE_MAPS.flatMap(({ hostile, language, theRow: source }) => {
    const refused = hostile.filter(([, , reason]) => /Invalid|Forbidden|Memory/.test(reason));
    const sources = [source, ...refused.map(([, rubbish]) => rubbish), source];
    return sources.map((code) => ({ language, source: code, tables, limits }));
  });
  requests.push({ language: "wasm", source: NESTING_MAP, tables, limits });
  const outcomes = await Promise.all(requests.map((request) => pool.run(request)));
  expect(outcomes).toEqual(requests.map((request) => sandbox.run(request)));
});

// At once: each spins for all of its time.
describe.concurrent.each(CONFORMANCE_MAPS.filter(({ hostile }) => hostile[0]?.[2] === "outOfFuel"))(
  "a map in $language that would not end",
  ({ hostile, language, theRow: source }) => {
    test("is ended with its thread, and those behind it have their answer", async () => {
      // Long enough for a good map on a busy machine.
      await using pool = createMapPool({ threads: 1, killAfterMs: 5_000 });
      const good = { language, source, tables };
      const endless = { language, source: hostile[0]?.[1] ?? "", tables, limits: WITHOUT_END };
      const runs = [good, endless, good, good].map((request) => pool.run(request));
      const ended = {
        ok: false,
        reason: "outOfTime",
        message: "the map ran too long: 5,000 ms allowed, then its thread was ended",
      };
      const answered = { ok: true, row: theRow };
      expect(await Promise.all(runs)).toMatchObject([answered, ended, answered, answered]);
    });
  },
);

describe("threads that end by themselves", () => {
  const request = { language: "sql", source: "", tables } as const;
  const outcome: MapOutcome = { ok: true, row: null, fuelSteps: 0 };
  /** Threads that end at the orders of these ids, each a number of times, and answer all others. */
  function fragile(deaths: Map<number, number>): { start: StartThread; started: () => number } {
    let started = 0;
    const start: StartThread = (onNews, onEnd) => {
      started++;
      let alive = true;
      let answered = 0;
      const handle = ({ id }: MapOrder): void => {
        if (!alive) return;
        const left = deaths.get(id) ?? 0;
        if (left === 0) {
          onNews({ kind: "done", id, outcome, cpuMs: ++answered });
          return;
        }
        deaths.set(id, left - 1);
        alive = false;
        onEnd(new Error("out of memory"));
      };
      return {
        send: (order) => queueMicrotask(() => handle(order)),
        hold: () => {},
        kill: () => {
          alive = false;
        },
      };
    };
    return { start, started: () => started };
  }

  test("are followed by others, and all maps have their answer", async () => {
    const { start, started } = fragile(new Map([[3, 1]]));
    await using pool = createMapPool({ threads: 1 }, start);
    const runs = Array.from({ length: 30 }, () => pool.run(request));
    expect(await Promise.all(runs)).toEqual(runs.map(() => outcome));
    expect(started()).toBe(2);
    expect(pool.spentCpuMs).toBe(30);
  });

  test("again and again at one map, are that map's fault and nobody else's", async () => {
    const { start, started } = fragile(new Map([[3, 9]]));
    await using pool = createMapPool({ threads: 2 }, start);
    const runs = Array.from({ length: 30 }, () => pool.run(request));
    const failed = {
      ok: false,
      reason: "mapFailed",
      message: "the map ended the thread that it ran on",
    };
    const expected = runs.map((_, index) => (index === 3 ? failed : outcome));
    expect(await Promise.all(runs)).toEqual(expected);
    expect(started()).toBe(4);
  });
});

test("a closed pool leaves nobody waiting", async () => {
  const pool = createMapPool({ threads: 1 });
  const request = { language: "sql", source: "SELECT age FROM person", tables } as const;
  const runs = Array.from({ length: 20 }, () => pool.run(request));
  await pool.close();
  for (const outcome of await Promise.all(runs)) {
    expect(outcome).toMatchObject({
      ok: false,
      message: "the pool was closed before the map had run",
    });
  }
  expect(() => pool.run(request)).toThrow(/an open pool/);
});
