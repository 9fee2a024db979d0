/**
 * The wall of the vault. {@link makeContribution} is the one function that turns a person's rows
 * into something that leaves: a report for each task of the study, sealed so that neither
 * aggregator can read it alone.
 *
 * @module
 */
import { assert, defined } from "@sumus/assert";
import { HpkeError } from "@sumus/crypto";
import { createReport } from "@sumus/dap";
import type { HpkeConfig } from "@sumus/dap/messages";
import type { RandomBytes } from "@sumus/time";
import type { MapTables } from "./map-tables.ts";
import { type MapRunner, type Measured, measure } from "./measure.ts";
import { rehearse } from "./rehearse.ts";
import type { StudyTerms } from "./study-terms.ts";

/** What a vault needs from outside to contribute. */
export interface ContributionContext {
  readonly sandbox: MapRunner;
  /** Fetched from the leader; keep the object, its key is imported once. */
  readonly leaderHpkeConfig: HpkeConfig;
  readonly helperHpkeConfig: HpkeConfig;
}

export type MadeContribution =
  | ({
      readonly ok: true;
      /** One encoded report for each task, in their order. */
      readonly reports: readonly Uint8Array[];
    } & Measured)
  | { readonly ok: false; readonly reason: string };

/**
 * A report for every task of the study, also when the map yields no row or fails on these rows:
 * that a vault takes part says what it holds, and nothing about what is in it.
 */
export async function makeContribution(
  terms: StudyTerms,
  tables: MapTables,
  context: ContributionContext,
  nowSeconds: number,
  randomBytes: RandomBytes,
): Promise<MadeContribution> {
  const rehearsal = await rehearse(terms, tables, context.sandbox);
  if (!rehearsal.ok) return rehearsal;
  const measured = await measure(terms, tables, context.sandbox);
  const { measurements } = measured;
  assert(measurements.length === terms.tasks.length, "a measurement for every task");
  const { helperHpkeConfig, leaderHpkeConfig } = context;
  try {
    const reports = terms.tasks.map((task, index) => {
      const measurement = defined(measurements[index], "a measurement for every task");
      const input = { measurement, timeSeconds: nowSeconds, leaderHpkeConfig, helperHpkeConfig };
      return createReport(task, input, randomBytes);
    });
    return { ok: true, reports, ...measured };
  } catch (error) {
    if (!(error instanceof HpkeError)) throw error;
    return { ok: false, reason: `a node's encryption key cannot be used: ${error.message}` };
  }
}
