import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createPrio3, type Measurement, type Prio3, type Prio3Config } from "./index.ts";
import { Prio3Reference } from "./prio3-reference.ts";
import { measurementLength, shardEncoded } from "./testing.ts";

const chunkLength = fc.integer({ min: 1, max: 3 });
const length = fc.integer({ min: 3, max: 7 });
const config: fc.Arbitrary<Prio3Config> = fc.oneof(
  fc.constant({ kind: "count" } as const),
  fc.record({
    kind: fc.constant("sum" as const),
    maxMeasurement: fc.integer({ min: 1, max: 300 }),
  }),
  fc.record({
    kind: fc.constant("sumVec" as const),
    length,
    chunkLength,
    maxMeasurement: fc.integer({ min: 1, max: 5 }),
  }),
  fc.record({ kind: fc.constant("histogram" as const), length, chunkLength }),
  fc.record({
    kind: fc.constant("multihotCountVec" as const),
    length,
    chunkLength,
    maxWeight: fc.integer({ min: 1, max: 3 }),
  }),
  fc.record({
    kind: fc.constant("l1BoundSum" as const),
    length,
    chunkLength,
    maxValue: fc.integer({ min: 1, max: 5 }),
  }),
);
const bytes = (size: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: size, maxLength: size });

/** Runs both ways on one report and compares every output. */
function compare(
  configured: Prio3Config,
  shares: number,
  encoded: readonly bigint[],
  ctx: Uint8Array,
  seed: Uint8Array,
): boolean {
  const prio3 = createPrio3(configured, { shares });
  const reference = new Prio3Reference(configured, shares);
  const nonce = seed.slice(0, 16);
  const verifyKey = seed.slice(16, 48);
  const rand = Uint8Array.from({ length: prio3.randSize }, (_, i) => (seed[i % 48] ?? 0) ^ (i * 7));
  const report = shardEncoded(prio3, ctx, encoded, nonce, rand);
  expect(report).toEqual(reference.shard(ctx, encoded, nonce, rand));
  const verified = report.inputShares.map((inputShare, id) => {
    const inputs = [verifyKey, ctx, id, nonce, report.publicShare, inputShare] as const;
    const { state, verifierShare } = prio3.verifyInit(...inputs);
    expect({ verifierShare, outShare: state.outShare }).toEqual(reference.verifyInit(...inputs));
    return verifierShare;
  });
  const accepted = reference.decide(verified);
  if (accepted) prio3.verifierSharesToMessage(ctx, verified);
  else {
    expect(() => prio3.verifierSharesToMessage(ctx, verified)).toThrow(
      expect.objectContaining({ code: "vdafVerifyError" }),
    );
  }
  return accepted;
}

/** Elements that are bits more often than not. */
const elements = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(0n, 1n) },
    {
      weight: 1,
      arbitrary: fc.bigInt({ min: 0n, max: (1n << 64n) - (1n << 32n) }),
    },
  ),
  { minLength: 40, maxLength: 40 },
);

test("any vector is sharded and verified as the draft does", () => {
  fc.assert(
    fc.property(
      ...([config, fc.integer({ min: 2, max: 4 }), elements, bytes(5), bytes(48)] as const),
      (configured, shares, values, ctx, seed) => {
        const prio3 = createPrio3(configured, { shares });
        const encoded = values.slice(0, measurementLength(prio3));
        compare(configured, shares, encoded, ctx, seed);
      },
    ),
    { numRuns: 60 },
  );
});

test("measurements are encoded to what the draft accepts", () => {
  fc.assert(
    fc.property(config, bytes(48), fc.infiniteStream(fc.nat(1000)), (configured, seed, stream) => {
      const prio3 = createPrio3(configured);
      const measurement = measurementFor(prio3, stream);
      const ctx = seed.slice(0, 3);
      const nonce = seed.slice(0, 16);
      const rand = Uint8Array.from({ length: prio3.randSize }, (_, i) => (seed[i % 48] ?? 0) ^ i);
      const report = prio3.shard(ctx, measurement, nonce, rand);
      const shares = report.inputShares.map((inputShare, id) => {
        return prio3.verifyInit(seed.slice(16), ctx, id, nonce, report.publicShare, inputShare);
      });
      const reference = new Prio3Reference(configured, 2);
      // What is known of an honest measurement's form makes its proof cheaper, not another.
      const encoded = reference.measurementOf(ctx, report.inputShares);
      expect(shardEncoded(prio3, ctx, encoded, nonce, rand)).toEqual(report);
      expect(reference.decide(shares.map(({ verifierShare }) => verifierShare))).toBe(true);
      const sum = prio3.unshard(
        shares.map(({ state }) => state.outShare),
        1,
      );
      expect(sum).toEqual(resultOf(prio3, measurement));
    }),
    { numRuns: 60 },
  );
});

function measurementFor({ config: resolved }: Prio3, stream: fc.Stream<number>): Measurement {
  const numbers = (count: number): number[] => [...stream.take(count)];
  const first = (): number => numbers(1)[0] ?? 0;
  switch (resolved.kind) {
    case "count":
      return first() % 2;
    case "sum":
      return first() % (resolved.maxMeasurement + 1);
    case "histogram":
      return first() % resolved.length;
    case "sumVec":
      return numbers(resolved.length).map((value) => value % (resolved.maxMeasurement + 1));
    case "multihotCountVec":
      return boundedSum(numbers(resolved.length), 1, resolved.maxWeight);
    case "l1BoundSum":
      return boundedSum(numbers(resolved.length), resolved.maxValue, resolved.maxValue);
  }
}

function boundedSum(values: readonly number[], max: number, total: number): number[] {
  let rest = total;
  return values.map((value) => {
    const taken = Math.min(value % (max + 1), rest);
    rest -= taken;
    return taken;
  });
}

function resultOf(prio3: Prio3, measurement: Measurement): bigint[] {
  if (typeof measurement !== "number") return measurement.map(BigInt);
  if (prio3.config.kind !== "histogram") return [BigInt(measurement)];
  return Array.from({ length: prio3.outputLength }, (_, i) => (i === measurement ? 1n : 0n));
}
