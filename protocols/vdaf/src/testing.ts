/**
 * For tests and for the lab's liars, never for a client.
 *
 * @module
 */
import { assert } from "@sumus/assert";
import { higherDegree, sumVecWithMultiproof } from "./circuit.ts";
import { type Measurement, resolveConfig } from "./config.ts";
import { unpackBits } from "./poplar1/bit-string.ts";
import type { Poplar1 } from "./poplar1/poplar1.ts";
import { shardIndex } from "./poplar1/shard.ts";
import { type Prio3, Prio3Instance, type ShardedReport } from "./prio3.ts";
import { VdafError } from "./vdaf-error.ts";

/**
 * Shards any vector as if it were an encoded measurement, with an honest proof of what is not true:
 * a report that aggregators must refuse unless the vector happens to be valid.
 *
 * @param encoded as many residues as an encoded measurement has elements
 */
export function shardEncoded(
  prio3: Prio3,
  ctx: Uint8Array,
  encoded: readonly bigint[],
  nonce: Uint8Array,
  rand: Uint8Array,
): ShardedReport {
  return instanceOf(prio3).shardEncoded(ctx, encoded, nonce, rand);
}

/**
 * The same for Poplar1: a string that is to count so many times, up to 65,535. Aggregators must refuse
 * it unless that is once, or none of their prefixes begins it.
 */
export function shardClaim(
  poplar1: Poplar1,
  ctx: Uint8Array,
  claim: { readonly measurement: Uint8Array; readonly count: number },
  nonce: Uint8Array,
  rand: Uint8Array,
): ReturnType<Poplar1["shard"]> {
  const alpha = Uint8Array.from(unpackBits(claim.measurement, poplar1.bits), Number);
  return shardIndex(alpha, ctx, nonce, rand, claim.count);
}

/** Elements of an encoded measurement. */
export function measurementLength(prio3: Prio3): number {
  return instanceOf(prio3).measurementLength;
}

/** Prio3SumVecWithMultiproof: Field64 and three proofs, under the algorithm id of test vectors. */
export function createSumVecWithMultiproof(
  config: { length: number; maxMeasurement: number; chunkLength: number },
  shares: number,
): Prio3 {
  const resolved = resolveConfig({ kind: "sumVec", ...config });
  const { length, maxMeasurement, chunkLength } = config;
  return new Prio3Instance(
    resolved,
    shares,
    sumVecWithMultiproof(length, maxMeasurement, chunkLength),
  );
}

/** Prio3HigherDegree: a gadget of degree 3, under the algorithm id of test vectors. */
export function createHigherDegree(shares: number): Prio3 {
  return new HigherDegree({ kind: "count" }, shares, higherDegree());
}

class HigherDegree extends Prio3Instance {
  override shard(
    ctx: Uint8Array,
    measurement: Measurement,
    nonce: Uint8Array,
    rand: Uint8Array,
  ): ShardedReport {
    if (measurement !== 0 && measurement !== 1 && measurement !== 2) {
      throw new VdafError("vdafMeasurementError", "expected 0, 1 or 2");
    }
    return this.shardEncoded(ctx, [BigInt(measurement)], nonce, rand);
  }
}

function instanceOf(prio3: Prio3): Prio3Instance {
  assert(prio3 instanceof Prio3Instance, "an instance made by createPrio3");
  return prio3;
}
