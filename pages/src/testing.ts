/** A small made-up answer for tests of pages and files. Not data about anybody. */

import type { AnswerMeasure, StudyAnswer } from "./answer.ts";
import type { Place, Position } from "./geo/geojson.ts";

/** A measure with an interval of ±10 and the truth one off the estimate. */
export function sampleMeasure(
  name: string,
  group: AnswerMeasure["group"],
  estimate: number,
  more: Partial<AnswerMeasure> = {},
): AnswerMeasure & { readonly truth: number | null; readonly truthAll: number | null } {
  return {
    name,
    group,
    bin: null,
    estimate,
    low: estimate - 10,
    high: estimate + 10,
    sampling: null,
    total: null,
    suppressed: false,
    ...more,
    truth: more.truth ?? estimate + 1,
    truthAll: more.truthAll ?? estimate + 30,
  };
}

/** A study of people counted in two neighbourhoods. */
export function sampleAnswer(more: Partial<StudyAnswer> = {}): StudyAnswer {
  return {
    id: "ab".repeat(32),
    title: "Where cabs go",
    purpose: "City planning",
    state: "answered",
    reason: null,
    epsilon: 1,
    delta: 1e-9,
    rho: 0.011,
    population: "town",
    peopleMin: 100,
    cellsPerPerson: 2,
    consent: [{ heading: "What is read", text: "points: neighborhood" }],
    disclosures: [{ party: "leader", learns: "random numbers" }],
    needs: { points: ["neighborhood"] },
    accepted: 900,
    measures: [
      sampleMeasure("cabs", { neighborhood: "Mission" }, 640),
      sampleMeasure("cabs", { neighborhood: "Marina" }, 320),
      sampleMeasure("cabs", { neighborhood: "Seacliff" }, 4, { suppressed: true }),
    ],
    measureKinds: { cabs: "count" },
    maps: [],
    learned: null,
    tasks: [
      {
        purpose: "cabs",
        encoding: "Prio3MultihotCountVec, 3 cells",
        reason: "a person is in up to 2 of the cells",
        reportBytes: 800,
        sigma: 12.5,
      },
    ],
    bytesPerPerson: 800,
    simulated: null,
    ...more,
  };
}

/** A square with a square hole, by name. */
export function samplePlace(name: string): Place {
  const square = (low: number, high: number): Position[] => [
    [low, low],
    [high, low],
    [high, high],
    [low, high],
    [low, low],
  ];
  return { name, polygons: [[square(0, 4), square(1, 3)]] };
}
