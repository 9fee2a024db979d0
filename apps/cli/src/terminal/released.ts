/** Numbers of a release in a terminal. */

import { LEVEL_KINDS } from "@sumus/pages";
import type { ReleaseMeasure } from "@sumus/study";
import { type Column, formatTable } from "./table.ts";

/** Numbers of one study that are shown; files have all of them. */
const MEASURES_SHOWN = 24;

/** Kinds by the measures' names. */
type MeasureKinds = Readonly<Record<string, string>>;

/** One more column beside the released numbers, such as the truth in a lab. */
export interface ExtraColumn<M> {
  readonly title: string;
  readonly of: (measure: M) => number | null;
}

/** A table; the largest first when they do not all fit: a map has hundreds of empty cells. */
export function formatReleased<M extends ReleaseMeasure>(
  measures: readonly M[],
  kinds: MeasureKinds,
  extra: readonly ExtraColumn<M>[] = [],
): string {
  const shown =
    measures.length <= MEASURES_SHOWN
      ? measures
      : measures
          .toSorted((a, b) => (b.estimate ?? -Infinity) - (a.estimate ?? -Infinity))
          .slice(0, MEASURES_SHOWN);
  // Numbers about a population have an interval from sampling too; studies without any need no columns.
  const samples = shown.some(({ sampling }) => sampling !== null);
  const intervals = samples
    ? ["95 % by noise", "95 % by sampling", "95 % by both"]
    : ["95 % interval"];
  const columns: Column[] = [
    { title: "measure", align: "left" },
    { title: "who", align: "left" },
    ...["estimate", ...intervals].map((title): Column => ({ title, align: "right" })),
    ...extra.map(({ title }): Column => ({ title, align: "right" })),
  ];
  const rows = shown.map((measure) => {
    const kind = kinds[measure.name];
    const all = cells(measure, kind, samples);
    return [...all, ...extra.map(({ of }) => figure(of(measure), kind))];
  });
  const left = measures.length - shown.length;
  const more = left > 0 ? `\n… and ${left.toLocaleString("en")} more` : "";
  return `${formatTable(columns, rows)}${more}${formatBases(shown)}`;
}

/** Whose sampling error is the most that declared bounds allow, and not what it is. */
function formatBases(measures: readonly ReleaseMeasure[]): string {
  const named = measures.filter(({ sampling }) => sampling?.basis === "bounds");
  if (named.length === 0) return "";
  const names = [...new Set(named.map(({ name }) => name))].join(", ");
  return `\nby sampling at most, from their bounds: ${names}`;
}

function cells(measure: ReleaseMeasure, kind: string | undefined, samples: boolean): string[] {
  const { name, group, bin, estimate, low, high, sampling, total, suppressed } = measure;
  const where = [...Object.values(group ?? {}), bin ?? ""].filter(Boolean).join(", ");
  const more = samples ? [sampling, total] : [];
  if (suppressed) return [name, where, "too uncertain to say", "", ...more.map(() => "")];
  const intervals = [{ low, high }, ...more].map((interval) => range(interval, kind));
  return [name, where, figure(estimate, kind), ...intervals];
}

function range(
  interval: { readonly low: number | null; readonly high: number | null } | null,
  kind: string | undefined,
): string {
  return interval === null ? "" : `${figure(interval.low, kind)} to ${figure(interval.high, kind)}`;
}

function figure(value: number | null, kind: string | undefined): string {
  if (value === null) return "-";
  if (kind === "share") return `${(100 * value).toFixed(1)} %`;
  return LEVEL_KINDS.has(kind ?? "") ? value.toFixed(2) : Math.round(value).toLocaleString("en");
}
