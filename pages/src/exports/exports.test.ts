import { latLngToCell } from "h3-js";
import { expect, test } from "vitest";
import { cellRing } from "../geo/cell.ts";
import { sampleAnswer, sampleMeasure, samplePlace } from "../testing.ts";
import { areasOf } from "./areas.ts";
import { answersCsv } from "./csv.ts";
import { areasGeojson } from "./geojson.ts";
import { areasKml } from "./kml.ts";
import { mapExports } from "./map-exports.ts";

const PLACES_MADE_UP = ["Mission", "Marina", "Chinatown", "Presidio", "Seacliff"].map(samplePlace);
const PLACES = { measure: "cabs", dimension: "neighborhood", areas: "place" } as const;
const CELLS = { measure: "cabs", dimension: "cell", areas: "cell" } as const;

test("CSV has a line a number, quotes what needs it and leaves suppressed estimates empty", () => {
  const study = sampleAnswer({
    title: 'A "study", of cabs',
    measures: [
      sampleMeasure("cabs", { a: "x", b: "y" }, 5, { bin: "[0, 5)" }),
      sampleMeasure("level", null, 5, {
        sampling: { low: 4, high: 6, basis: "bounds" },
        total: { low: 3, high: 7 },
      }),
      sampleMeasure("cabs", null, 6, { suppressed: true }),
    ],
  });
  expect(answersCsv([study]).split("\r\n")).toEqual([
    "study,measure,group,bin,estimate,low,high,suppressed,sampling_low,sampling_high,sampling_basis,total_low,total_high,truth,truth_all",
    '"A ""study"", of cabs",cabs,x; y,"[0, 5)",5,-5,15,false,,,,,,6,35',
    '"A ""study"", of cabs",level,,,5,-5,15,false,4,6,bounds,3,7,6,35',
    '"A ""study"", of cabs",cabs,,,,,,true,,,,,,7,36',
    "",
  ]);
});

test("GeoJSON has the areas with closed rings and no suppressed estimate", () => {
  const study = sampleAnswer();
  const areas = areasOf(study, PLACES, PLACES_MADE_UP);
  const parsed = JSON.parse(areasGeojson(study, areas)) as {
    title: string;
    features: {
      properties: Record<string, unknown>;
      geometry: { type: string; coordinates: [number, number][][] };
    }[];
  };
  expect(parsed.title).toBe("Where cabs go");
  expect(
    parsed.features.map(({ properties }) => [properties["name"], properties["estimate"]]),
  ).toEqual([
    ["Mission", 640],
    ["Marina", 320],
    ["Seacliff", null],
  ]);
  for (const { geometry } of parsed.features) {
    const rings = (
      geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates
    ).flat();
    for (const ring of rings as unknown as [number, number][][])
      expect(ring.at(-1)).toEqual(ring[0]);
  }
});

test.each([
  ["geohash cells", "9q8yyw", 5],
  ["hexagons", "872830829ffffff", 7],
  ["pentagons", "870800000ffffff", 11],
])("%s become closed rings, counter-clockwise", (_, cell, positions) => {
  const study = sampleAnswer({ measures: [sampleMeasure("cabs", { cell }, 500)] });
  const [area] = areasOf(study, CELLS, []);
  const ring = area?.polygons[0]?.[0] ?? [];
  const twiceArea = ring.slice(1).reduce((sum, [x, y], index) => {
    const [px, py] = ring[index] ?? [0, 0];
    return sum + px * y - x * py;
  }, 0);
  expect(twiceArea).toBeGreaterThan(0);
  expect(ring).toHaveLength(positions);
  expect(ring.at(-1)).toEqual(ring[0]);
  const { maps: _maps, ...rest } = study;
  const source = { measure: "cabs", dimension: "cell" };
  const files = mapExports({ ...rest, maps: [source] });
  expect(files?.geojson).toContain(`"name":"${cell}"`);
  expect(files?.kml).toContain(`<name>${cell}</name>`);
});

test("a hexagon across the antimeridian is in one piece", () => {
  const cell = latLngToCell(0, 180, 3);
  const longitudes = cellRing(cell).map(([longitude]) => longitude);
  expect(Math.max(...longitudes) - Math.min(...longitudes)).toBeLessThan(3);
});

test("KML colours and lifts by quarters of the highest, and leaves out the uncertain", () => {
  const study = sampleAnswer({
    title: "Cabs & <cells>",
    measures: [
      sampleMeasure("cabs", { neighborhood: "Mission" }, 1000),
      sampleMeasure("cabs", { neighborhood: "Marina" }, 250),
      sampleMeasure("cabs", { neighborhood: "Chinatown" }, 251),
      sampleMeasure("cabs", { neighborhood: "Presidio" }, -7),
      sampleMeasure("cabs", { neighborhood: "Seacliff" }, 4, { suppressed: true }),
    ],
  });
  const kml = areasKml(study, areasOf(study, PLACES, PLACES_MADE_UP));
  expect(kml).toContain("<name>Cabs &amp; &lt;cells&gt;</name>");
  const marks = [...kml.matchAll(/<Placemark><name>([^<]*)<.*?#q(\d).*?,(\d+)[ <]/g)];
  expect(marks.map(([, name, quarter, height]) => [name, quarter, height])).toEqual([
    ["Mission", "3", "3000"],
    ["Marina", "0", "750"],
    ["Chinatown", "1", "753"],
  ]);
});
