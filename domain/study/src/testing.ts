/**
 * Example manifests for tests: drafts, which leave combine, population and window open, as the lab
 * and the command line take them.
 *
 * @module
 */
import { formatProblem } from "@sumus/document";
import { lowerStudy } from "./lower/lower-study.ts";
import type { StudyPlan } from "./lower/study-plan.ts";
import { parseStudy } from "./read/parse-study.ts";

/** A count, a mean and a histogram by two dimensions, joining two collections (NHANES columns). */
export const CHOLESTEROL_MANIFEST = `title: Cholesterol by age and sex
purpose: Public health statistics, published openly
commissioner: did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK
needs: { demographics: [RIDAGEYR, RIAGENDR], lab_total_cholesterol: [LBXTC] }
map:
  language: sql
  source: |
    SELECT
      CASE WHEN d.RIDAGEYR < 40 THEN 'under 40' WHEN d.RIDAGEYR < 60 THEN '40-59' ELSE '60+' END AS band,
      CASE d.RIAGENDR WHEN 1 THEN 'male' ELSE 'female' END AS sex,
      l.LBXTC AS cholesterol
    FROM demographics d JOIN lab_total_cholesterol l ON l.SEQN = d.SEQN
result:
  group: { band: [under 40, 40-59, 60+], sex: [female, male] }
  measures:
    people: count
    level: { mean: cholesterol, min: 100, max: 320, resolution: 1 }
    spread: { histogram: cholesterol, edges: [0, 160, 200, 240, 280, 1000] }
privacy: { epsilon: 1, delta: 1e-9, people_min: 100 }
`;

/** Proportions as means of zeros and ones, by numeric bands with labels. */
export const DIABETES_MANIFEST = `title: Diabetes by age
purpose: How diabetes grows with age, for a school book
commissioner: did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK
needs:
  demographics: [RIDAGEYR]
  q_diabetes: [DIQ010]
map:
  language: sql
  source: >
    SELECT d.RIDAGEYR AS age, CASE q.DIQ010 WHEN 1 THEN 1 WHEN 2 THEN 0 WHEN 3 THEN 0 END AS diabetes
    FROM demographics d JOIN q_diabetes q ON q.SEQN = d.SEQN
result:
  group:
    age:
      bands: { under 20: [0, 20], 20 to 39: [20, 40], 40 to 59: [40, 60], 60 and over: [60, 120] }
  measures:
    people: count
    share: { mean: diabetes, min: 0, max: 1, resolution: 1 }
privacy: { epsilon: 1, delta: 1e-9, people_min: 100 }
`;

/** One ungrouped distribution and its mean, of a score made from nine columns. */
export const DEPRESSION_MANIFEST = `title: Depression score
purpose: How common signs of depression are, for those who plan care
commissioner: did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK
needs:
  q_depression: [DPQ010, DPQ020, DPQ030, DPQ040, DPQ050, DPQ060, DPQ070, DPQ080, DPQ090]
map:
  language: sql
  source: |
    SELECT CASE WHEN max(DPQ010, DPQ020, DPQ030, DPQ040, DPQ050, DPQ060, DPQ070, DPQ080, DPQ090) <= 3
      THEN DPQ010 + DPQ020 + DPQ030 + DPQ040 + DPQ050 + DPQ060 + DPQ070 + DPQ080 + DPQ090 END AS score
    FROM q_depression
result:
  measures:
    people: count
    mean_score: { mean: score, min: 0, max: 27, resolution: 1 }
    total_score: { sum: score, min: 0, max: 27, resolution: 1 }
    distribution: { histogram: score, edges: [0, 5, 10, 15, 20, 27] }
privacy: { epsilon: 1, delta: 1e-9, people_min: 100 }
`;

/** Distinct people in the cells of a map, several a person. */
export const PLACES_MANIFEST = `title: People by place
purpose: Where people are on a day
needs: { trace: [lat, lon] }
map: { language: sql, source: "SELECT json_group_array(DISTINCT geohash(lat, lon, 5)) AS cell FROM trace" }
result:
  group: { cell: { geohash: 5, area: [37.70, -122.52, 37.82, -122.35], at_most: 6 } }
  measures: { people: count }
privacy: { epsilon: 4, delta: 1e-9, people_min: 20 }
`;

