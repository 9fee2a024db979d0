/** The star with two to five aggregators: honest reports count, and a lie is refused by all. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  createPoplar1,
  createPrio3,
  FIRST_CANDIDATES,
  packBits,
  starCombine,
  starContinue,
  starInit,
  VdafError,
  type VerifiableVdaf,
} from "./index.ts";
import { shardEncoded } from "./testing.ts";

const ctx = Uint8Array.of(1, 2, 3);
const verifyKey = new Uint8Array(32).fill(9);
const bytes = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length });

interface Report {
  readonly nonce: Uint8Array;
  readonly publicShare: Uint8Array;
  readonly inputShares: readonly Uint8Array[];
}

/** Everybody's output share, round after round. */
function runStar<State>(vdaf: VerifiableVdaf<State>, report: Report): Uint8Array[] {
  const { nonce, publicShare, inputShares } = report;
  let rounds = inputShares.map((share, id) =>
    starInit(vdaf, id, verifyKey, ctx, nonce, publicShare, share),
  );
  for (;;) {
    const message = starCombine(
      vdaf,
      ctx,
      rounds.map((round) => round.verifierShare),
    );
    const states = rounds.map((round) => starContinue(vdaf, ctx, round.state, message));
    const outShares = states.flatMap((state) => (state.kind === "finished" ? state.outShare : []));
    if (outShares.length === states.length) return outShares;
    rounds = states.flatMap((state) => (state.kind === "continued" ? state : []));
    expect(rounds.length).toBe(states.length);
  }
}

describe("Prio3", () => {
  test("any number of aggregators", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 5 }),
        fc.array(fc.nat(6), { minLength: 1, maxLength: 4 }),
        bytes(16),
        bytes(32 * 5 * 2),
        (shares, measurements, nonce, chance) => {
          const prio3 = createPrio3({ kind: "histogram", length: 7 }, { shares });
          let aggregateShares = Array.from({ length: shares }, () => prio3.aggregateInit());
          for (const measurement of measurements) {
            const rand = chance.slice(0, prio3.randSize);
            const report = { nonce, ...prio3.shard(ctx, measurement, nonce, rand) };
            const outShares = runStar(prio3, report);
            aggregateShares = aggregateShares.map((share, id) =>
              prio3.aggregateUpdate(share, outShares[id] ?? share),
            );
          }
          const expected = Array.from({ length: 7 }, (_, bucket) =>
            BigInt(measurements.filter((measurement) => measurement === bucket).length),
          );
          expect(prio3.unshard(aggregateShares, measurements.length)).toEqual(expected);
        },
      ),
      { numRuns: 30 },
    );
  });

  test("an invalid measurement is refused when shares are combined", () => {
    const prio3 = createPrio3({ kind: "histogram", length: 3 }, { shares: 3 });
    const [nonce, rand] = [new Uint8Array(16), new Uint8Array(prio3.randSize).fill(1)];
    const report = { nonce, ...shardEncoded(prio3, ctx, [1n, 1n, 0n], nonce, rand) };
    expect(() => runStar(prio3, report)).toThrow(VdafError);
  });

  test("a false joint randomness part is refused by the one it is of, before anybody finishes", () => {
    const prio3 = createPrio3({ kind: "histogram", length: 3 }, { shares: 4 });
    const [nonce, rand] = [new Uint8Array(16), new Uint8Array(prio3.randSize).fill(1)];
    const { publicShare, inputShares } = prio3.shard(ctx, 1, nonce, rand);
    for (const liedAbout of [0, 1, 2, 3]) {
      const falseShare = publicShare.map((byte, at) => byte ^ (at === 32 * liedAbout ? 1 : 0));
      for (const [id, share] of inputShares.entries()) {
        const run = (): unknown => starInit(prio3, id, verifyKey, ctx, nonce, falseShare, share);
        if (id === liedAbout) expect(run).toThrow("joint randomness part");
        else expect(run).not.toThrow();
      }
    }
  });
});

test("Poplar1 takes two rounds", () => {
  const poplar1 = createPoplar1(5);
  const nonce = new Uint8Array(16).fill(2);
  const rand = Uint8Array.from({ length: poplar1.randSize }, (_, index) => index);
  const measurement = packBits([true, false, true, true, false]);
  const vdaf = poplar1.at(FIRST_CANDIDATES);
  const report = { nonce, ...poplar1.shard(ctx, measurement, nonce, rand) };
  expect(vdaf.unshard(runStar(vdaf, report), 1)).toEqual([0n, 1n]);
});
