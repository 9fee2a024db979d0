/**
 * Whether a batch can be collected now, in the words that a collector hears.
 *
 * @module
 */
import { DapProblem, type DapTask, doOverlap, isEager } from "@sumus/dap";
import type { Interval, Query } from "@sumus/dap/messages";
import type { Transaction } from "@sumus/storage";
import type { ServedTask } from "./served-tasks.ts";
import { countAccumulated } from "./store/accumulators.ts";
import { closeBuckets } from "./store/batch-parameters.ts";
import { insertCollected, selectCollected } from "./store/batches.ts";
import { hasPending } from "./store/pending-reports.ts";
import {
  bucketsOf,
  markBatchCollected,
  type SelectedBatch,
  selectCompleteBatch,
  selectFillingBatch,
} from "./store/selected-batches.ts";
import { markReleased } from "./store/studies.ts";

/** A batch by its buckets, and in leader-selected mode by what the leader has selected. */
export interface BatchToCollect {
  readonly buckets: Interval;
  readonly selected: SelectedBatch | undefined;
}

export type Readiness =
  | { readonly kind: "complete"; readonly batch: BatchToCollect }
  /** Reports that may belong to it are not aggregated yet. */
  | { readonly kind: "pending" }
  /** All are aggregated, and too few were accepted. */
  | { readonly kind: "tooFew"; readonly reportCount: number };

/**
 * Leader: whether what a collector asks for can be collected as things stand.
 *
 * @param promised the ordinal of the batch that was chosen for the collector beforehand, if one was
 * @throws {DapProblem} batchOverlap
 */
export function readReadiness(
  transaction: Transaction,
  served: ServedTask,
  query: Query,
  promised: number | null,
): Promise<Readiness> {
  return query.batchMode === "time_interval"
    ? readIntervalReadiness(transaction, served, query.batchInterval)
    : readNextReadiness(transaction, served, promised);
}

async function readIntervalReadiness(
  transaction: Transaction,
  { number, task }: ServedTask,
  buckets: Interval,
): Promise<Readiness> {
  requireUncollected(await selectCollected(transaction, number), buckets);
  if (await hasPending(transaction, number, buckets)) return { kind: "pending" };
  const reportCount = await countAccumulated(transaction, number, buckets);
  if (reportCount < task.configuration.minBatchSize) return { kind: "tooFew", reportCount };
  return { kind: "complete", batch: { buckets, selected: undefined } };
}

async function readNextReadiness(
  transaction: Transaction,
  { number, task }: ServedTask,
  promised: number | null,
): Promise<Readiness> {
  const { minBatchSize } = task.configuration;
  const selected = await selectCompleteBatch(transaction, number, minBatchSize, promised);
  if (selected !== undefined) {
    return { kind: "complete", batch: { buckets: bucketsOf(selected), selected } };
  }
  if (await hasPending(transaction, number)) return { kind: "pending" };
  const filling = await selectFillingBatch(transaction, number, minBatchSize, promised);
  return { kind: "tooFew", reportCount: filling?.accepted ?? 0 };
}

/**
 * From now on the batch takes no more reports, no other collection has any of it, and its study cannot be
 * cancelled any more. In the transaction that makes this node's share, under the lock of a collection.
 */
export async function markCollected(
  transaction: Transaction,
  { number, task }: ServedTask,
  { buckets, selected }: BatchToCollect,
  nowSeconds: number,
): Promise<void> {
  await markReleased(transaction, number, nowSeconds);
  if (selected === undefined) await insertCollected(transaction, number, buckets);
  else await markBatchCollected(transaction, number, selected.ordinal);
  if (!isEager(task)) await closeBuckets(transaction, number, buckets);
}

/** @throws {DapProblem} batchOverlap */
export function requireUncollected(collected: readonly Interval[], interval: Interval): void {
  if (!collected.some((other) => doOverlap(other, interval))) return;
  throw new DapProblem(
    "batchOverlap",
    "expected an interval that no other collection took part of",
  );
}

/** @throws {DapProblem} invalidBatchSize */
export function requireEnoughPeople({ configuration }: DapTask, reportCount: number): void {
  if (reportCount >= configuration.minBatchSize) return;
  throw tooFewPeople(configuration, reportCount);
}

/** Such as `37 of 100 people so far`. */
export function peopleSoFar(people: number, peopleMin: number): string {
  return `${people} of ${peopleMin} people so far`;
}

export function tooFewPeople(
  { minBatchSize }: DapTask["configuration"],
  reportCount: number,
): DapProblem {
  return new DapProblem("invalidBatchSize", peopleSoFar(reportCount, minBatchSize));
}
