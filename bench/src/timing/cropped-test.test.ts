/**
 * The harness on times that were made up: a leak is found where one was put in, and none where
 * none is. The generator is seeded, so that no run of these tests can differ from another.
 */
import { describe, expect, it } from "vitest";
import { createCroppedTest, T_MAX, type Verdict } from "./cropped-test.ts";
import type { SecretClass } from "./subject.ts";

const BATCH_SIZE = 256;
const BATCHES = 100;

/** Numbers in [0, 1): a linear congruential generator modulo 2^32. */
function createChance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function verdictOn(
  timeOf: (secretClass: SecretClass, chance: () => number, batch: number) => number,
): Verdict {
  const chance = createChance(42);
  const test = createCroppedTest();
  for (let batch = 0; batch < BATCHES; batch++) {
    const classes = Array.from({ length: BATCH_SIZE }, (): SecretClass => (chance() < 0.5 ? 0 : 1));
    const times = classes.map((secretClass) => timeOf(secretClass, chance, batch));
    test.add({ classes, nanoseconds: Float64Array.from(times) });
  }
  return test.verdict();
}

describe("cropped t-test", () => {
  it("sees nothing where there is nothing", () => {
    const { t, samples } = verdictOn((_, chance) => 1000 + 50 * chance());
    expect(Math.abs(t)).toBeLessThan(T_MAX);
    expect(samples).toBe(BATCH_SIZE * BATCHES);
  });

  it("sees a leak of a two-hundredth, and on which side", () => {
    const { t, nanoseconds } = verdictOn((own, chance) => 1000 + 5 * own + 50 * chance());
    expect(t).toBeLessThan(-T_MAX);
    expect(nanoseconds[0]).toBeCloseTo(1025, -1);
    expect(nanoseconds[1]).toBeCloseTo(1030, -1);
  });

  it("says what it can see", () => {
    const { detectable } = verdictOn((_, chance) => 1000 + 50 * chance());
    expect(verdictOn((own, chance) => 1000 + 2 * detectable * own + 50 * chance()).t).toBeLessThan(
      -T_MAX,
    );
    const faint = verdictOn((own, chance) => 1000 + 0.1 * detectable * own + 50 * chance());
    expect(Math.abs(faint.t)).toBeLessThan(T_MAX);
  });

  it("sees through interruptions", () => {
    const { t } = verdictOn((own, chance) => {
      const interruption = chance() < 0.05 ? 1e6 * chance() : 0;
      return 1000 + 5 * own + 50 * chance() + interruption;
    });
    expect(t).toBeLessThan(-T_MAX);
  });

  it("does not mind a machine that slows down", () => {
    const { t } = verdictOn((_, chance, batch) => 1000 + 100 * batch + 50 * chance());
    expect(Math.abs(t)).toBeLessThan(T_MAX);
    const leak = verdictOn((own, chance, batch) => 1000 + 100 * batch + 5 * own + 50 * chance());
    expect(leak.t).toBeLessThan(-T_MAX);
  });

  it("sees a leak in the slowest part alone", () => {
    const { t } = verdictOn((own, chance) => 1000 + 50 * chance() * (1 + 0.1 * own));
    expect(t).toBeLessThan(-T_MAX);
  });
});
