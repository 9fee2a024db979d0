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
  const columns: Column[] = [
    { title: "measure", align: "left" },
    { title: "who", align: "left" },
    { title: "estimate", align: "right" },
    { title: "95 % interval", align: "right" },
    ...extra.map(({ title }): Column => ({ title, align: "right" })),
  ];
  const rows = shown.map((measure) => {
    const kind = kinds[measure.name];
    return [...cells(measure, kind), ...extra.map(({ of }) => figure(of(measure), kind))];
  });
  const left = measures.length - shown.length;
  const more = left > 0 ? `\n… and ${left.toLocaleString("en")} more` : "";
  return `${formatTable(columns, rows)}${more}`;
}

function cells(measure: ReleaseMeasure, kind: string | undefined): string[] {
  const { name, group, bin, estimate, low, high, suppressed } = measure;
  const where = [...Object.values(group ?? {}), bin ?? ""].filter(Boolean).join(", ");
  if (suppressed) return [name, where, "too uncertain to say", ""];
  return [name, where, figure(estimate, kind), `${figure(low, kind)} to ${figure(high, kind)}`];
}

function figure(value: number | null, kind: string | undefined): string {
  if (value === null) return "-";
  return LEVEL_KINDS.has(kind ?? "") ? value.toFixed(2) : Math.round(value).toLocaleString("en");
}
