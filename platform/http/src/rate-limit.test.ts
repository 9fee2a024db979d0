import fc from "fast-check";
import { expect, test } from "vitest";
import { RateLimit } from "./index.ts";

test("what was taken at once is a debt that time pays", () => {
  const limit = new RateLimit({ perSecond: 10, burst: 100 });
  expect(limit.waitSeconds("a", 0)).toBe(0);
  limit.take("a", 130, 0);
  expect(limit.waitSeconds("a", 0)).toBe(4);
  expect(limit.waitSeconds("b", 0)).toBe(0);
  expect(limit.waitSeconds("a", 3)).toBe(1);
  expect(limit.waitSeconds("a", 4)).toBe(0);
  expect(limit.waitSeconds("a", -50)).toBe(4);
});

test("whoever waits as he is told takes no more than his rate and one burst", () => {
  const { assert, property, array, integer } = fc;
  assert(
    property(array(integer({ min: 1, max: 50 }), { maxLength: 60 }), (counts) => {
      const limit = new RateLimit({ perSecond: 7, burst: 20 });
      let nowSeconds = 0;
      let taken = 0;
      for (const count of counts) {
        nowSeconds += limit.waitSeconds("k", nowSeconds);
        expect(limit.waitSeconds("k", nowSeconds)).toBe(0);
        expect(taken).toBeLessThan(20 + 7 * nowSeconds);
        limit.take("k", count, nowSeconds);
        taken += count;
      }
    }),
  );
});

test("remembers a bounded number of keys: the quietest is forgotten", () => {
  const limit = new RateLimit({ perSecond: 1, burst: 1, keyCountMax: 2 });
  for (const key of ["a", "b", "a", "c"]) limit.take(key, 5, 0);
  expect(["a", "b", "c"].map((key) => limit.waitSeconds(key, 0) > 0)).toEqual([true, false, true]);
});
