/** Turns the views of a story into drawings, each with its title, its key and a sentence for ears. */

import { drawColumnChart, type Panel } from "../charts/column-chart.ts";
import { forBothWidths } from "../charts/drawing.ts";
import { type Area, drawLegend, drawMap } from "../charts/map-chart.ts";
import { drawRowChart, type Row } from "../charts/row-chart.ts";
import { classBorders, classOf, rampOf } from "../charts/scale.ts";
import type { Basemap } from "../geo/basemap.ts";
import type { LabMeasure, LabStudyResult } from "../result.ts";
import { html, type Markup } from "./html.ts";
import { formatCount, formatDecimals, formatPercent } from "./numbers.ts";
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

function valueText(measure: LabMeasure, style: NumberStyle): string {
  const { estimate, low, high, suppressed } = measure;
  if (suppressed || estimate === null || low === null || high === null) return "";
  const half = (high - low) / 2;
  if (style === "percent") {
    return `${formatDecimals(estimate * 100, 1)} ± ${formatDecimals(half * 100, 1)} %`;
  }
  return `${formatValue(estimate, style)} ± ${formatValue(half, style)}`;
}

/** The values of the dimension that colours the marks: the last of two, or of a histogram's group. */
function seriesNames(measures: readonly LabMeasure[]): string[] {
  const first = measures[0];
  const dimensions = Object.keys(first?.group ?? {});
  const colouring = first?.bin === null ? dimensions[1] : dimensions.at(-1);
  if (colouring === undefined) return [];
  const names = [...new Set(measures.map(({ group }) => group?.[colouring] ?? ""))];
  return names.length === 2 ? names : [];
}

function rowsOf(measures: readonly LabMeasure[], view: RowsView): Row[] {
  const series = seriesNames(measures);
  const rows = measures.map((measure): { key: string; row: Row } => {
    const values = Object.values(measure.group ?? {});
    const own = series.length === 0 ? values : values.slice(0, -1);
    const key = [...own, ...(measure.bin === null ? [] : [measure.bin])].join(", ") || "everybody";
    return {
      key,
      row: {
        ...measure,
        label: view.labels?.[key] ?? plainLabel(key),
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

function drawKey(series: readonly string[], bars: boolean, upright = false): Markup {
  const shape = (index: number): Markup =>
    bars
      ? html`<rect class="bar s${index}" x="2" y="3" width="18" height="12" rx="2"/>`
      : html`<rect class="interval s${index}" y="4" width="24" height="10" rx="5"/><circle class="dot s${index}" cx="12" cy="9" r="5"/>`;
  const names = series.length === 0 ? ["estimate"] : series;
  return html`<ul class="key">${names.map((name, index) => html`<li><svg viewBox="0 0 24 18" aria-hidden="true">${shape(index)}</svg>${name}</li>`)}
<li><svg viewBox="0 0 24 18" aria-hidden="true">${bars ? html`<path class="whisker" d="${upright ? "M12 1V17" : "M3 9H21M3 5v8M21 5v8"}"/>` : html`<rect class="interval s0" y="4" width="24" height="10" rx="5"/>`}</svg>95 % interval</li>
<li><svg viewBox="0 0 24 18" aria-hidden="true"><path class="truth" d="${upright ? "M2 9h20" : "M12 0v18"}"/></svg>truth, known only in the lab</li></ul>`;
}

function drawRows(study: LabStudyResult, view: RowsView): Markup {
  const all = measuresNamed(study, view.measure);
  const shown =
    view.top === undefined
      ? all
      : all.toSorted((a, b) => (b.estimate ?? 0) - (a.estimate ?? 0)).slice(0, view.top);
  if (shown.length === 0) return html``;
  const chart = {
    label: `${view.title}: ${shown.length} estimates with intervals; the table below has the numbers.`,
    rows: rowsOf(shown, view),
    bars: view.bars,
    formatTick: (value: number) => formatTick(value, view.style),
  };
  return html`<figure><figcaption>${view.title}</figcaption>${drawKey(seriesNames(shown), view.bars)}
${forBothWidths((width) => drawRowChart(chart, width))}</figure>`;
}

/** `[160, 200)` starts at 160. */
function binStart(bin: string): string {
  return /^\[([^,]+),/.exec(bin)?.[1] ?? bin;
}

function drawColumns(study: LabStudyResult, view: Extract<View, { kind: "columns" }>): Markup {
  const measures = measuresNamed(study, view.measure);
  const series = seriesNames(measures);
  const labels = [...new Set(measures.map(({ group }) => groupLabel(group)))];
  const panels = labels.map((label): Panel => {
    const columns = measures.filter(({ group }) => groupLabel(group) === label);
    const last = Object.values(columns[0]?.group ?? {}).at(-1) ?? "";
    return { title: label, series: Math.max(0, series.indexOf(last)), columns };
  });
  const bins = [...new Set(measures.map(({ bin }) => bin ?? ""))];
  const chart = {
    label: view.title,
    panels,
    borders: bins.slice(1).map(binStart),
    formatTick: (value: number) => formatCount(value),
  };
  return html`<figure><figcaption>${view.title}</figcaption>${drawKey(series, true, true)}${drawColumnChart(chart)}</figure>`;
}

function areasOf(
  measures: readonly LabMeasure[],
  view: MapView,
  borders: readonly number[],
  side: "answer" | "truth",
): Area[] {
  return measures.map((measure): Area => {
    const name = measure.group?.[view.dimension] ?? "";
    const value = side === "answer" ? measure.estimate : measure.truth;
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

function drawMaps(study: LabStudyResult, view: MapView, basemap: Basemap): Markup {
  const measures = measuresNamed(study, view.measure);
  const highest = Math.max(
    ...measures.map(({ estimate, truth }) => Math.max(estimate ?? 0, truth ?? 0)),
  );
  const borders = classBorders(study.peopleMin, highest);
  const map = (side: "answer" | "truth", caption: string): Markup => html`<figure class="half">
${drawMap(basemap, { label: `Map. ${view.title}: ${caption}`, kind: view.areas, areas: areasOf(measures, view, borders, side) })}
<figcaption>${caption}</figcaption></figure>`;
  return html`<figure><figcaption>${view.title}</figcaption>${drawLegend(borders, view.areas, view.unitName)}
<div class="maps">${map("answer", "The answer, as anybody sees it")}${map("truth", "The truth, known only in the lab")}</div></figure>`;
}

/** Draws one view. */
export function drawView(study: LabStudyResult, view: View, basemap: Basemap): Markup {
  switch (view.kind) {
    case "rows":
      return drawRows(study, view);
    case "columns":
      return drawColumns(study, view);
    case "map":
      return drawMaps(study, view, basemap);
  }
}
