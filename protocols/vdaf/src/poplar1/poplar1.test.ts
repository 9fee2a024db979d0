/**
 * Poplar1 from clients to collector over the ping-pong topology: what comes out is what plain
 * counting gives, and a report of which any part was changed is refused or changes nothing.
 */
import { compareBytes, concat, decodeHex, encodeHex, encodeUtf8 } from "@sumus/bytes";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  createPoplar1,
  type EvaluatedNodes,
  FIRST_CANDIDATES,
  nextCandidates,
  type Poplar1,
  type Poplar1AggParam,
  packBits,
  pingPongHelperContinued,
  pingPongHelperInit,
  pingPongLeaderContinued,
  pingPongLeaderInit,
  unpackBits,
  VdafError,
} from "../index.ts";

import { shardClaim } from "../testing.ts";

interface Report {
  readonly nonce: Uint8Array;
  readonly publicShare: Uint8Array;
  readonly inputShares: readonly [Uint8Array, Uint8Array];
}

const bytes = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length });

const ctx = encodeUtf8("some application");
const verifyKey = Uint8Array.from({ length: 32 }, (_, index) => index);

/** As many different bytes as wanted, from a small seed. */
function stream(seed: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (index * 89 + seed * 151 + 7) & 0xff);
}

function shard(poplar1: Poplar1, measurement: readonly boolean[], seed: number): Report {
  const nonce = stream(seed, poplar1.nonceSize);
  const rand = stream(seed + 1, poplar1.randSize);
  return { nonce, ...poplar1.shard(ctx, packBits(measurement), nonce, rand) };
}

/** Both output shares, by way of two rounds of messages. */
function verify(
  poplar1: Poplar1,
  aggParam: Poplar1AggParam,
  { nonce, publicShare, inputShares: [leaderShare, helperShare] }: Report,
): [Uint8Array, Uint8Array] {
  const vdaf = poplar1.at(aggParam);
  const leader = pingPongLeaderInit(vdaf, verifyKey, ctx, nonce, publicShare, leaderShare);
  const helper = pingPongHelperInit(
    ...([vdaf, verifyKey, ctx, nonce, publicShare, helperShare, leader.message] as const),
  );
  if (helper.kind !== "continued") throw new Error("the helper waits for a second round");
  const state = vdaf.decodeState(vdaf.encodeState(helper.state));
  const finished = pingPongLeaderContinued(vdaf, ctx, leader.state, helper.message);
  if (finished.kind !== "finishedWithOutbound") throw new Error("the leader finishes first");
  const last = pingPongHelperContinued(vdaf, ctx, state, finished.message);
  if (last.kind !== "finished") throw new Error("the helper finishes");
  return [finished.outShare, last.outShare];
}

function count(poplar1: Poplar1, aggParam: Poplar1AggParam, reports: readonly Report[]): bigint[] {
  const vdaf = poplar1.at(aggParam);
  let [left, right] = [vdaf.aggregateInit(), vdaf.aggregateInit()];
  for (const report of reports) {
    const [leader, helper] = verify(poplar1, aggParam, report);
    left = vdaf.aggregateUpdate(left, leader);
    right = vdaf.aggregateUpdate(right, helper);
  }
  return vdaf.unshard([left, right], reports.length);
}

function countPlainly(
  { level, prefixes }: Poplar1AggParam,
  measurements: readonly (readonly boolean[])[],
): bigint[] {
  const counted = measurements.map((bits) => encodeHex(packBits(bits.slice(0, level + 1))));
  return prefixes.map((prefix) =>
    BigInt(counted.filter((candidate) => candidate === encodeHex(prefix)).length),
  );
}

/** Strings of equal length that often begin alike. */
const population = fc.integer({ min: 1, max: 14 }).chain((bits) =>
  fc.tuple(
    fc.constant(bits),
    fc.array(
      fc
        .tuple(
          fc.array(fc.boolean(), { minLength: bits, maxLength: bits }),
          fc.integer({ min: 0, max: bits }),
        )
        .map(([tail, common]) => tail.map((bit, index) => (index < common ? true : bit))),
      { minLength: 1, maxLength: 8 },
    ),
  ),
);

function refusalOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof VdafError) return error.code;
    throw error;
  }
  return "accepted";
}

describe("counting", () => {
  test("heavy hitters are those that plain counting finds", () => {
    fc.assert(
      fc.property(population, fc.integer({ min: 1, max: 4 }), ([bits, strings], threshold) => {
        const poplar1 = createPoplar1(bits);
        const reports = strings.map((string, index) => shard(poplar1, string, index));
        const previous: Poplar1AggParam[] = [];
        let aggParam: Poplar1AggParam | undefined = FIRST_CANDIDATES;
        let heavy: string[] = [];
        while (aggParam !== undefined) {
          expect(poplar1.isValid(aggParam, previous)).toBe(true);
          const counts = count(poplar1, aggParam, reports);
          expect(counts).toEqual(countPlainly(aggParam, strings));
          previous.push(aggParam);
          if (aggParam.level === bits - 1) {
            heavy = aggParam.prefixes
              .filter((_, index) => (counts[index] ?? 0n) >= BigInt(threshold))
              .map(encodeHex);
            break;
          }
          aggParam = nextCandidates(aggParam, counts, BigInt(threshold));
        }
        const packed = strings.map((string) => encodeHex(packBits(string)));
        const expected = packed.filter(
          (one) => packed.filter((other) => other === one).length >= threshold,
        );
        expect(heavy).toEqual([...new Set(expected)].sort());
      }),
      { numRuns: 25 },
    );
  });

  test("any candidates at any level, also those nobody holds", () => {
    fc.assert(
      fc.property(population, fc.nat(13), fc.nat(2 ** 14), ([bits, strings], depth, seed) => {
        const level = Math.min(depth, bits - 1);
        const poplar1 = createPoplar1(bits);
        const held = strings.map((string) => packBits(string.slice(0, level + 1)));
        const other = packBits(
          Array.from({ length: level + 1 }, (_, index) => ((seed >> index) & 1) === 1),
        );
        const prefixes = [
          ...new Map([...held, other].map((one) => [encodeHex(one), one])).values(),
        ];
        const aggParam = { level, prefixes: prefixes.sort(compareBytes) };
        const reports = strings.map((string, index) => shard(poplar1, string, seed + index));
        expect(count(poplar1, aggParam, reports)).toEqual(countPlainly(aggParam, strings));
      }),
      { numRuns: 40 },
    );
  });

  test("going on from evaluated nodes gives what starting anew gives", () => {
    fc.assert(
      fc.property(
        population,
        fc.array(fc.integer({ min: 1, max: 5 })),
        ([bits, strings], steps) => {
          const poplar1 = createPoplar1(bits);
          const [first = []] = strings;
          const { nonce, publicShare, inputShares } = shard(poplar1, first, 3);
          let evaluated: EvaluatedNodes | undefined;
          let level = -1;
          for (const step of steps) {
            level += step;
            if (level >= bits) break;
            const sorted = strings.map((string) => packBits(string.slice(0, level + 1)));
            const unique = [...new Map(sorted.map((one) => [encodeHex(one), one])).values()];
            const vdaf = poplar1.at({ level, prefixes: unique.sort(compareBytes) });
            const inputs = [verifyKey, ctx, 1, nonce, publicShare, inputShares[1]] as const;
            const anew = vdaf.verifyInit(...inputs);
            const resumed: typeof anew = vdaf.verifyInit(...inputs, evaluated);
            expect(resumed).toEqual(anew);
            evaluated = resumed.evaluated;
          }
        },
      ),
    );
  });

  test("evaluated nodes that lack an ancestor are refused", () => {
    const poplar1 = createPoplar1(4);
    const { nonce, publicShare, inputShares } = shard(poplar1, [true, true, false, true], 1);
    const inputs = [verifyKey, ctx, 0, nonce, publicShare, inputShares[0]] as const;
    const { evaluated } = poplar1
      .at({ level: 1, prefixes: [packBits([true, true])] })
      .verifyInit(...inputs);
    const elsewhere = poplar1.at({ level: 2, prefixes: [packBits([true, false, true])] });
    expect(refusalOf(() => elsewhere.verifyInit(...inputs, evaluated))).toBe("vdafInputError");
    const above = poplar1.at(FIRST_CANDIDATES);
    expect(refusalOf(() => above.verifyInit(...inputs, evaluated))).toBe("vdafInputError");
  });

  test("noise goes into aggregate shares, and may be negative", () => {
    const poplar1 = createPoplar1(3);
    for (const level of [1, 2]) {
      const prefixes = [new Uint8Array(1), packBits([true, ...Array(level).fill(false)])];
      const vdaf = poplar1.at({ level, prefixes });
      const noised = vdaf.merge(vdaf.encodeAggregate([5n, 2n]), vdaf.encodeAggregate([-7n, 1n]));
      expect(vdaf.decodeAggregate(noised)).toEqual([vdaf.fieldModulus - 2n, 3n]);
      expect(vdaf.unshard([noised, vdaf.encodeAggregate([2n, 0n])], 1)).toEqual([0n, 3n]);
    }
  });
});

