/** A small made-up result for tests of the page and the exports. Not data about anybody. */

import type { LabMeasure, LabResult, LabStudyResult } from "../result.ts";

/** A measure with an interval of ±10 and the truth one off the estimate. */
export function sampleMeasure(
  name: string,
  group: LabMeasure["group"],
  estimate: number,
  more: Partial<LabMeasure> = {},
): LabMeasure {
  return {
    name,
    group,
    bin: null,
    estimate,
    low: estimate - 10,
    high: estimate + 10,
    suppressed: false,
    truth: estimate + 1,
    truthAll: estimate + 30,
    ...more,
  };
}

/** A study answered by 900 of 1,000 people, counted in two neighbourhoods. */
export function sampleStudy(more: Partial<LabStudyResult> = {}): LabStudyResult {
  return {
    id: "ab".repeat(32),
    title: "Where cabs go",
    purpose: "City planning",
    state: "answered",
    reason: null,
    epsilon: 1,
    delta: 1e-9,
    peopleMin: 100,
    cellsPerPerson: 2,
    consent: [{ heading: "What is read", text: "points: neighborhood" }],
    disclosures: [{ party: "leader", learns: "random numbers" }],
    needs: { points: ["neighborhood"] },
    people: 1200,
    invited: 1000,
    consented: 960,
    denied: 40,
    notAsked: 0,
    dropped: 50,
    liars: 10,
    accepted: 900,
    rejected: 10,
    failures: [],
    silent: null,
    rejections: { vdaf_verify_error: 10 },
    measures: [
      sampleMeasure("cabs", { neighborhood: "Mission" }, 640),
      sampleMeasure("cabs", { neighborhood: "Marina" }, 320),
      sampleMeasure("cabs", { neighborhood: "Seacliff" }, 4, { suppressed: true }),
    ],
    measureKinds: { cabs: "count" },
    claim: {
      name: "cabs",
      group: { neighborhood: "Mission" },
      bin: null,
      claimed: 1000,
      unchecked: 10_641,
    },
    tasks: [
      {
        purpose: "cabs",
        encoding: "Prio3MultihotCountVec, 3 cells",
        reportBytes: 800,
        sigma: 12.5,
      },
    ],
    seconds: 12,
    cpuMsPerPerson: { map: 1, vault: 2, leader: 3, helper: 4 },
    bytesPerPerson: 800,
    simulated: null,
    ...more,
  };
}

/** A run of the given studies. */
export function sampleResult(studies: readonly LabStudyResult[] = [sampleStudy()]): LabResult {
  return {
    people: 1200,
    invited: 1000,
    consented: 960,
    accepted: 900,
    rejected: 10,
    studies,
    seconds: 12,
    cpuMsPerPerson: 10,
    bytesPerPerson: 800,
    seed: "1",
    endedAt: "2026-01-02T03:04:05.000Z",
  };
}
