/** Turns the views of a story into drawings, each with its title, its key and a line for ears. */

import type { AnswerMeasure, StudyAnswer } from "../answer.ts";
import { drawColumnChart, type Panel } from "../charts/column-chart.ts";
import { type Datum, forBothWidths } from "../charts/drawing.ts";
import { type Area, drawCellMap, drawLegend, drawMap } from "../charts/map-chart.ts";
import { drawRowChart, type Row } from "../charts/row-chart.ts";
import { classBorders, classOf, rampOf } from "../charts/scale.ts";
import { circle, label, path, rect, swatch } from "../charts/shapes.ts";
import type { Basemap } from "../geo/basemap.ts";
import { html, type Insert, type Markup } from "../markup/html.ts";
import { formatCount, formatDecimals, formatPercent, MINUS } from "../markup/numbers.ts";
import { groupLabel, measuresNamed, type NumberStyle, plainLabel, type View } from "./story.ts";

type RowsView = Extract<View, { kind: "rows" }>;
type MapView = Extract<View, { kind: "map" }>;

/** A number in the style of its view. */
function formatValue(value: number, style: NumberStyle): string {
  if (style === "percent") return formatPercent(value);
  return style === "decimal" ? formatDecimals(value, 1) : formatCount(value);
}

function formatTick(value: number, style: NumberStyle): string {
  if (style === "percent") return `${formatCount(value * 100)} %`;
  return Number.isInteger(value) ? formatCount(value) : formatDecimals(value, 1);
}

function valueText(measure: AnswerMeasure, style: NumberStyle): string {
  const { estimate, low, high, suppressed } = measure;
  if (suppressed || estimate === null || low === null || high === null) return "";
  const half = (high - low) / 2;
  if (style === "percent") {
    return `${formatDecimals(estimate * 100, 1)} ± ${formatDecimals(half * 100, 1)} %`;
  }
  return `${formatValue(estimate, style)} ± ${formatValue(half, style)}`;
}

/** The values of the dimension that colours marks: the last of two, or of a histogram's. */
function seriesNames(measures: readonly AnswerMeasure[]): string[] {
  const first = measures[0];
  const dimensions = Object.keys(first?.group ?? {});
  const colouring = first?.bin === null ? dimensions[1] : dimensions.at(-1);
  if (colouring === undefined) return [];
  const names = [...new Set(measures.map(({ group }) => group?.[colouring] ?? ""))];
  return names.length === 2 ? names : [];
}

function datumOf({ truth = null, ...measure }: AnswerMeasure): Datum {
  return { ...measure, truth };
}

/** Whether the truth is known, which it is nowhere but in a lab. */
function hasTruth(measures: readonly AnswerMeasure[]): boolean {
  return measures.some(({ truth }) => truth !== undefined);
}

function rowsOf(measures: readonly AnswerMeasure[], view: RowsView): Row[] {
  const series = seriesNames(measures);
  const rows = measures.map((measure): { key: string; row: Row } => {
    const values = Object.values(measure.group ?? {});
    const own = series.length === 0 ? values : values.slice(0, -1);
    const parts = [...own, ...(measure.bin === null ? [] : [measure.bin])];
    const key = parts.join(", ") || "everybody";
    const words = parts.map((part) => view.labels?.[part] ?? plainLabel(part)).join(", ");
    return {
      key,
      row: {
        ...datumOf(measure),
        label: view.labels?.[key] ?? (words === "" ? key : words),
        series: Math.max(0, series.indexOf(values.at(-1) ?? "")),
        text: valueText(measure, view.style),
      },
    };
  });
  // Cells of one label stand together: the first carries it, the others follow in their colours.
  const keys = [...new Set(rows.map(({ key }) => key))];
  return keys.flatMap((key) =>
    rows
      .filter((entry) => entry.key === key)
      .map(({ row }, index) => (index === 0 ? row : { ...row, label: "" })),
  );
}

/** What colours and marks mean. */
function drawKey(
  series: readonly string[],
  options: {
    readonly bars: boolean;
    readonly truth: boolean;
    readonly total?: boolean;
    readonly upright?: boolean;
    readonly unsure?: boolean;
  },
): Markup {
  const { bars, total = false, upright = false, unsure = false } = options;
  const interval = (index: number): Markup =>
    rect(`interval s${index}`, { x: 0, y: 4, width: 24, height: 10, round: 5 });
  const estimate = (index: number): Insert =>
    bars
      ? rect(`bar s${index}`, { x: 2, y: 3, width: 18, height: 12, round: 2 })
      : [interval(index), circle(`dot s${index}`, 12, 9, 5)];
  const whisker = path("whisker", upright ? "M12 1V17" : "M3 9H21M3 5v8M21 5v8");
  const truth = path("truth", upright ? "M2 9h20" : "M12 0v18");
  const names = series.length === 0 ? ["estimate"] : series;
  const entries: readonly (readonly [Insert, string])[] = [
    ...names.map((name, index) => [estimate(index), name] as const),
    [bars ? whisker : interval(0), total ? "95 % by noise" : "95 % interval"],
    ...(total ? [[path("total", "M0 9H24"), "with sampling error"] as const] : []),
    ...(options.truth ? [[truth, "truth, known only here"] as const] : []),
    ...(unsure ? [[label("unsure-mark", 12, 14, "?"), "too uncertain to say"] as const] : []),
  ];
  const items = entries.map(([mark, text]) => html`<li>${swatch(24, 18, mark)}${text}</li>`);
  return html`<ul class="key">${items}</ul>`;
}

