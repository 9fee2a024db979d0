import { expect, test } from "vitest";
import { ManualClock } from "./index.ts";

test("a manual clock stands still until it is moved", () => {
  const clock = new ManualClock(1_000);
  expect(clock.nowSeconds()).toBe(1_000);
  clock.advance(60);
  expect(clock.nowSeconds()).toBe(1_060);
});
