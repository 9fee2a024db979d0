import { describe, expect, test } from "vitest";
import { canonicalStudy, diffStudies, parseStudy, type Study, type StudyDiff } from "../index.ts";
import {
  CHOLESTEROL_MANIFEST,
  HEXAGONS_MANIFEST,
  INSURANCE_MANIFEST,
  PLACES_MANIFEST,
  WAITING_MANIFEST,
} from "../testing.ts";

function study(text: string): Study {
  const reading = parseStudy(text);
  if (!reading.ok) throw new Error(JSON.stringify(reading.problems));
  return reading.study;
}

function diff(manifest: string, from: string, to: string): StudyDiff {
  expect(manifest).toContain(from);
  return diffStudies(study(manifest), study(manifest.replace(from, to)));
}

const OPPOSITE = { widened: "narrowed", narrowed: "widened", changed: "changed" } as const;

describe("what became of a study", () => {
  test.each([
    CHOLESTEROL_MANIFEST,
    HEXAGONS_MANIFEST,
    INSURANCE_MANIFEST,
    PLACES_MANIFEST,
    WAITING_MANIFEST,
  ])("nothing, however it is written", (manifest) => {
    const one = study(manifest);
    const other = study(canonicalStudy(one));
    expect(diffStudies(one, other)).toEqual({ changes: [], needsConsent: false });
  });

  test.each([
    [
      "a larger epsilon",
      CHOLESTEROL_MANIFEST,
      "epsilon: 1",
      "epsilon: 2",
      "privacy.epsilon",
      "widened",
    ],
    [
      "a smaller crowd",
      CHOLESTEROL_MANIFEST,
      "people_min: 100",
      "people_min: 50",
      "privacy.people_min",
      "widened",
    ],
    ["a column more", CHOLESTEROL_MANIFEST, "RIAGENDR]", "RIAGENDR, DMDEDUC]", "needs", "widened"],
    [
      "a measure less",
      CHOLESTEROL_MANIFEST,
      "    people: count\n",
      "",
      "result.measures",
      "narrowed",
    ],
    [
      "people who count more",
      INSURANCE_MANIFEST,
      "max: 5, resolution: 0.01, weight: weight, weight_max: 100000",
      "max: 5, resolution: 0.01, weight: weight, weight_max: 200000",
      "result.measures.income.weight",
      "changed",
    ],
    [
      "people who count once",
      INSURANCE_MANIFEST,
      "0.01, weight: weight, weight_max: 100000, weight_resolution: 100",
      "0.01",
      "result.measures.income.weight",
      "changed",
    ],
    [
      "a share of others",
      INSURANCE_MANIFEST,
      "{ share: insured }",
      "{ share: insured, of: [2] }",
      "result.measures.insured",
      "changed",
    ],
    [
      "wider bounds",
      CHOLESTEROL_MANIFEST,
      "max: 320",
      "max: 400",
      "result.measures.level.max",
      "widened",
    ],
    [
      "a bin more",
      CHOLESTEROL_MANIFEST,
      "160, 200",
      "160, 180, 200",
      "result.measures.spread.edges",
      "widened",
    ],
    [
      "a group less",
      CHOLESTEROL_MANIFEST,
      ", sex: [female, male] }",
      " }",
      "result.group",
      "narrowed",
    ],
    [
      "a value less",
      CHOLESTEROL_MANIFEST,
      "[female, male]",
      "[female]",
      "result.group.sex",
      "narrowed",
    ],
    [
      "more cells a person",
      PLACES_MANIFEST,
      "at_most: 6",
      "at_most: 7",
      "result.group.cell.at_most",
      "widened",
    ],
    ["other cells", HEXAGONS_MANIFEST, "h3: 7", "h3: 8", "result.group.cell", "changed"],
    [
      "another quantile",
      WAITING_MANIFEST,
      "[0.5, 0.9]",
      "[0.5]",
      "result.measures.typical.of",
      "narrowed",
    ],
    [
      "another candidate",
      WAITING_MANIFEST,
      "[A, A1, B]",
      "[A, A1, B, C]",
      "result.measures.codes.candidates",
      "widened",
    ],
    ["another purpose", CHOLESTEROL_MANIFEST, "published openly", "sold", "purpose", "changed"],
    ["other code", CHOLESTEROL_MANIFEST, "< 60", "< 61", "map.source", "changed"],
    ["other weights", WAITING_MANIFEST, "mean: 2", "mean: 5", "privacy.weights", "changed"],
    ["another kind", CHOLESTEROL_MANIFEST, "{ mean:", "{ sum:", "result.measures.level", "changed"],
  ] as const)("%s", (_, manifest, from, to, path, direction) => {
    const { changes, needsConsent } = diff(manifest, from, to);
    expect(changes.map((change) => [change.path, change.direction])).toEqual([[path, direction]]);
    expect(needsConsent).toBe(direction !== "narrowed");
    const back = diffStudies(study(manifest.replace(from, to)), study(manifest));
    expect(back.changes.map((change) => change.direction)).toEqual([OPPOSITE[direction]]);
  });

  test.each([
    ["2026-10-02", "2026-10-07", "narrowed"],
    ["2026-09-30", "2026-10-09", "widened"],
    ["2026-10-05", "2026-10-12", "changed"],
  ])("a window from %s to %s is %s", (opens, closes, direction) => {
    const windowed = `${PLACES_MANIFEST}window: { opens: 2026-10-01, closes: 2026-10-08 }\n`;
    const from = "{ opens: 2026-10-01, closes: 2026-10-08 }";
    const { changes } = diff(windowed, from, `{ opens: ${opens}, closes: ${closes} }`);
    expect(changes.map((change) => change.direction)).toEqual([direction]);
  });

  test("several at once, in the order of the manifest", () => {
    const other = CHOLESTEROL_MANIFEST.replace("epsilon: 1", "epsilon: 0.5")
      .replace("people_min: 100", "people_min: 200")
      .replace("max: 320", "max: 300");
    const { changes, needsConsent } = diffStudies(study(CHOLESTEROL_MANIFEST), study(other));
    expect(changes.map(({ path, words }) => `${path}: ${words}`)).toEqual([
      "result.measures.level.max: from 320 to 300",
      "privacy.epsilon: from 1 to 0.5",
      "privacy.people_min: from 100 to 200",
    ]);
    expect(needsConsent).toBe(false);
  });
});
