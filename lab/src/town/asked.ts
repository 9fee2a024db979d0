/** What became of those who were asked, in a quarter of the town or in all of it. Plain data. */

import type { LabFailure } from "../result.ts";

/** Per task the sums of measurements in clear. */
export type Sums = readonly (readonly number[])[];

export interface Asked {
  readonly consented: number;
  readonly denied: number;
  readonly dropped: number;
  readonly liars: number;
  /** Whose honest reports the leader has. */
  readonly sent: number;
  /** Why vaults that agreed sent nothing, and how many they are. */
  readonly failures: ReadonlyMap<string, number>;
  /** Vaults on whose rows the map failed; they are counted as absent, as the protocol has it. */
  readonly silent: LabFailure | null;
  /** Over those whose honest reports were sent. */
  readonly counted: Sums;
  /** Over the rows of everybody whom the study admits. */
  readonly everybody: Sums;
  /** Reports refused at the leader's door, by reason. */
  readonly refused: ReadonlyMap<string, number>;
  /** CPU time in the vaults of those who agreed: of their maps, and of all else until the reports. */
  readonly mapMs: number;
  readonly encodeMs: number;
}

/** How far a quarter is. */
export interface AskedSoFar {
  readonly people: number;
  /** Reports on their way to the leader or there, those of liars among them. */
  readonly reports: number;
  readonly sent: number;
  readonly failed: number;
  readonly silent: number;
}

export const NOBODY_ASKED: AskedSoFar = { people: 0, reports: 0, sent: 0, failed: 0, silent: 0 };

/** After so many vaults it shows whether the study is at fault; then nobody else is asked. */
const FAILURES_MIN = 100;

/** Nobody has managed to contribute anything: the study itself is at fault. */
export function isHopeless({ failed, silent, sent }: AskedSoFar): boolean {
  return failed + silent >= FAILURES_MIN && sent <= silent;
}

/** Of two quarters together. */
export function addSoFar(one: AskedSoFar, other: AskedSoFar): AskedSoFar {
  return {
    people: one.people + other.people,
    reports: one.reports + other.reports,
    sent: one.sent + other.sent,
    failed: one.failed + other.failed,
    silent: one.silent + other.silent,
  };
}

/** Of two quarters together. */
export function addAsked(one: Asked, other: Asked): Asked {
  return {
    consented: one.consented + other.consented,
    denied: one.denied + other.denied,
    dropped: one.dropped + other.dropped,
    liars: one.liars + other.liars,
    sent: one.sent + other.sent,
    failures: addCounts(one.failures, other.failures),
    silent: addFailure(one.silent, other.silent),
    counted: addSums(one.counted, other.counted),
    everybody: addSums(one.everybody, other.everybody),
    refused: addCounts(one.refused, other.refused),
    mapMs: one.mapMs + other.mapMs,
    encodeMs: one.encodeMs + other.encodeMs,
  };
}

/** In the words of the first. */
export function addFailure(one: LabFailure | null, other: LabFailure | null): LabFailure | null {
  if (one === null || other === null) return one ?? other;
  return { reason: one.reason, people: one.people + other.people };
}

function addCounts(
  one: ReadonlyMap<string, number>,
  other: ReadonlyMap<string, number>,
): ReadonlyMap<string, number> {
  const sums = new Map(one);
  for (const [name, count] of other) sums.set(name, (sums.get(name) ?? 0) + count);
  return sums;
}

function addSums(one: Sums, other: Sums): Sums {
  return one.map((sum, task) => sum.map((value, index) => value + (other[task]?.[index] ?? 0)));
}
