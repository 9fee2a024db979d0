/** Towns larger and smaller than their tables, maps that are none, and people in several places. */
import { expect, test } from "vitest";
import { createCrowd, toCsv } from "./crowd.ts";
import { binOf, clip, keyOf, Numbers } from "./reckoning.ts";
import { checkRelease, checkTruths, truthsOf } from "./release-checks.ts";
import { answerOf, openDesk, studyOf } from "./sumus.ts";

const ROWS = createCrowd(60).flatMap(({ number, visits }) => {
  const [visit] = visits;
  return visit === undefined ? [] : [{ number, ...visit, part: (number % 8) / 8 }];
});
const NUMBERS = Array.from({ length: 61 }, (_, number) => number);

const BALANCE = `title: Balance
purpose: To count people who are drawn several times
needs: { books: [number, cost, part] }
map: { language: none }
result:
  measures:
    people: count
    balance: { sum: cost, min: -20.5, max: 30, resolution: 0.25 }
    mean: { mean: cost, min: -20.5, max: 30, resolution: 0.25 }
    part: { mean: part, min: 0, max: 1 }
    spread: { histogram: cost, edges: [-30, -10.5, 0, 50] }
    who: { histogram: number, edges: [${NUMBERS}] }
privacy: { epsilon: 20, delta: 0, people_min: 12 }
`;

test("people beyond the table are resampled whole, and counted as often as they are drawn", async () => {
  await using desk = await openDesk();
  await desk.write("study.yaml", BALANCE);
  const rows = ROWS.map(({ number, cost, points, part }) => [number, cost, points, part, number]);
  await desk.write("books.csv", toCsv(["number", "cost", "points", "part", "id"], rows));
  const ended = await desk.run(
    ...["lab", "run", "--study", "study.yaml", "--table", "books=books.csv:id"],
    ...["--people", "500", "--json"],
  );
  expect(ended.code, ended.stderr).toBe(0);
  expect(answerOf(ended)).toMatchObject({ people: 500, invited: 500, accepted: 500, rejected: 0 });
  const study = studyOf(ended);
  checkRelease(study, 12);
  expect(study.measures.every(({ group }) => group === null)).toBe(true);

  const truths = truthsOf(study, "truth");
  expect(truthsOf(study, "truthAll")).toEqual(truths);
  const times = (number: number): number =>
    truths.get(keyOf({ name: "who", group: null, bin: binOf(number, NUMBERS) })) ?? 0;
  const numbers = new Numbers();
  for (const { number, cost, part } of ROWS) {
    numbers.add("people", times(number));
    numbers.add("parts", times(number) * part);
    numbers.add(`who | ${binOf(number, NUMBERS)}`, times(number));
    if (cost === null) continue;
    numbers.add("balance", times(number) * clip(cost, -20.5, 30));
    numbers.add("with cost", times(number));
    numbers.add(`spread | ${binOf(cost, [-30, -10.5, 0, 50])}`, times(number));
  }
  expect(numbers.get("people")).toBe(500);
  checkTruths(truths, (key) => {
    if (key === "mean") return numbers.get("balance") / numbers.get("with cost");
    return key === "part" ? numbers.get("parts") / 500 : numbers.get(key);
  });
});

const BASE32 = "0123456789bcdefghjkmnpqrstuvwxyz";

/** A geohash by halving, longitude first. */
function geohashOf(lat: number, lon: number, precision: number): string {
  const ranges: [number, number][] = [
    [-180, 180],
    [-90, 90],
  ];
  let bits = 0;
  let text = "";
  for (let step = 0; step < precision * 5; step++) {
    const [value, range] = step % 2 === 0 ? [lon, ranges[0]] : [lat, ranges[1]];
    if (range === undefined) throw new RangeError("expected two ranges");
    const middle = (range[0] + range[1]) / 2;
    const isUpper = value >= middle;
    range[isUpper ? 0 : 1] = middle;
    bits = bits * 2 + Number(isUpper);
    if (step % 5 === 4) {
      text += BASE32.charAt(bits);
      bits = 0;
    }
  }
  return text;
}

const PLACES = `title: People by place
purpose: To count people in several places
needs: { traces: [lat, lon] }
map:
  language: sql
  source: SELECT json_group_array(DISTINCT geohash(lat, lon, 6)) AS cell FROM traces
result:
  group: { cell: { geohash: 5, area: [37.70, -122.52, 37.82, -122.35], at_most: 2 } }
  measures: { people: count }
privacy: { epsilon: 20, delta: 1e-6, people_min: 5 }
`;

test("people count in their first cells of the area, once in each, up to the maximum", async () => {
  await using desk = await openDesk();
  await desk.write("study.yaml", PLACES);
  // Everybody walks: a grid of steps over the city, some of them far outside of it.
  const walks = Array.from({ length: 40 }, (_, person) =>
    Array.from({ length: 6 }, (_, step): [number, number] => {
      if ((person + step) % 5 === 0) return [51.5, -0.1];
      return [
        37.703 + ((person * 7 + step * 3) % 23) / 200,
        -122.51 + ((person + step * 2) % 16) / 100,
      ];
    }),
  );
  const rows = walks.flatMap((walk, person) => walk.map((place) => [`p${person}`, ...place]));
  await desk.write("traces.csv", toCsv(["who", "lat", "lon"], rows));
  const ended = await desk.run(
    ...["lab", "run", "--study", "study.yaml", "--table", "traces=traces.csv:who", "--json"],
  );
  expect(ended.code, ended.stderr).toBe(0);
  const study = studyOf(ended);
  checkRelease(study, 5);

  const known = new Set(study.measures.map(({ group }) => group?.["cell"]));
  const numbers = new Numbers();
  for (const walk of walks) {
    const cells = walk
      .map(([lat, lon]) => geohashOf(lat, lon, 5))
      .filter((cell) => known.has(cell));
    for (const cell of [...new Set(cells)].slice(0, 2)) numbers.add(`people | cell ${cell}`, 1);
  }
  checkTruths(truthsOf(study, "truth"), (key) => numbers.get(key));
  expect(truthsOf(study, "truthAll")).toEqual(truthsOf(study, "truth"));
  expect([...truthsOf(study, "truth").values()].some((truth) => (truth ?? 0) > 5)).toBe(true);
});

test("fewer people than the minimum get no number, but a count, a reason and a way out", async () => {
  await using desk = await openDesk();
  await desk.write("study.yaml", BALANCE.replace("people_min: 12", "people_min: 100"));
  const rows = ROWS.map(({ number, cost, part }) => [number, cost, part]);
  await desk.write("books.csv", toCsv(["number", "cost", "part"], rows));
  const ended = await desk.run(
    ...["lab", "run", "--study", "study.yaml", "--table", "books=books.csv:number"],
    ...["--people", "37", "--json"],
  );
  expect(ended.code).toBe(2);
  expect(answerOf(ended)).toMatchObject({ people: 37, accepted: 37, studies: [{ measures: [] }] });
  expect(studyOf(ended).reason).toMatch(/^37 of 100 people so far\. \S/);
  expect(ended.stderr).toMatch(/37 of 100 people so far/);
  expect(ended.stdout).not.toMatch(/"truth":\d/);
});
