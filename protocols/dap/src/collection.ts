/**
 * How leader and helper turn a collector's request into two sealed aggregate shares [DAP-18,
 * Sections 4.6.1 and 4.6.4]. Which buckets were collected before is the store's to know: the caller
 * answers `batchOverlap` inside its transaction.
 *
 * @module
 */
import { equalBytes } from "@sumus/bytes";
import { aggregationOf } from "./aggregation.ts";
import { type BatchAggregate, isWithin } from "./batch.ts";
import { areStrictlyIncreasing, type HpkeCiphertext, type Interval } from "./messages/basic.ts";
import {
  type AggregateShareReq,
  type BatchSelector,
  type CollectionJobReq,
  decodeAggregateShare,
  decodeAggregateShareReq,
  decodeCollectionJobReq,
  encodeAggregateShareReq,
  encodeCollectionJobResp,
} from "./messages/collection.ts";
import { readResponse } from "./peer-error.ts";
import { DapProblem, readRequest } from "./problem.ts";
import type { DapTask } from "./task.ts";

/**
 * Leader: reads what a collector asks for.
 *
 * @throws {DapProblem} invalidMessage, invalidAggregationParameter, unsupportedExtension, batchInvalid
 */
export function readCollectionJob(task: DapTask, body: Uint8Array): CollectionJobReq {
  const request = readRequest(() => decodeCollectionJobReq(body));
  checkCollectionJob(task, request);
  return request;
}

/** Leader: the question to the helper about the batch that it has itself aggregated. */
export function createAggregateShareReq(
  task: DapTask,
  collectionJobReq: CollectionJobReq,
  batch: BatchAggregate,
  batchId?: Uint8Array,
): Uint8Array {
  checkBatchSize(task, batch.reportCount);
  return encodeAggregateShareReq({
    collectionJobReq,
    batchSelector: selectorOf(collectionJobReq, batchId),
    reportCount: batch.reportCount,
    checksum: batch.checksum,
  });
}

/**
 * Leader: the helper's sealed share out of its response.
 *
 * @throws {DapPeerError} malformedResponse
 */
export function readAggregateShare(body: Uint8Array): HpkeCiphertext {
  return readResponse(() => decodeAggregateShare(body)).encryptedAggregateShare;
}

/** Leader: the answer to the collector. */
export function createCollectionJobResp(
  batch: BatchAggregate & { readonly interval: Interval },
  leaderEncryptedAggShare: HpkeCiphertext,
  helperEncryptedAggShare: HpkeCiphertext,
): Uint8Array {
  const { reportCount, interval } = batch;
  return encodeCollectionJobResp({
    reportCount,
    interval,
    leaderEncryptedAggShare,
    helperEncryptedAggShare,
  });
}

/**
 * Helper: reads what the leader asks for, and checks it against itself and the task.
 *
 * @throws {DapProblem} as {@link readCollectionJob}
 */
export function readAggregateShareReq(task: DapTask, body: Uint8Array): AggregateShareReq {
  const request = readRequest(() => decodeAggregateShareReq(body));
  checkCollectionJob(task, request.collectionJobReq);
  const { query } = request.collectionJobReq;
  const { batchSelector } = request;
  if (batchSelector.batchMode !== query.batchMode) {
    throw new DapProblem("invalidMessage", "expected query and batch selector of one batch mode");
  }
  if (batchSelector.batchMode === "time_interval" && query.batchMode === "time_interval") {
    checkInterval(batchSelector.batchInterval);
    if (!isWithin(batchSelector.batchInterval, query.batchInterval)) {
      throw new DapProblem("batchInvalid", "expected a batch within the collector's query");
    }
  }
  return request;
}

/**
 * Helper: whether its own batch is the one that the leader means.
 *
 * @throws {DapProblem} invalidBatchSize, batchMismatch
 */
export function checkBatchAgreement(
  task: DapTask,
  request: AggregateShareReq,
  batch: BatchAggregate,
): void {
  checkBatchSize(task, batch.reportCount);
  if (batch.reportCount !== request.reportCount) {
    throw new DapProblem(
      "batchMismatch",
      `expected ${batch.reportCount} reports, got ${request.reportCount}`,
    );
  }
  if (!equalBytes(batch.checksum, request.checksum)) {
    throw new DapProblem("batchMismatch", "expected the same reports, got another checksum");
  }
}

/** @throws {DapProblem} invalidBatchSize, with how many of how many */
export function checkBatchSize(task: DapTask, reportCount: number): void {
  const { minBatchSize } = task.configuration;
  if (reportCount < minBatchSize) {
    throw new DapProblem("invalidBatchSize", `${reportCount} of ${minBatchSize} reports so far`);
  }
}

function checkCollectionJob(task: DapTask, request: CollectionJobReq): void {
  const { batchMode } = task.configuration;
  const { query, aggParam, extensions } = request;
  if (query.batchMode !== batchMode) {
    throw new DapProblem(
      "invalidMessage",
      `expected batch mode ${batchMode}, got ${query.batchMode}`,
    );
  }
  aggregationOf(task, aggParam);
  const types = extensions.map(({ type }) => type);
  if (!areStrictlyIncreasing(extensions)) {
    throw new DapProblem(
      "invalidExtension",
      `expected extensions in strictly increasing order, got ${types.join(", ")}`,
    );
  }
  if (extensions.length > 0) {
    throw new DapProblem("unsupportedExtension", `expected no extension, got ${types.join(", ")}`, {
      unsupportedExtensions: types,
    });
  }
  if (query.batchMode === "time_interval") checkInterval(query.batchInterval);
}

function checkInterval(interval: Interval): void {
  if (interval.duration < 1) {
    throw new DapProblem("batchInvalid", "expected an interval of at least one time precision");
  }
}

function selectorOf({ query }: CollectionJobReq, batchId: Uint8Array | undefined): BatchSelector {
  if (query.batchMode === "time_interval") return query;
  if (batchId === undefined) {
    throw new DapProblem("batchInvalid", "expected a batch that the leader has selected, got none");
  }
  return { batchMode: query.batchMode, batchId };
}