/** Several kinds of numbers about one column, of two groupings, with shares of the budget. */
export const WAITING_MANIFEST = `title: Waiting for a doctor
purpose: How long people wait, and how unequally
commissioner: did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK
needs: { visits: [days, ward, code] }
map: { language: sql, source: "SELECT max(days) AS days, ward, code FROM visits" }
result:
  - measures:
      people: count
      typical: { quantiles: days, of: [0.5, 0.9], edges: [0, 7, 14, 28, 56, 112] }
      mean: { mean: days, min: 0, max: 112, resolution: 1 }
      spread: { deviation: days, min: 0, max: 112, resolution: 1 }
  - group: { ward: [children, others] }
    measures: { in_ward: count, codes: { prefixes: code, candidates: [A, A1, B] } }
privacy: { epsilon: 1, delta: 1e-9, people_min: 100, weights: { mean: 2, typical: 3 } }
`;

/** Shares, and means by survey weights. */
export const INSURANCE_MANIFEST = `title: Who is insured, and how poor people are
purpose: How many people are insured, for those who plan care
commissioner: did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK
needs: { demographics: [INDFMPIR, WTMECPRP], q_insurance: [HIQ011] }
map:
  language: sql
  source: |
    SELECT q.HIQ011 AS insured, d.INDFMPIR AS income, d.WTMECPRP AS weight
    FROM demographics d JOIN q_insurance q ON q.SEQN = d.SEQN WHERE q.HIQ011 IN (1, 2)
result:
  measures:
    insured: { share: insured }
    of_all: { share: insured, of: [1], weight: weight, weight_max: 100000, weight_resolution: 100 }
    income: { mean: income, min: 0, max: 5, resolution: 0.01, weight: weight, weight_max: 100000, weight_resolution: 100 }
privacy: { epsilon: 1, delta: 1e-9, people_min: 100 }
`;

/** Distinct people in the hexagons of a map, several a person. */
export const HEXAGONS_MANIFEST = `title: People by hexagon
purpose: Where people are on a day
needs: { trace: [lat, lon] }
map: { language: sql, source: "SELECT json_group_array(json_array(lat, lon)) AS cell FROM trace WHERE lat + lon IS NOT NULL" }
result:
  group: { cell: { h3: 7, area: [37.70, -122.52, 37.82, -122.35], at_most: 6 } }
  measures: { people: count }
privacy: { epsilon: 4, delta: 1e-9, people_min: 20 }
`;

const PARTS = {
  title: "Hours by age",
  purpose: "To know",
  commissioner: "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK",
  needs: "{ census: [age, hours] }",
  map: "{ language: sql, source: 'SELECT age AS band, hours FROM census' }",
  result: "{ group: { band: { edges: [0, 40, 120] } }, measures: { people: count } }",
  privacy: "{ epsilon: 1, delta: 1e-9, people_min: 200 }",
};

/** A small good manifest in which some parts are replaced, added, or (undefined) left out. */
export function manifestWith(changes: Readonly<Record<string, string | undefined>>): string {
  const parts: Readonly<Record<string, string | undefined>> = { ...PARTS, ...changes };
  const lines = Object.entries(parts).filter(([, text]) => text !== undefined);
  return lines.map(([key, text]) => `${key}: ${text}\n`).join("");
}

/** The plan of a result and its privacy: all that matters to tasks, noise and estimates. */
export function planOf(
  result: string,
  privacy = "epsilon: 1, delta: 1e-9, people_min: 100",
): StudyPlan {
  const reading = parseStudy(`title: T
purpose: P
needs: { t: [x] }
map: { language: sql, source: SELECT * FROM t }
result: ${result}
privacy: { ${privacy} }
`);
  if (!reading.ok) throw new Error(reading.problems.map(formatProblem).join("\n"));
  return lowerStudy(reading.study);
}
