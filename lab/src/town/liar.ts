/**
 * A liar: a vault that follows the protocol to the letter, except that the number hidden in its
 * report claims a thousand where one is possible. Its proof cannot hold, and the nodes see that.
 */

import { createReport, type Prio3Task, type ReportInput } from "@sumus/dap";
import type { RandomBytes } from "@sumus/time";
import type { Prio3 } from "@sumus/vdaf";
import { measurementLength, shardEncoded } from "@sumus/vdaf/testing";

/** What every liar claims. */
export const CLAIMED_PEOPLE = 1000;

/** The task as a liar sees it: sharding puts the claim at `index` and zeros elsewhere. */
function lyingTask(task: Prio3Task, index: number): Prio3Task {
  const encoded = new Array<bigint>(measurementLength(task.vdaf)).fill(0n);
  encoded[Math.min(index, encoded.length - 1)] = BigInt(CLAIMED_PEOPLE);
  const shard: Prio3["shard"] = (context, _measurement, nonce, rand) =>
    shardEncoded(task.vdaf, context, encoded, nonce, rand);
  // Why a proxy: a liar's VDAF is the honest one, private fields included, in all but sharding.
  const vdaf = new Proxy(task.vdaf, {
    get: (target, name) => (name === "shard" ? shard : Reflect.get(target, name, target)),
  });
  return { ...task, vdaf };
}

/** A report to one task whose encoded measurement claims a thousand at one index. */
export function createLie(
  task: Prio3Task,
  index: number,
  input: Omit<ReportInput, "measurement">,
  randomBytes: RandomBytes,
): Uint8Array {
  return createReport(lyingTask(task, index), { ...input, measurement: 0 }, randomBytes);
}
