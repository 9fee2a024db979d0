/**
 * Reports of liars, for tests and for the lab: they follow the protocol to the letter, except that
 * what is hidden in them counts more than once. Their proofs cannot hold.
 *
 * @module
 */
import { defined } from "@sumus/assert";
import type { RandomBytes } from "@sumus/time";
import { type Poplar1, type Prio3, packedBytes } from "@sumus/vdaf";
import { measurementLength, shardClaim, shardEncoded } from "@sumus/vdaf/testing";
import { createReport, type ReportInput } from "./client.ts";
import type { DapTask } from "./task.ts";
import { isPoplar1, type TaskVdaf } from "./task-vdaf.ts";

/** What a liar would have added, and to which number of the aggregate. */
export interface Claim {
  /** The last number where there are fewer. */
  readonly index: number;
  /** Up to 65,535. */
  readonly count: number;
}

/** A report to one task that claims too much. A task of Poplar1 must have its aggregation parameter. */
export function createLie(
  task: DapTask,
  claim: Claim,
  input: Omit<ReportInput, "measurement">,
  randomBytes: RandomBytes,
): Uint8Array {
  const { vdaf } = task;
  if (!isPoplar1(vdaf)) {
    const lying = { ...task, vdaf: lyingVdaf(vdaf, lyingShard(vdaf, claim)) };
    return createReport(lying, { ...input, measurement: 0 }, randomBytes);
  }
  const shard: Poplar1["shard"] = (context, measurement, nonce, rand) =>
    shardClaim(vdaf, context, { measurement, count: claim.count }, nonce, rand);
  const measurement = claimedString(vdaf, task.aggParam, claim);
  return createReport(
    { ...task, vdaf: lyingVdaf(vdaf, shard) },
    { ...input, measurement },
    randomBytes,
  );
}

function lyingShard(prio3: Prio3, { index, count }: Claim): Prio3["shard"] {
  const encoded = new Array<bigint>(measurementLength(prio3)).fill(0n);
  encoded[Math.min(index, encoded.length - 1)] = BigInt(count);
  return (context, _, nonce, rand) => shardEncoded(prio3, context, encoded, nonce, rand);
}

/** A string that begins with the prefix that is counted there. */
function claimedString(
  poplar1: Poplar1,
  aggParam: Uint8Array | undefined,
  { index }: Claim,
): Uint8Array {
  const known = defined(aggParam, "a liar knows what is counted");
  const { prefixes } = poplar1.decodeAggParam(known);
  const prefix = defined(
    prefixes[Math.min(index, prefixes.length - 1)],
    "a parameter has a prefix",
  );
  const packed = new Uint8Array(packedBytes(poplar1.bits));
  packed.set(prefix);
  return packed;
}

// Why a proxy: a liar's VDAF is the honest one, private fields included, in all but sharding.
function lyingVdaf<Vdaf extends TaskVdaf>(vdaf: Vdaf, shard: Vdaf["shard"]): Vdaf {
  return new Proxy(vdaf, {
    get: (target, name) => (name === "shard" ? shard : Reflect.get(target, name, target)),
  });
}
