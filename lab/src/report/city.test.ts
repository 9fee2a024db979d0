import { createLocate } from "@sumus/pages";
import { expect, test } from "vitest";
import { loadBasemap, loadPlaces } from "./assets.ts";

test("places of San Francisco are where they should be", async () => {
  const locate = createLocate(await loadPlaces());
  expect(locate(37.7599, -122.4148)).toBe("Mission");
  expect(locate(37.7941, -122.4078)).toBe("Chinatown");
  expect(locate(37.7694, -122.4862)).toBe("Golden Gate Park");
  expect(locate(37.8199, -122.4783)).toBe(null);
  expect(locate(50.3, 8)).toBe(null);
});

test("the city is drawn to scale and light", async () => {
  const basemap = await loadBasemap();
  const [x1, y1] = basemap.project([-122.42, 37.76]);
  const [x2, y2] = basemap.project([-122.42, 37.76 + 1 / 111.32]);
  expect(x2).toBeCloseTo(x1);
  expect(y1 - y2).toBeCloseTo(basemap.unitsPerKm);
  expect(basemap.places).toHaveLength(37);
  expect(basemap.streets.length).toBeGreaterThan(10_000);
  expect(basemap.streets.length + basemap.coast.length).toBeLessThan(200_000);
});
