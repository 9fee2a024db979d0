/**
 * Whether a batch can be collected now, in the words that a collector hears.
 *
 * @module
 */
import { DapProblem, type DapTask, doOverlap } from "@sumus/dap";
import type { BatchSelector, Interval, Query } from "@sumus/dap/messages";

/**
 * The interval that a query or a selector names.
 *
 * @throws {DapProblem} invalidMessage in another batch mode
 */
export function intervalOf(batch: Query | BatchSelector): Interval {
  if (batch.batchMode === "time_interval") return batch.batchInterval;
  throw new DapProblem("invalidMessage", "expected a time-interval query, got another mode");
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
  throw new DapProblem("invalidBatchSize", peopleSoFar(reportCount, configuration.minBatchSize));
}

/** Such as `37 of 100 people so far`. */
export function peopleSoFar(people: number, peopleMin: number): string {
  return `${people} of ${peopleMin} people so far`;
}