test("the first official vector, in browsers too", () => {
  const poplar1 = createPoplar1(4);
  const counting = (length: number): Uint8Array => Uint8Array.from({ length }, (_, index) => index);
  const nonce = counting(16);
  const { publicShare, inputShares } = poplar1.shard(
    ...([ctx, packBits([true, true, false, true]), nonce, counting(128)] as const),
  );
  expect(encodeHex(publicShare)).toBe(
    [
      "6b8e0daf3de07179b572a661918e574da4a8725ac20a9bbb41a80cac2833421dce8cefc31b5ef82e",
      "b6541675e5735ae8031ad3350bd0f0ecbd4a78f964ff03f537512a4d0e1ee930e9e9921239025be9",
      "6ebca993797304e636a21596d48ef770a505f2a460539c85b7f79c232e4d03fa5e93d4c7c9732a34",
      "fa7b36d465f8832d5072adb054be31fa062dd98870f874be473c61f5a3a190305a55447c07e26eeb",
      "a33a87107fac98d5facef1bddf390e9b0a",
    ].join(""),
  );
  const aggParam = poplar1.decodeAggParam(decodeHex("0000000000020080"));
  const [leader, helper] = verify(poplar1, aggParam, { nonce, publicShare, inputShares });
  expect(encodeHex(leader)).toBe("f2addbd58d497527f0f4a4cc4cafd163");
  expect(encodeHex(helper)).toBe("0f52242a71b68ad8120b5b33b2502e9c");
});

