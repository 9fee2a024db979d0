import { expect, test } from "vitest";
import { AssertionError, assert, defined, unreachable } from "./index.ts";

test("what holds passes silently, what does not names what must hold", () => {
  expect(() => assert(1 < 2, "one is less than two")).not.toThrow();
  expect(() => assert(1 > 2, "one is more than two")).toThrow(
    new AssertionError("one is more than two"),
  );
});

test("defined lets falsy values through and refuses only missing ones", () => {
  expect([defined(0, "zero"), defined("", "empty"), defined(false, "no")]).toEqual([0, "", false]);
  expect(() => defined(undefined, "the answer exists")).toThrow("the answer exists");
  expect(() => defined(null, "the answer exists")).toThrow(AssertionError);
});

test("an unreachable branch that is reached names the value", () => {
  expect(() => unreachable("surprise" as never)).toThrow("unreachable value surprise");
});
