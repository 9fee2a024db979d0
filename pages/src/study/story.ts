/**
 * How a study is told: the question in plain words, what to draw, and the headline read off the
 * numbers. A study without a story of its own gets one from the kinds of its measures.
 */

import { type AnswerMeasure, LEVEL_KINDS, type MeasureKind, type StudyAnswer } from "../answer.ts";
import type { AreaKind } from "../charts/map-chart.ts";

/** How a number of a view is written. */
export type NumberStyle = "count" | "percent" | "decimal";

/** One drawing of a study's answer. */
export type View =
  | {
      readonly kind: "rows";
      readonly measure: string;
      readonly title: string;
      readonly style: NumberStyle;
      /** Bars from zero, or dots on their own scale. */
      readonly bars: boolean;
      /** Only the highest so many rows. */
      readonly top?: number;
      /** Plain words for a row, or for one of its groups and bins, where a label is technical. */
      readonly labels?: Readonly<Record<string, string>>;
    }
  | { readonly kind: "columns"; readonly measure: string; readonly title: string }
  | {
      readonly kind: "map";
      readonly measure: string;
      readonly title: string;
      /** The dimension whose values are areas. */
      readonly dimension: string;
      readonly areas: AreaKind;
      readonly unitName: string;
    };

export interface Story {
  /** Names the exported files. */
  readonly key: string;
  readonly question: string;
  /** One or two sentences read off the released numbers. Empty when there is nothing to say. */
  readonly headline: (study: StudyAnswer) => string;
  /** What a reader should know about the question, in a sentence or two. */
  readonly note: string;
  readonly views: readonly View[];
}

/** A file name from a title: `Cholesterol by age` gives `cholesterol-by-age`. */
function keyOf(title: string): string {
  const key = title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return key === "" ? "study" : key.slice(0, 60);
}

/** A label as a reader wants it: ranges of numbers with a proper dash. */
export function plainLabel(label: string): string {
  return label.replace(/(\d)-(?=\d)/g, "$1\u2013");
}

/** `[160, 200)` as `160 to 200`. */
export function plainBin(bin: string): string {
  const [, from, to] = /^\[([^,]+), ([^,\])]+)[\])]$/.exec(bin) ?? [];
  return from === undefined || to === undefined ? bin : `${from} to ${to}`;
}

/** The values of one measure, in the order of the release. */
export function measuresNamed(study: StudyAnswer, name: string): AnswerMeasure[] {
  return study.measures.filter((measure) => measure.name === name);
}

/** `40-59, female`; the title when the study has no groups. */
export function groupLabel(group: AnswerMeasure["group"]): string {
  return group === null ? "everybody" : plainLabel(Object.values(group).join(", "));
}

/** The story of a study that we know nothing about but its types. */
export function defaultStory(study: StudyAnswer): Story {
  const views = Object.keys(study.measureKinds).flatMap((measure) => viewsOf(study, measure));
  return { key: keyOf(study.title), question: study.title, headline: () => "", note: "", views };
}

/** Rows of a chart that a reader follows; of more, the highest are shown. */
const ROWS_MAX = 40;
/** Rows below a map. */
const MAP_ROWS = 12;
/** Columns of a histogram that have room beside each other, and panels of them. */
const COLUMNS_MAX = 6;
const PANELS_MAX = 12;

/** People in cells are a map, histograms of few bins are columns, all else is rows. */
function viewsOf(study: StudyAnswer, measure: string): View[] {
  const kind = study.measureKinds[measure] ?? "count";
  const values = measuresNamed(study, measure);
  const map = study.maps.find((source) => source.measure === measure);
  const level = LEVEL_KINDS.has(kind);
  const most = map === undefined ? ROWS_MAX : MAP_ROWS;
  const rows: View = {
    kind: "rows",
    measure,
    title: titleOf(study, measure),
    style: kind === "share" ? "percent" : level || kind === "sum" ? "decimal" : "count",
    // A share is a length from zero, as a count is.
    bars: !level || kind === "share",
    ...(values.length > most && { top: most }),
  };
  if (map !== undefined) {
    const { dimension } = map;
    return [
      { kind: "map", measure, title: rows.title, dimension, areas: "cell", unitName: "people" },
      { ...rows, title: `${rows.title}: the ${MAP_ROWS} highest` },
    ];
  }
  const bins = new Set(values.map(({ bin }) => bin)).size;
  const fits = bins <= COLUMNS_MAX && values.length <= bins * PANELS_MAX;
  return kind === "histogram" && fits ? [{ kind: "columns", measure, title: rows.title }] : [rows];
}

const KIND_WORDS: Readonly<Record<MeasureKind, string>> = {
  count: "people",
  sum: "sum",
  mean: "average",
  share: "share of people",
  variance: "variance",
  deviation: "standard deviation",
  histogram: "people by value",
  quantiles: "values below which a share of people lies",
  prefixes: "people by beginning",
};

/** `level (average)`; the name alone where it says so already. */
function titleOf({ measureKinds }: StudyAnswer, measure: string): string {
  const words = KIND_WORDS[measureKinds[measure] ?? "count"];
  return measure === words ? measure : `${measure} (${words})`;
}
