import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  chooseChunkLength,
  createPrio3,
  type Measurement,
  type Prio3,
  type Prio3Config,
} from "./index.ts";
import { measurementLength, shardEncoded } from "./testing.ts";

const CTX = Uint8Array.of(1, 2, 3);
const KEY = Uint8Array.from({ length: 32 }, (_, i) => i);
const NONCE = Uint8Array.from({ length: 16 }, (_, i) => 200 + i);

interface Example {
  readonly config: Prio3Config;
  readonly measurements: readonly Measurement[];
  readonly result: readonly bigint[];
  readonly refused: readonly Measurement[];
}

const EXAMPLES: readonly Example[] = [
  {
    config: { kind: "count" },
    measurements: [1, 0, 1],
    result: [2n],
    refused: [2, -1, 0.5, Number.NaN, [1]],
  },
  {
    config: { kind: "sum", maxMeasurement: 100 },
    measurements: [100, 0, 63],
    result: [163n],
    refused: [101, -1, 1.5, Number.POSITIVE_INFINITY],
  },
  {
    config: { kind: "sum", maxMeasurement: Number.MAX_SAFE_INTEGER },
    measurements: [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER],
    result: [2n * BigInt(Number.MAX_SAFE_INTEGER)],
    refused: [2 ** 53],
  },
  {
    config: { kind: "sumVec", length: 3, maxMeasurement: 5 },
    measurements: [
      [5, 0, 3],
      [1, 2, 3],
    ],
    result: [6n, 2n, 6n],
    refused: [[6, 0, 0], [1, 2], [1, 2, 3, 4], 3],
  },
  {
    config: { kind: "histogram", length: 40 },
    measurements: [0, 39, 39],
    result: Array.from({ length: 40 }, (_, i) => (i === 0 ? 1n : i === 39 ? 2n : 0n)),
    refused: [40, -1, [1]],
  },
  {
    config: { kind: "multihotCountVec", length: 5, maxWeight: 2 },
    measurements: [
      [1, 0, 0, 0, 1],
      [0, 0, 0, 0, 0],
      [0, 0, 0, 0, 1],
    ],
    result: [1n, 0n, 0n, 0n, 2n],
    refused: [
      [1, 1, 1, 0, 0],
      [2, 0, 0, 0, 0],
      [0, 0, 0, 0],
    ],
  },
  {
    config: { kind: "l1BoundSum", length: 4, maxValue: 10 },
    measurements: [
      [10, 0, 0, 0],
      [0, 0, 0, 0],
      [1, 2, 3, 4],
    ],
    result: [11n, 2n, 3n, 4n],
    refused: [
      [10, 1, 0, 0],
      [11, 0, 0, 0],
      [1, 1, 1],
    ],
  },
];

function randFor(prio3: Prio3, seed = 0): Uint8Array {
  return Uint8Array.from({ length: prio3.randSize }, (_, i) => (i * 31 + seed * 17 + 5) & 0xff);
}

function verify(prio3: Prio3, publicShare: Uint8Array, inputShares: readonly Uint8Array[]) {
  const verified = inputShares.map((inputShare, id) => {
    return prio3.verifyInit(KEY, CTX, id, NONCE, publicShare, inputShare);
  });
  const shares = verified.map(({ verifierShare }) => verifierShare);
  const message = prio3.verifierSharesToMessage(CTX, shares);
  return verified.map(({ state }) => prio3.verifyNext(CTX, state, message));
}

describe.each(EXAMPLES)("$config", ({ config, measurements, result, refused }) => {
  test.each([2, 3, 5])("adds the measurements of reports in %i shares", (shares) => {
    const prio3 = createPrio3(config, { shares });
    let totals = Array.from({ length: shares }, () => prio3.aggregateInit());
    for (const [index, measurement] of measurements.entries()) {
      const report = prio3.shard(CTX, measurement, NONCE, randFor(prio3, index));
      expect(report.publicShare.length).toBe(prio3.publicShareSize);
      expect(report.inputShares[0]?.length).toBe(prio3.inputShareSizes[0]);
      const outShares = verify(prio3, report.publicShare, report.inputShares);
      totals = totals.map((total, id) => prio3.aggregateUpdate(total, outShares[id] ?? KEY));
    }
    expect(prio3.unshard(totals, measurements.length)).toEqual(result);
  });

  test("refuses measurements that it does not admit, without quoting them", () => {
    const prio3 = createPrio3(config);
    for (const measurement of refused) {
      expect(() => prio3.shard(CTX, measurement, NONCE, randFor(prio3))).toThrow(
        expect.objectContaining({ code: "vdafMeasurementError" }),
      );
    }
  });

  test("refuses liars", () => {
    const prio3 = createPrio3(config);
    const length = measurementLength(prio3);
    const lies = fc.array(fc.bigInt({ min: 2n, max: prio3.fieldModulus - 1n }), {
      minLength: length,
      maxLength: length,
    });
    fc.assert(
      fc.property(lies, fc.nat(255), (encoded, seed) => {
        const report = shardEncoded(prio3, CTX, encoded, NONCE, randFor(prio3, seed));
        expect(() => verify(prio3, report.publicShare, report.inputShares)).toThrow(
          expect.objectContaining({ code: "vdafVerifyError" }),
        );
      }),
      { numRuns: 20 },
    );
  });

  test("keeps a state as bytes", () => {
    const prio3 = createPrio3(config);
    const report = prio3.shard(CTX, measurements[0] ?? 0, NONCE, randFor(prio3));
    const share = report.inputShares[0] ?? KEY;
    const { state } = prio3.verifyInit(KEY, CTX, 0, NONCE, report.publicShare, share);
    const encoded = prio3.encodeState(state);
    expect(encoded.length).toBe(prio3.verifyStateSize);
    expect(prio3.decodeState(encoded)).toEqual(state);
    expect(() => prio3.decodeState(encoded.slice(1))).toThrow("verify state");
    expect(() => prio3.decodeState(encoded.fill(255))).toThrow("canonical");
  });
});

