/**
 * Tries a map on rows that are nobody's before it sees a person's: on empty tables, and on one row
 * of NULLs in each. A map that fails there is at fault by itself, so declining tells nothing about
 * anybody. Each vault of a process with the same columns learns from the same rehearsal.
 *
 * @module
 */
import { type MapTables, withRows } from "./map-tables.ts";
import { type MapRunner, type MapTerms, measure } from "./measure.ts";
import type { StudyTerms } from "./study-terms.ts";

export type Rehearsal = { readonly ok: true } | { readonly ok: false; readonly reason: string };

export async function rehearse(
  terms: StudyTerms,
  tables: MapTables,
  runner: MapRunner,
): Promise<Rehearsal> {
  const schema = Object.entries(tables).map(([name, { columns }]) => [name, columns]);
  const key = JSON.stringify(schema);
  const known = terms.rehearsals.get(key);
  if (known !== undefined) return known;
  const rehearsal = await rehearseFresh(terms, tables, runner);
  terms.rehearsals.set(key, rehearsal);
  return rehearsal;
}

export async function rehearseFresh(
  terms: MapTerms,
  tables: MapTables,
  runner: MapRunner,
): Promise<Rehearsal> {
  for (const rows of ["none", "one of nulls"] as const) {
    const { mapProblem } = await measure(terms, withRows(tables, rows), runner);
    if (mapProblem !== null) {
      return { ok: false, reason: `the study's map is at fault: ${mapProblem}` };
    }
  }
  return { ok: true };
}
