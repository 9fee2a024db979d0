/** A small made-up result for tests of the page and the exports. Not data about anybody. */

import { sampleAnswer, sampleMeasure } from "@sumus/pages/testing";
import type { LabResult, LabStudyResult } from "../result.ts";

/** A study answered by 900 of 1,000 people, counted in two neighbourhoods. */
export function sampleStudy(more: Partial<LabStudyResult> = {}): LabStudyResult {
  return {
    ...sampleAnswer(),
    people: 1200,
    invited: 1000,
    consented: 960,
    denied: 40,
    isRuled: false,
    notEligible: 0,
    notAsked: 0,
    dropped: 50,
    liars: 10,
    rejected: 10,
    failures: [],
    silent: null,
    rejections: { vdaf_verify_error: 10 },
    measures: [
      sampleMeasure("cabs", { neighborhood: "Mission" }, 640),
      sampleMeasure("cabs", { neighborhood: "Marina" }, 320),
      sampleMeasure("cabs", { neighborhood: "Seacliff" }, 4, { suppressed: true }),
    ],
    claim: {
      name: "cabs",
      group: { neighborhood: "Mission" },
      bin: null,
      claimed: 1000,
      unchecked: 10_641,
    },
    seconds: 12,
    cpuMsPerPerson: { map: 1, encode: 1, client: 1, leader: 3, helper: 3, storage: 1 },
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
