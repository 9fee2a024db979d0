import { cryptoRandomBytes } from "@sumus/crypto";
import { expect, test } from "vitest";
import { lowerStudy } from "../lower/lower-study.ts";
import { parseStudy } from "../read/parse-study.ts";
import { estimateStudy } from "../release/estimate-study.ts";
import { withNodesNoise } from "../release/release-noise.ts";
import { createTally } from "../release/tally.ts";
import { CHOLESTEROL_MANIFEST } from "../testing.ts";
import { learnedFrom } from "./learned.ts";

const reading = parseStudy(CHOLESTEROL_MANIFEST);
if (!reading.ok) throw new TypeError("expected a study");
const { study } = reading;
const plan = lowerStudy(study);

test("what each party learned is true to what happened", () => {
  const tally = createTally(plan);
  const measures = estimateStudy(plan, tally.aggregates(), { noised: true });
  const course = [
    { accepted: 300, refused: { report_replayed: 2 } },
    { accepted: 301, refused: {} },
    { accepted: 300, refused: { report_replayed: 1, vdaf_verify_error: 4 } },
  ];
  const learned = learnedFrom(study, course, 300, measures);
  expect(learned.map(({ party }) => party)).toEqual([
    "leader",
    "helper",
    "leader and helper together",
    "collector",
    "commissioner",
    "everybody",
  ]);
  const refusals = { report_replayed: 3, vdaf_verify_error: 4 };
  expect(learned[0]).toMatchObject({ accepted: 901, refused: 7, refusals, secondsOfTime: null });
  expect(learned[0]?.learned).toContain("901 reports that were counted and 7 that were refused");
  expect(learned[2]).toMatchObject({ contributions: 300 });
  // Six cells and an absent one; people and sum in six cells; five bins in six cells and an absent one.
  expect(learned[3]).toMatchObject({ tasks: 3, sums: 7 + 12 + 31 });
  expect(learned[4]).toMatchObject({ people: 300, numbers: 42, suppressed: 42, epsilon: 1 });
});

test("a rehearsal draws the noise of both nodes, and the sums may fall below zero", () => {
  const tally = createTally(plan);
  const noised = withNodesNoise(plan, tally.aggregates(), cryptoRandomBytes);
  expect(noised.map((sums) => sums.length)).toEqual(tally.aggregates().map(({ length }) => length));
  expect(noised.flat().some((sum) => sum < 0n)).toBe(true);
  expect(estimateStudy(plan, noised, { noised: true })).toHaveLength(42);
});
