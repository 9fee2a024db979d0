/**
 * Goal: a release's 95 % intervals hold the truth in at least 95 % of releases, and in at most 96.5 %
 * where noise is much wider than one. Method: thousands of releases of the same people, each with
 * fresh noise from the real sampler, both nodes' worth.
 *
 * False alarms: coverage over n numbers has a standard deviation of 0.218 / sqrt(n); the thresholds
 * below stand at least 5 of them away from 95 %, so that one in a million runs fails by chance.
 */
import { sampleNoise } from "@sumus/dp";
import { describe, expect, test } from "vitest";
import {
  createTally,
  estimateStudy,
  lowerStudy,
  parseStudy,
  type ReleaseMeasure,
} from "./index.ts";
import type { StudyPlan } from "./study-plan.ts";

declare const crypto: { getRandomValues(bytes: Uint8Array): Uint8Array };
const randomBytes = (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length));

const RELEASES = 10_000;
const FIVE_DEVIATIONS = (5 * 0.218) / Math.sqrt(RELEASES);

function planOf(result: string, privacy: string): StudyPlan {
  const reading = parseStudy(`title: T
purpose: P
needs: { t: [x] }
map: { language: sql, source: SELECT * FROM t }
result: ${result}
privacy: { ${privacy}, people_min: 50 }
`);
  if (!reading.ok) throw new Error(JSON.stringify(reading.problems));
  return lowerStudy(reading.study);
}

/** The share of releases whose interval holds the truth, per measure; suppressed ones left out. */
function coverage(plan: StudyPlan): Map<string, number> {
  const tally = createTally(plan);
  for (let person = 0; person < 600; person++) {
    const x = 3 + ((person * 37) % 61);
    tally.add(plan.encode({ x, sex: person % 3 === 0 ? "a" : "b" }));
  }
  const truth = estimateStudy(plan, tally.aggregates(), { noised: false });
  const hits = new Map<string, [number, number]>();
  for (let release = 0; release < RELEASES; release++) {
    const noised = tally.aggregates().map((sums, index) => {
      const task = plan.tasks[index];
      if (task === undefined) throw new Error("every aggregate has a task");
      const [one, other] = [0, 1].map(() => sampleNoise(task.noise, sums.length, randomBytes));
      return sums.map((sum, at) => BigInt(sum) + (one?.[at] ?? 0n) + (other?.[at] ?? 0n));
    });
    // One number of each measure: the numbers of a release are not independent of each other.
    for (const [index, measure] of estimateStudy(plan, noised, { noised: true }).entries()) {
      if (measure.suppressed || truth[index]?.name === truth[index - 1]?.name) continue;
      const [held, said] = hits.get(measure.name) ?? [0, 0];
      hits.set(measure.name, [held + (holds(measure, truth[index]) ? 1 : 0), said + 1]);
    }
  }
  return new Map([...hits].map(([name, [held, said]]) => [name, held / said]));
}

function holds({ low, high }: ReleaseMeasure, truth: ReleaseMeasure | undefined): boolean {
  const exact = truth?.estimate ?? Number.NaN;
  return low !== null && high !== null && low <= exact + 1e-9 && exact - 1e-9 <= high;
}

const MEASURES = `people: count, total: { sum: x, min: -10, max: 60 },
  level: { mean: x, min: 0, max: 60 }, spread: { histogram: x, edges: [0, 30, 60] }`;

describe("coverage of 95 % intervals over 10,000 releases", () => {
  test.each([
    [
      "epsilon 4, in groups",
      `{ group: { sex: [b, a] }, measures: { ${MEASURES} } }`,
      "epsilon: 4, delta: 1e-9",
    ],
    ["epsilon 2, all people", `{ measures: { ${MEASURES} } }`, "epsilon: 2, delta: 1e-6"],
    [
      "Laplace, in groups",
      `{ group: { sex: [b, a] }, measures: { ${MEASURES} } }`,
      "epsilon: 2, delta: 0",
    ],
  ])("%s", (_, result, privacy) => {
    const shares = coverage(planOf(result, privacy));
    expect([...shares.keys()].sort()).toEqual(["level", "people", "spread", "total"]);
    for (const [name, share] of shares) {
      expect(share, name).toBeGreaterThan(0.95 - FIVE_DEVIATIONS);
      expect(share, name).toBeLessThan(0.965 + FIVE_DEVIATIONS);
    }
  });

  test("narrow noise: never below 95 %", () => {
    const shares = coverage(planOf(`{ measures: { ${MEASURES} } }`, "epsilon: 20, delta: 1e-3"));
    for (const [name, share] of shares) {
      expect(share, name).toBeGreaterThan(0.95 - FIVE_DEVIATIONS);
    }
  });
});
