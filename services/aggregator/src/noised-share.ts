import {
  type Aggregation,
  aggregationOf,
  type BatchAggregate,
  sealAggregateShare,
} from "@sumus/dap";
import type { AggregatorRole, CollectionJobReq, HpkeCiphertext } from "@sumus/dap/messages";
import { sampleNoise } from "@sumus/dp";
import type { RandomBytes } from "@sumus/time";
import type { ServedTask } from "./served-tasks.ts";

/**
 * This node's noise for one batch, as an aggregate share to add. Each node adds all the noise that
 * the study or the task asks for, so that one honest node suffices. Draw it once a batch and store what it
 * became before anybody sees it: noise drawn again averages away.
 */
export function drawNoise(
  { noise }: ServedTask,
  { vdaf }: Aggregation,
  randomBytes: RandomBytes,
): Uint8Array {
  if (noise === undefined) return vdaf.aggregateInit();
  return vdaf.encodeAggregate(sampleNoise(noise, vdaf.outputLength, randomBytes));
}

/** The batch's share with the noise in it, as only the collector can read it. */
export function sealNoised(
  { task, collectorConfig }: ServedTask,
  role: AggregatorRole,
  input: {
    readonly batch: BatchAggregate;
    readonly noise: Uint8Array;
    readonly collectionJobReq: CollectionJobReq;
  },
  randomBytes: RandomBytes,
): HpkeCiphertext {
  const { collectionJobReq } = input;
  const { vdaf } = aggregationOf(task, collectionJobReq.aggParam);
  const aggregateShare = vdaf.merge(input.batch.aggregateShare, input.noise);
  return sealAggregateShare(
    task,
    role,
    { collectorConfig, collectionJobReq, aggregateShare },
    randomBytes,
  );
}
