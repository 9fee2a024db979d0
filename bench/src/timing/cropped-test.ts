/**
 * The statistics of dudect [Reparaz, Balasch, Verbauwhede, "Dude, is my code constant time?"]: a
 * t-test over all times, and more over the fastest of them, because interrupts and garbage
 * collection stretch the slow end of the distribution until a small leak drowns in it.
 *
 * Times are taken relative to their batch's median, so that a machine that slows down between two
 * batches adds nothing: classes are mixed within each.
 */
import { defined } from "@sumus/assert";
import { median } from "../cpu-speed.ts";
import type { SecretClass } from "./subject.ts";
import { addValue, createMoments, type Moments, standardError, welchT } from "./welch.ts";

/** Beyond this a difference is suspected: by chance alone one test in 150,000 gets there. */
export const T_MAX = 4.5;

/** Shares of each batch, the fastest first, that are tested on their own. */
const SHARES: readonly number[] = [1, 0.99, 0.95, 0.9, 0.75, 0.5, 0.25];

/** The share whose error tells what could have been seen. */
const DETECTABLE_SHARE = 0.9;

/** A batch: what took how long. */
export interface Batch {
  readonly classes: readonly SecretClass[];
  readonly nanoseconds: Float64Array;
}

export interface Verdict {
  /** The t that lies farthest from 0; positive when the first class is slower. */
  readonly t: number;
  readonly samples: number;
  /** The median of each class. */
  readonly nanoseconds: readonly [number, number];
  /** A difference of the means that would just reach the threshold, in nanoseconds. */
  readonly detectable: number;
}

export interface CroppedTest {
  add(batch: Batch): void;
  verdict(): Verdict;
}

export function createCroppedTest(): CroppedTest {
  const tests = SHARES.map((share) => ({
    share,
    moments: [createMoments(), createMoments()] as const,
  }));
  const medians: readonly [number[], number[]] = [[], []];
  let samples = 0;

  return {
    add({ classes, nanoseconds }) {
      samples += nanoseconds.length;
      const sorted = nanoseconds.toSorted();
      const centre = quantile(sorted, 0.5);
      for (const { share, moments } of tests) {
        const limit = quantile(sorted, share);
        for (const [index, time] of nanoseconds.entries()) {
          if (time <= limit) addValue(momentsOf(moments, classes, index), time - centre);
        }
      }
      for (const own of [0, 1] as const) {
        const times = nanoseconds.filter((_, index) => classes[index] === own);
        if (times.length > 0) medians[own].push(quantile(times.toSorted(), 0.5));
      }
    },
    verdict() {
      const all = tests.map(({ moments: [first, second] }) => welchT(first, second));
      const t = all.reduce((far, next) => (Math.abs(next) > Math.abs(far) ? next : far), 0);
      const [first, second] = defined(
        tests.find(({ share }) => share === DETECTABLE_SHARE),
        "the share is one of those tested",
      ).moments;
      const detectable = T_MAX * standardError(first, second);
      return { t, samples, nanoseconds: [median(medians[0]), median(medians[1])], detectable };
    },
  };
}

function momentsOf(
  moments: readonly [Moments, Moments],
  classes: readonly SecretClass[],
  index: number,
): Moments {
  return moments[defined(classes[index], "every time has a class")];
}

/** The value below which a share of `sorted` lies. */
function quantile(sorted: Float64Array, share: number): number {
  const index = Math.min(sorted.length - 1, Math.floor(share * sorted.length));
  return defined(sorted[index], "a batch is not empty");
}
