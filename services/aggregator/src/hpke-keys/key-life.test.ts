import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { KEYS_MAX, livesOf, nextConfigId } from "./key-life.ts";

const KEEP_SECONDS = 1000;

/** Keys by the times at which they are advertised, the newest first. */
const keys = fc
  .uniqueArray(fc.integer({ min: 0, max: 10_000 }), { minLength: 1, maxLength: 8 })
  .map((times) => times.sort((a, b) => b - a))
  .map((times) => times.map((advertisedAt, index) => ({ configId: 50 - index, advertisedAt })));
const now = fc.integer({ min: 0, max: 12_000 });

describe("the life of a key", () => {
  test("exactly one is advertised, newer ones are pending, older ones retired, then closed", () => {
    const order = ["pending", "advertised", "retired", "closed"];
    fc.assert(
      fc.property(keys, now, (list, nowSeconds) => {
        const states = livesOf(list, nowSeconds, KEEP_SECONDS).map(({ state }) => state);
        expect(states.filter((state) => state === "advertised")).toHaveLength(1);
        const places = states.map((state) => order.indexOf(state));
        expect(places).toEqual([...places].sort((a, b) => a - b));
      }),
    );
  });

  test("a key that was ever given to clients takes reports for the whole time it is kept", () => {
    fc.assert(
      fc.property(keys, now, fc.nat({ max: KEEP_SECONDS - 1 }), (list, nowSeconds, later) => {
        const given = livesOf(list, nowSeconds, KEEP_SECONDS).find(
          ({ state }) => state === "advertised",
        );
        const then = livesOf(list, nowSeconds + later, KEEP_SECONDS);
        const state = then.find(({ configId }) => configId === given?.configId)?.state;
        expect(["advertised", "retired"]).toContain(state);
      }),
    );
  });

  test("deleting keys that are closed opens no other again", () => {
    fc.assert(
      fc.property(keys, now, fc.nat(), (list, nowSeconds, choice) => {
        const before = livesOf(list, nowSeconds, KEEP_SECONDS);
        const closed = before.filter(({ state }) => state === "closed");
        const gone = closed[choice % Math.max(1, closed.length)]?.configId;
        const after = livesOf(
          list.filter(({ configId }) => configId !== gone),
          nowSeconds,
          KEEP_SECONDS,
        );
        const stateOf = (lives: typeof before): [number, string][] =>
          lives
            .filter(({ configId }) => configId !== gone)
            .map(({ configId, state }) => [configId, state]);
        expect(stateOf(after)).toEqual(stateOf(before));
      }),
    );
  });
});

test("an id comes back after all others, and never while its key is there", () => {
  let ids = [{ configId: 250 }];
  const seen: number[] = [];
  for (let rotation = 0; rotation < 255; rotation++) {
    const configId = nextConfigId(ids) ?? Number.NaN;
    seen.push(configId);
    ids = [{ configId }, ...ids].slice(0, 3);
  }
  expect(new Set(seen).size).toBe(255);
  expect(nextConfigId([{ configId: 255 }, { configId: 0 }])).toBe(1);
  const full = Array.from({ length: KEYS_MAX }, (_, configId) => ({ configId }));
  expect(nextConfigId(full)).toBeUndefined();
});
