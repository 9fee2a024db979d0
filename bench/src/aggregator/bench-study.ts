/** Studies whose task of interest has one VDAF: what the bench uploads to. */
import { assert, defined } from "@sumus/assert";
import { encodeBase64url } from "@sumus/bytes";
import { cryptoRandomBytes, hpkeGenerateKeyPair, hpkeSuite } from "@sumus/crypto";
import type { DapTask } from "@sumus/dap";
import { canonicalStudy, completeStudy, parseStudy, studyId, studyTasks } from "@sumus/study";

export interface StudyCase {
  readonly name: string;
  /** The `result` of its manifest. */
  readonly result: string;
  /** Which of the study's tasks has the VDAF. */
  readonly taskIndex: number;
  readonly measurement: number;
}

const GROUPS = Array.from({ length: 255 }, (_, index) => `c${index}`).join(", ");

/** People without a group have a bucket of their own: 255 groups are 256 buckets. */
export const HISTOGRAM: StudyCase = {
  name: "Histogram(256)",
  result: `{ group: { cell: [${GROUPS}] }, measures: { people: count } }`,
  taskIndex: 0,
  measurement: 77,
};

export const COUNT: StudyCase = {
  name: "Count",
  result: "{ measures: { people: count } }",
  taskIndex: 0,
  measurement: 1,
};

/** A mean is a count and a sum. */
export const SUM: StudyCase = {
  name: "Sum (32 bit)",
  result: `{ measures: { level: { mean: height, min: 0, max: ${2 ** 32 - 1}, resolution: 1 } } }`,
  taskIndex: 1,
  measurement: 123_456_789,
};

export interface BenchStudy {
  readonly manifest: string;
  readonly id: Uint8Array;
  readonly task: DapTask;
  readonly taskIndex: number;
}

/** A study that is open today, between the two nodes. */
export function createBenchStudy(
  { name, result, taskIndex }: StudyCase,
  addresses: { readonly leader: string; readonly helper: string },
): BenchStudy {
  const reading = parseStudy(`
title: Bench of ${name}
purpose: To measure the aggregators, nothing else
commissioner: did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK
needs: { places: [cell, height] }
map: { language: none }
result: ${result}
privacy: { epsilon: 1, delta: 1e-3, people_min: 100 }
`);
  assert(reading.ok, "the bench's manifest is sound");
  const suite = hpkeSuite(0x0020, 0x0001, 0x0001);
  const collector = hpkeGenerateKeyPair(suite, cryptoRandomBytes);
  const nowSeconds = Math.floor(Date.now() / 1000);
  const study = completeStudy(reading.study, {
    ...addresses,
    collector: encodeBase64url(collector.publicKey.bytes),
    population: "bench",
    window: { opens: nowSeconds - 3600, closes: nowSeconds + 86_400 },
  });
  return {
    manifest: canonicalStudy(study),
    id: studyId(study),
    task: defined(studyTasks(study)[taskIndex], "the study has that task"),
    taskIndex,
  };
}
