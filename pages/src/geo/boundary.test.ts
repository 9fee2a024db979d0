import { expect, test } from "vitest";
import { samplePlace } from "../testing.ts";
import { createLocate } from "./boundary.ts";

test("a hole is outside, and so is everything around", () => {
  const locate = createLocate([samplePlace("frame")]);
  expect(locate(0.5, 2)).toBe("frame");
  expect(locate(2, 2)).toBe(null);
  expect(locate(5, 2)).toBe(null);
  expect(locate(2, -1)).toBe(null);
});
