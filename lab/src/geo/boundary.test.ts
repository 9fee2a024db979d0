import { expect, test } from "vitest";
import { loadPlaces } from "../report/assets.ts";
import { createLocate } from "./boundary.ts";
import type { Place } from "./geojson.ts";

const FRAME: Place = {
  name: "frame",
  polygons: [
    [
      [
        [0, 0],
        [4, 0],
        [4, 4],
        [0, 4],
        [0, 0],
      ],
      [
        [1, 1],
        [3, 1],
        [3, 3],
        [1, 3],
        [1, 1],
      ],
    ],
  ],
};

test("a hole is outside, and so is everything around", () => {
  const locate = createLocate([FRAME]);
  expect(locate(0.5, 2)).toBe("frame");
  expect(locate(2, 2)).toBe(null);
  expect(locate(5, 2)).toBe(null);
  expect(locate(2, -1)).toBe(null);
});

test("places of San Francisco are where they should be", async () => {
  const locate = createLocate(await loadPlaces());
  expect(locate(37.7599, -122.4148)).toBe("Mission");
  expect(locate(37.7941, -122.4078)).toBe("Chinatown");
  expect(locate(37.7694, -122.4862)).toBe("Golden Gate Park");
  expect(locate(37.8199, -122.4783)).toBe(null);
  expect(locate(50.3, 8)).toBe(null);
});
