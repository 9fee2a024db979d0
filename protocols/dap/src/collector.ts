/**
 * The collector: asks for a batch, opens both aggregate shares, adds them [DAP-18, Section 4.6.6].
 *
 * @module
 */
import { aggregationOf } from "./aggregation.ts";
import { isWithin } from "./batch.ts";
import type { HpkeKeys } from "./hpke-keys.ts";
import type { AggregatorRole, HpkeCiphertext, Interval } from "./messages/basic.ts";
import { type CollectionJobReq, decodeCollectionJobResp } from "./messages/collection.ts";
import { DapPeerError, readResponse } from "./peer-error.ts";
import { openAggregateShare } from "./sealed-share.ts";
import type { DapTask } from "./task.ts";
import { NO_AGG_PARAM } from "./task-vdaf.ts";

export interface Collection {
  readonly reportCount: number;
  /** The smallest interval with all reports in it, in units of the time precision. */
  readonly interval: Interval;
  /** Residues in [0, p) of the VDAF's field; with noise, negative sums wrap. */
  readonly aggregate: readonly bigint[];
  /** As the nodes sealed them, noise included: whoever holds both can add them again. */
  readonly leaderAggregateShare: Uint8Array;
  readonly helperAggregateShare: Uint8Array;
}

/**
 * Asks for all reports whose times are inside the interval.
 *
 * @param aggParam as encoded, for VDAFs that have a choice
 */
export function collectInterval(
  batchInterval: Interval,
  aggParam: Uint8Array = NO_AGG_PARAM,
): CollectionJobReq {
  const query = { batchMode: "time_interval", batchInterval } as const;
  return { query, aggParam, extensions: [] };
}

/** Asks for the next batch, in leader-selected mode. */
export function collectNextBatch(aggParam: Uint8Array = NO_AGG_PARAM): CollectionJobReq {
  const query = { batchMode: "leader_selected" } as const;
  return { query, aggParam, extensions: [] };
}

/**
 * The result of a collection job.
 *
 * @throws {DapPeerError} malformedResponse; unexpectedResult when it is of other or too few reports,
 *   or was not sealed for this task, request and collector
 */
export function openCollection(
  task: DapTask,
  keys: HpkeKeys,
  request: CollectionJobReq,
  body: Uint8Array,
): Collection {
  const { vdaf } = aggregationOf(task, request.aggParam);
  const response = readResponse(() => decodeCollectionJobResp(body));
  const { reportCount, interval } = response;
  if (reportCount < task.configuration.minBatchSize) {
    const expected = `expected at least ${task.configuration.minBatchSize} reports`;
    throw new DapPeerError("unexpectedResult", `${expected}, got ${reportCount}`);
  }
  const { query } = request;
  if (query.batchMode === "time_interval" && !isWithin(interval, query.batchInterval)) {
    throw new DapPeerError("unexpectedResult", "expected reports from the queried interval");
  }
  const open = (role: AggregatorRole, ciphertext: HpkeCiphertext): Uint8Array => {
    const share = openAggregateShare(task, role, keys, request, ciphertext);
    if (share?.length === vdaf.aggregateShareSize) return share;
    throw new DapPeerError(
      "unexpectedResult",
      `expected the ${role}'s aggregate share, sealed for this task and request`,
    );
  };
  const leaderAggregateShare = open("leader", response.leaderEncryptedAggShare);
  const helperAggregateShare = open("helper", response.helperEncryptedAggShare);
  const shares = [leaderAggregateShare, helperAggregateShare];
  const aggregate = vdaf.unshard(shares, reportCount);
  return { reportCount, interval, aggregate, leaderAggregateShare, helperAggregateShare };
}