test("refuses vectors of bits that are not one-hot, too heavy or wrongly weighed", () => {
  const refuse = (config: Prio3Config, encoded: readonly bigint[]): void => {
    const prio3 = createPrio3(config);
    const report = shardEncoded(prio3, CTX, encoded, NONCE, randFor(prio3));
    expect(() => verify(prio3, report.publicShare, report.inputShares)).toThrow(
      "valid measurement",
    );
  };
  refuse({ kind: "histogram", length: 4 }, [0n, 0n, 0n, 0n]);
  refuse({ kind: "histogram", length: 4 }, [1n, 0n, 1n, 0n]);
  refuse({ kind: "multihotCountVec", length: 3, maxWeight: 2 }, [1n, 1n, 0n, 1n, 0n]);
  refuse({ kind: "multihotCountVec", length: 3, maxWeight: 2 }, [1n, 1n, 1n, 1n, 1n]);
  refuse({ kind: "l1BoundSum", length: 2, maxValue: 3 }, [1n, 1n, 0n, 0n, 0n, 1n]);
  refuse({ kind: "l1BoundSum", length: 2, maxValue: 3 }, [1n, 1n, 1n, 0n, 1n, 1n]);
});

test("decodes aggregates with negative noise", () => {
  const prio3 = createPrio3({ kind: "sumVec", length: 2, maxMeasurement: 9 });
  const noise = prio3.encodeAggregate([-3n, 4n]);
  const p = prio3.fieldModulus;
  expect(prio3.decodeAggregate(noise)).toEqual([p - 3n, 4n]);
  expect(prio3.merge(noise, prio3.encodeAggregate([3n, -4n]))).toEqual(prio3.aggregateInit());
  expect(() => prio3.decodeAggregate(new Uint8Array(32).fill(255))).toThrow("canonical");
  expect(() => prio3.merge(noise, new Uint8Array(32).fill(255))).toThrow("canonical");
  expect(() => prio3.encodeAggregate([1n])).toThrow("expected 2 values, got 1");
});

test.each<[Prio3Config, number?]>([
  [{ kind: "sum", maxMeasurement: 0 }],
  [{ kind: "sum", maxMeasurement: -1 }],
  [{ kind: "sum", maxMeasurement: 2 ** 53 }],
  [{ kind: "sum", maxMeasurement: 1.5 }],
  [{ kind: "histogram", length: 0 }],
  [{ kind: "histogram", length: 2 ** 40 }],
  [{ kind: "histogram", length: Number.NaN }],
  [{ kind: "histogram", length: 4, chunkLength: 0 }],
  [{ kind: "histogram", length: 4, chunkLength: 5 }],
  [{ kind: "histogram", length: 2 ** 22, chunkLength: 1 }],
  [{ kind: "sumVec", length: 2 ** 20, maxMeasurement: 2 ** 16 }],
  [{ kind: "sumVec", length: 2 ** 30, maxMeasurement: 2 ** 50 }],
  [{ kind: "multihotCountVec", length: 4, maxWeight: 5 }],
  [{ kind: "multihotCountVec", length: 4, maxWeight: 0 }],
  [{ kind: "l1BoundSum", length: 4, maxValue: 0 }],
  [{ kind: "count" }, 1],
  [{ kind: "count" }, 256],
  [{ kind: "median" } as unknown as Prio3Config],
])("refuses impossible parameters: %j", (config, shares = 2) => {
  expect(() => createPrio3(config, { shares })).toThrow(
    expect.objectContaining({ name: "VdafError", code: "vdafParameterError" }),
  );
});

test("chooses the chunk length with the smallest proof", () => {
  expect([1024, 256, 16_000].map(chooseChunkLength)).toEqual([34, 18, 126]);
  const proofLength = (elements: number, chunk: number): number => {
    return 2 * chunk + 2 * 2 ** Math.ceil(Math.log2(1 + Math.ceil(elements / chunk))) - 1;
  };
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 400 }), (elements) => {
      const lengths = Array.from({ length: elements }, (_, i) => proofLength(elements, i + 1));
      expect(proofLength(elements, chooseChunkLength(elements))).toBe(Math.min(...lengths));
    }),
  );
});

test("shares instances, and survives more configurations than it keeps", () => {
  const first = createPrio3({ kind: "sum", maxMeasurement: 1 });
  expect(createPrio3({ kind: "sum", maxMeasurement: 1 })).toBe(first);
  for (let max = 2; max < 100; max++) createPrio3({ kind: "sum", maxMeasurement: max });
  expect(createPrio3({ kind: "sum", maxMeasurement: 1 })).not.toBe(first);
  const report = first.shard(CTX, 1, NONCE, randFor(first));
  expect(verify(first, report.publicShare, report.inputShares).length).toBe(2);
});

test("instances with different contexts and fields do not disturb each other", () => {
  const sum = createPrio3({ kind: "sum", maxMeasurement: 10 });
  const histogram = createPrio3({ kind: "histogram", length: 9 });
  const once = sum.shard(CTX, 3, NONCE, randFor(sum));
  histogram.shard(KEY, 3, NONCE, randFor(histogram));
  sum.shard(KEY, 3, NONCE, randFor(sum));
  expect(sum.shard(CTX, 3, NONCE, randFor(sum))).toEqual(once);
  expect(sum.shard(KEY, 3, NONCE, randFor(sum))).not.toEqual(once);
});