describe("refusal", () => {
  test("a string that claims to count more than once, by whatever is asked of it", () => {
    const poplar1 = createPoplar1(5);
    const half = fc.boolean();
    fc.assert(
      fc.property(
        fc.array(half, { minLength: 5, maxLength: 5 }),
        fc.nat(4),
        fc.integer({ min: 0, max: 65_535 }),
        (held, level, count) => {
          const [nonce, rand] = [stream(count, 16), stream(level, poplar1.randSize)];
          const claim = { measurement: packBits(held), count };
          const report = { nonce, ...shardClaim(poplar1, ctx, claim, nonce, rand) };
          const prefix = (bits: readonly boolean[]) => packBits(bits.slice(0, level + 1));
          const verifyAt = (bits: readonly boolean[]) =>
            verify(poplar1, { level, prefixes: [prefix(bits)] }, report);
          if (count > 1) expect(() => verifyAt(held)).toThrow(VdafError);
          else expect(() => verifyAt(held)).not.toThrow();
          expect(() => verifyAt(held.map((bit) => !bit))).not.toThrow();
        },
      ),
    );
  });

  const bits = 3;
  const poplar1 = createPoplar1(bits);
  const measurement = [true, false, true];
  const all = (level: number): Poplar1AggParam => ({
    level,
    prefixes: Array.from({ length: 2 << level }, (_, index) =>
      Uint8Array.of((index << (7 - level)) & 0xff),
    ),
  });

  test.each([0, 1, 2])("at level %i, no change of a bit goes uncounted", (level) => {
    const aggParam = all(level);
    const report = shard(poplar1, measurement, 9);
    const honest = countPlainly(aggParam, [measurement]);
    let refused = 0;
    const tryWith = (changed: Report): void => {
      try {
        expect(count(poplar1, aggParam, [changed])).toEqual(honest);
      } catch (error) {
        if (!(error instanceof VdafError)) throw error;
        refused++;
      }
    };
    const flipped = (whole: Uint8Array, bit: number): Uint8Array => {
      const changed = whole.slice();
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      return changed;
    };
    const [leader, helper] = report.inputShares;
    for (let bit = 0; bit < 8 * report.publicShare.length; bit += 3) {
      tryWith({ ...report, publicShare: flipped(report.publicShare, bit) });
    }
    for (let bit = 0; bit < 8 * leader.length; bit += 3) {
      tryWith({ ...report, inputShares: [flipped(leader, bit), helper] });
      tryWith({ ...report, inputShares: [leader, flipped(helper, bit)] });
    }
    // Whatever belongs to this level, the keys and the seeds, was found changed.
    const ownBits = 8 * (2 * (16 + 32) + (level === 2 ? 2 * 64 : 2 * 16));
    expect(refused).toBeGreaterThan(ownBits / 3);
  });

  test("the wrong key, nonce, context or role", () => {
    const report = shard(poplar1, measurement, 4);
    const { nonce, publicShare, inputShares } = report;
    const vdaf = poplar1.at(all(1));
    const run = (
      leader: readonly [Uint8Array, Uint8Array, Uint8Array, Uint8Array],
      helper: readonly [Uint8Array, Uint8Array, Uint8Array, Uint8Array],
    ): string =>
      refusalOf(() => {
        const init = (id: number, [key, context, once, share]: typeof leader) =>
          vdaf.verifyInit(key, context, id, once, publicShare, share);
        const rounds = [init(0, leader), init(1, helper)];
        const message = vdaf.verifierSharesToMessage(
          ctx,
          rounds.map((r) => r.verifierShare),
        );
        const shares = rounds.map((round) => {
          const next = vdaf.verifyNext(ctx, round.state, message);
          return next instanceof Uint8Array ? next : next.verifierShare;
        });
        vdaf.verifierSharesToMessage(ctx, shares);
      });
    const [leader, helper] = inputShares;
    const other = (value: Uint8Array): Uint8Array => value.map((byte) => byte ^ 1);
    const good = [verifyKey, ctx, nonce] as const;
    expect(run([...good, leader], [...good, helper])).toBe("accepted");
    expect(run([...good, leader], [other(verifyKey), ctx, nonce, helper])).toBe("vdafVerifyError");
    expect(run([...good, helper], [...good, leader])).toBe("vdafVerifyError");
    const [badContext, badNonce] = [
      [verifyKey, other(ctx), nonce],
      [verifyKey, ctx, other(nonce)],
    ] as const;
    expect(run([...badContext, leader], [...badContext, helper])).toBe("vdafVerifyError");
    expect(run([...badNonce, leader], [...badNonce, helper])).toBe("vdafVerifyError");
  });

  test.each([1, 2])("at level %i, any other length of any message", (level) => {
    const { nonce, publicShare, inputShares } = shard(poplar1, measurement, 5);
    const [leaderShare, helperShare] = inputShares;
    const vdaf = poplar1.at(all(level));
    const { state, verifierShare } = vdaf.verifyInit(
      ...([verifyKey, ctx, 0, nonce, publicShare, leaderShare] as const),
    );
    const other = vdaf.verifyInit(
      ...([verifyKey, ctx, 1, nonce, publicShare, helperShare] as const),
    );
    const message = vdaf.verifierSharesToMessage(ctx, [verifierShare, other.verifierShare]);
    const cases: readonly [string, Uint8Array, (bytes: Uint8Array) => unknown][] = [
      ["key", verifyKey, (b) => vdaf.verifyInit(b, ctx, 0, nonce, publicShare, leaderShare)],
      ["nonce", nonce, (b) => vdaf.verifyInit(verifyKey, ctx, 0, b, publicShare, leaderShare)],
      [
        "public share",
        publicShare,
        (b) => vdaf.verifyInit(verifyKey, ctx, 0, nonce, b, leaderShare),
      ],
      [
        "input share",
        leaderShare,
        (b) => vdaf.verifyInit(verifyKey, ctx, 0, nonce, publicShare, b),
      ],
      [
        "verifier share",
        other.verifierShare,
        (b) => vdaf.verifierSharesToMessage(ctx, [verifierShare, b]),
      ],
      ["verifier message", message, (b) => vdaf.verifyNext(ctx, state, b)],
      ["verify state", vdaf.encodeState(state), (b) => vdaf.decodeState(b)],
      ["aggregate share", vdaf.aggregateInit(), (b) => vdaf.merge(b, vdaf.aggregateInit())],
      ["output share", vdaf.aggregateInit(), (b) => vdaf.aggregateUpdate(vdaf.aggregateInit(), b)],
    ];
    for (const [title, whole, read] of cases) {
      expect(
        refusalOf(() => read(whole)),
        title,
      ).toBe("accepted");
      for (let length = 0; length < whole.length; length++) {
        expect(
          refusalOf(() => read(whole.subarray(0, length))),
          title,
        ).toBe("vdafInputError");
      }
      expect(
        refusalOf(() => read(concat(whole, Uint8Array.of(0)))),
        title,
      ).toBe("vdafInputError");
    }
  });

  test("elements that are not below the modulus", () => {
    const { nonce, publicShare, inputShares } = shard(poplar1, measurement, 6);
    const tampered = (whole: Uint8Array, at: number, length: number): Uint8Array => {
      const changed = whole.slice();
      changed.fill(0xff, at, at + length);
      return changed;
    };
    const init = (ps: Uint8Array, share: Uint8Array): string =>
      refusalOf(() => poplar1.at(all(1)).verifyInit(verifyKey, ctx, 0, nonce, ps, share));
    const [leader] = inputShares;
    // One byte of control bits, three seeds, then the values.
    for (const [at, length] of [
      [1 + 48, 8],
      [1 + 48 + 24, 8],
      [1 + 48 + 32, 32],
      [1 + 48 + 64, 32],
    ] as const) {
      expect(init(tampered(publicShare, at, length), leader)).toBe("vdafInputError");
    }
    for (const [at, length] of [
      [48, 8],
      [48 + 24, 8],
      [48 + 32, 32],
      [48 + 64, 32],
    ] as const) {
      expect(init(publicShare, tampered(leader, at, length))).toBe("vdafInputError");
    }
    const padded = publicShare.slice();
    padded[0] = (padded[0] ?? 0) | 0x40;
    expect(init(padded, leader)).toBe("vdafInputError");
    const inner = poplar1.at(all(1));
    const wild = new Uint8Array(inner.aggregateShareSize).fill(0xff);
    expect(refusalOf(() => inner.merge(wild, wild))).toBe("vdafInputError");
    expect(refusalOf(() => inner.unshard([wild, wild], 1))).toBe("vdafInputError");
    const [zero, high] = [new Uint8Array(24), new Uint8Array(24).fill(0xff)];
    const combine = (...shares: Uint8Array[]): string =>
      refusalOf(() => inner.verifierSharesToMessage(ctx, shares));
    expect(combine(zero, zero)).toBe("accepted");
    expect(combine(high, zero)).toBe("vdafInputError");
    expect(combine(zero, high)).toBe("vdafInputError");
    const { state } = inner.verifyInit(verifyKey, ctx, 0, nonce, publicShare, leader);
    expect(refusalOf(() => inner.verifyNext(ctx, state, high))).toBe("vdafInputError");
    const encoded = inner.encodeState(state);
    expect(refusalOf(() => inner.decodeState(tampered(encoded, 1, 8)))).toBe("vdafInputError");
    expect(refusalOf(() => inner.decodeState(tampered(encoded, 0, 1)))).toBe("vdafInputError");
  });

  test("a message in the second round, which has none", () => {
    const { nonce, publicShare, inputShares } = shard(poplar1, measurement, 2);
    const vdaf = poplar1.at(all(1));
    const [first, other] = ([0, 1] as const).map((id) =>
      vdaf.verifyInit(verifyKey, ctx, id, nonce, publicShare, inputShares[id]),
    );
    if (first === undefined || other === undefined) throw new Error("two aggregators begin");
    const message = vdaf.verifierSharesToMessage(ctx, [first.verifierShare, other.verifierShare]);
    const next = vdaf.verifyNext(ctx, first.state, message);
    if (next instanceof Uint8Array) throw new Error("a second round follows");
    expect(refusalOf(() => vdaf.verifyNext(ctx, next.state, message))).toBe("vdafInputError");
    expect(vdaf.verifyNext(ctx, next.state, new Uint8Array())).toBeInstanceOf(Uint8Array);
    // Shares of different rounds do not add up.
    const mixed = [next.verifierShare, other.verifierShare];
    expect(refusalOf(() => vdaf.verifierSharesToMessage(ctx, mixed))).toBe("vdafInputError");
  });

  test("messages of the topology in the wrong place", () => {
    const { nonce, publicShare, inputShares } = shard(poplar1, measurement, 7);
    const vdaf = poplar1.at(all(2));
    const leader = pingPongLeaderInit(vdaf, verifyKey, ctx, nonce, publicShare, inputShares[0]);
    const helperInit = (message: Uint8Array) =>
      pingPongHelperInit(vdaf, verifyKey, ctx, nonce, publicShare, inputShares[1], message);
    const helper = helperInit(leader.message);
    if (helper.kind !== "continued") throw new Error("the helper waits for a second round");
    const first = (message: Uint8Array) =>
      pingPongLeaderContinued(vdaf, ctx, leader.state, message);
    const finished = first(helper.message);
    if (finished.kind !== "finishedWithOutbound") throw new Error("the leader finishes first");
    const last = (message: Uint8Array) => pingPongHelperContinued(vdaf, ctx, helper.state, message);
    expect(last(finished.message).kind).toBe("finished");

    const steps = [helperInit, first, last];
    const messages = [leader.message, helper.message, finished.message];
    for (const [place, step] of steps.entries()) {
      for (const [index, message] of messages.entries()) {
        if (index !== place) expect(refusalOf(() => step(message))).toMatch(/^vdaf/);
      }
      const right = messages[place] ?? new Uint8Array();
      for (let length = 0; length < right.length; length++) {
        expect(refusalOf(() => step(right.subarray(0, length)))).toBe("vdafInputError");
      }
      expect(refusalOf(() => step(concat(right, Uint8Array.of(0))))).toBe("vdafInputError");
      expect(refusalOf(() => step(concat(Uint8Array.of(3), right.subarray(1))))).toBe(
        "vdafInputError",
      );
      // A length that claims more than there is costs no memory.
      const claim = decodeHex(`0${place}ffffffff`);
      expect(refusalOf(() => step(claim))).toBe("vdafInputError");
    }
  });

  test("impossible parameters and measurements", () => {
    for (const wrong of [0, -1, 1.5, Number.NaN, 65_537]) {
      expect(refusalOf(() => createPoplar1(wrong))).toBe("vdafParameterError");
    }
    const rand = new Uint8Array(poplar1.randSize);
    const nonce = new Uint8Array(16);
    for (const wrong of [Uint8Array.of(), Uint8Array.of(0x10), Uint8Array.of(0, 0)]) {
      expect(refusalOf(() => poplar1.shard(ctx, wrong, nonce, rand))).toBe("vdafMeasurementError");
    }
    const longContext = new Uint8Array(65_536);
    expect(refusalOf(() => poplar1.shard(longContext, Uint8Array.of(0), nonce, rand))).toBe(
      "vdafInputError",
    );
    const { publicShare, inputShares } = shard(poplar1, measurement, 8);
    for (const id of [-1, 2, 0.5, Number.NaN]) {
      const inputs = [verifyKey, ctx, id, nonce, publicShare, inputShares[0]] as const;
      expect(refusalOf(() => poplar1.at(all(0)).verifyInit(...inputs))).toBe("vdafInputError");
    }
    expect(unpackBits(packBits(measurement), bits)).toEqual(measurement);
  });
});

test("a report of one bit has no inner level", () => {
  fc.assert(
    fc.property(fc.boolean(), bytes(16), (bit, nonce) => {
      const poplar1 = createPoplar1(1);
      const report = { nonce, ...poplar1.shard(ctx, packBits([bit]), nonce, stream(1, 128)) };
      expect(count(poplar1, FIRST_CANDIDATES, [report])).toEqual(bit ? [0n, 1n] : [1n, 0n]);
    }),
    { numRuns: 10 },
  );
});
