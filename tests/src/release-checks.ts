/** What holds for every release, whatever was asked. Throws an AssertionError of Node's own. */
import assert from "node:assert/strict";
import { keyOf } from "./reckoning.ts";
import type { Measure, StudyAnswer } from "./sumus.ts";

/**
 * Eight standard deviations in units of a 95 % interval's half. Gaussian noise goes beyond that in
 * one of 10^15 numbers, the sum of two nodes' Laplace noise in one of a million: 9 e^-16.
 */
const EIGHT_SIGMAS = 8 / 1.95996;

const PARTS = "bin estimate group high low name sampling suppressed total truth truthAll".split(
  " ",
);

/**
 * Each number has a place of its own, and is either suppressed, with nothing but its truth, or an
 * estimate inside of its interval, with the truth not farther away than noise can be.
 */
export function checkRelease({ measures }: StudyAnswer, peopleMin: number): void {
  assert.ok(measures.length > 0, "a release has numbers");
  assert.equal(new Set(measures.map(keyOf)).size, measures.length, "no number comes twice");
  for (const measure of measures) {
    assert.deepEqual(Object.keys(measure).toSorted(), PARTS);
    const { estimate, low, high, suppressed, truth } = measure;
    if (suppressed) {
      assert.deepEqual([estimate, low, high], [null, null, null], keyOf(measure));
      continue;
    }
    const text = JSON.stringify(measure);
    assert.ok(estimate !== null && low !== null && high !== null && truth !== null, text);
    assert.ok(low <= estimate && estimate <= high, `an interval holds its estimate: ${text}`);
    const half = Math.max(high - estimate, estimate - low);
    assert.ok(Math.abs(estimate - truth) <= half * EIGHT_SIGMAS, `the truth is near: ${text}`);
    const isPeople = measure.name === "people" || measure.bin !== null;
    assert.ok(!isPeople || estimate >= peopleMin, `too few people are not shown: ${text}`);
  }
}

export type Truths = ReadonlyMap<string, number | null>;

/** Truths by key, as they were reported. */
export function truthsOf({ measures }: StudyAnswer, which: "truth" | "truthAll"): Truths {
  return new Map(measures.map((measure: Measure) => [keyOf(measure), measure[which]]));
}

/** Compares reported truths with those reckoned here: equal but for the last digits of a double. */
export function checkTruths(reported: Truths, reckon: (key: string) => number | null): void {
  assert.ok(reported.size > 0, "there are truths");
  for (const [key, value] of reported) {
    const expected = reckon(key);
    const isEqual =
      value === null || expected === null
        ? value === expected
        : Math.abs(value - expected) <= 1e-9 * Math.max(1, Math.abs(expected));
    assert.ok(isEqual, `${key}: expected the truth ${expected}, got ${value}`);
  }
}