function figure(title: string, ...content: readonly Insert[]): Markup {
  return html`<figure><figcaption>${title}</figcaption>${content}</figure>`;
}

function drawRows(study: StudyAnswer, view: RowsView): Markup {
  const all = measuresNamed(study, view.measure);
  const shown =
    view.top === undefined
      ? all
      : all.toSorted((a, b) => (b.estimate ?? 0) - (a.estimate ?? 0)).slice(0, view.top);
  if (shown.length === 0) return html``;
  const chart = {
    label: `${view.title}: ${shown.length} estimates with intervals, in the table below.`,
    rows: rowsOf(shown, view),
    bars: view.bars,
    formatTick: (value: number) => formatTick(value, view.style),
  };
  return figure(
    view.title,
    drawKey(seriesNames(shown), {
      bars: view.bars,
      truth: hasTruth(shown),
      total: shown.some(({ total }) => total !== null),
    }),
    forBothWidths((width) => drawRowChart(chart, width)),
  );
}

/** `[160, 200)` starts at 160. */
function binStart(bin: string): string {
  return (/^\[([^,]+),/.exec(bin)?.[1] ?? bin).replace("-", MINUS);
}

function drawColumns(study: StudyAnswer, view: Extract<View, { kind: "columns" }>): Markup {
  const measures = measuresNamed(study, view.measure);
  const series = seriesNames(measures);
  const groups = [...new Set(measures.map(({ group }) => groupLabel(group)))];
  const panels = groups.map((title): Panel => {
    const own = measures.filter(({ group }) => groupLabel(group) === title);
    const last = Object.values(own[0]?.group ?? {}).at(-1) ?? "";
    return { title, series: Math.max(0, series.indexOf(last)), columns: own.map(datumOf) };
  });
  const bins = [...new Set(measures.map(({ bin }) => bin ?? ""))];
  const unsure = measures.some(({ suppressed }) => suppressed);
  const chart = {
    label: view.title,
    panels,
    borders: bins.slice(1).map(binStart),
    formatTick: (value: number) => formatCount(value),
  };
  return figure(
    view.title,
    drawKey(series, { bars: true, truth: hasTruth(measures), upright: true, unsure }),
    drawColumnChart(chart),
  );
}

function areasOf(
  measures: readonly AnswerMeasure[],
  view: MapView,
  borders: readonly number[],
  side: "answer" | "truth",
): Area[] {
  return measures.map((measure): Area => {
    const name = measure.group?.[view.dimension] ?? "";
    const value = side === "answer" ? measure.estimate : (measure.truth ?? null);
    if (value === null || (side === "answer" && measure.suppressed)) {
      return { name, title: `${name}: too uncertain to say`, paint: "unsure" };
    }
    const index = classOf(value, borders);
    const text = side === "answer" ? valueText(measure, "count") : formatCount(value);
    return {
      name,
      title: `${name}: ${text}`,
      paint: index < 0 ? "below" : rampOf(index, borders.length),
    };
  });
}

function drawMaps(study: StudyAnswer, view: MapView, basemap: Basemap | null): Markup {
  const measures = measuresNamed(study, view.measure);
  // Not Math.max(...): an area may have more cells than a call takes arguments.
  const highest = measures.reduce((most, { estimate, truth }) => {
    return Math.max(most, estimate ?? 0, truth ?? 0);
  }, 0);
  const borders = classBorders(study.peopleMin, highest);
  const map = (side: "answer" | "truth", caption: string): Markup => {
    const areas = areasOf(measures, view, borders, side);
    const says = `Map. ${view.title}: ${caption}`;
    const chart = { label: says, kind: view.areas, areas };
    const drawn = basemap === null ? drawCellMap(chart) : drawMap(basemap, chart);
    return html`<figure class="half">${drawn}
<figcaption>${caption}</figcaption></figure>`;
  };
  const legend = drawLegend(borders, view.areas, view.unitName);
  const answer = map("answer", "The answer, as anybody sees it");
  if (!hasTruth(measures)) return figure(view.title, legend, answer);
  const truth = map("truth", "The truth, known only here");
  return figure(view.title, legend, html`<div class="maps">${answer}${truth}</div>`);
}

/** Draws one view; without a city's map, cells lie on lines of latitude and longitude. */
export function drawView(study: StudyAnswer, view: View, basemap: Basemap | null): Markup {
  switch (view.kind) {
    case "rows":
      return drawRows(study, view);
    case "columns":
      return drawColumns(study, view);
    case "map":
      return drawMaps(study, view, basemap);
  }
}
