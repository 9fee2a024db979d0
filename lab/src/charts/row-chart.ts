/**
 * Rows of estimates with their 95 % intervals and the truth: one line a cell, the label on the left,
 * the number on the right. Bars start at zero (counts, shares), dots do not (levels).
 */

import { html, type Markup } from "../report/html.ts";
import { type Datum, drawable, NARROW_WIDTH, unit } from "./drawing.ts";
import { linearScale, type Scale } from "./scale.ts";

export interface Row extends Datum {
  /** Empty for a further series of the row above. */
  readonly label: string;
  /** 0 or 1: the colour. */
  readonly series: number;
  /** The number as text: `187 ± 2`. */
  readonly text: string;
}

export interface RowChart {
  readonly label: string;
  readonly rows: readonly Row[];
  readonly bars: boolean;
  readonly formatTick: (value: number) => string;
}

const ROW_HEIGHT = 26;
/** Extra space above a row with a label, when rows come in groups. */
const GROUP_GAP = 9;
const AXIS_HEIGHT = 30;

interface Layout {
  readonly width: number;
  readonly height: number;
  readonly plotStart: number;
  readonly plotEnd: number;
  readonly tops: readonly number[];
}

function layoutOf(rows: readonly Row[], width: number): Layout {
  const narrow = width <= NARROW_WIDTH;
  const longest = Math.max(...rows.map(({ label }) => label.length));
  const labelWidth = Math.min(narrow ? 112 : 190, 14 + longest * (narrow ? 7 : 7.6));
  const textWidth = narrow ? 74 : 104;
  const grouped = rows.some(({ label }) => label === "");
  const tops: number[] = [];
  let y = 4;
  for (const [index, { label }] of rows.entries()) {
    if (grouped && index > 0 && label !== "") y += GROUP_GAP;
    tops.push(y);
    y += ROW_HEIGHT;
  }
  return {
    width,
    height: y + AXIS_HEIGHT,
    plotStart: labelWidth,
    plotEnd: width - textWidth,
    tops,
  };
}

function scaleOf(chart: RowChart, layout: Layout): Scale {
  const values = chart.rows.flatMap((row) => {
    const shown = drawable(row);
    const truth = row.truth === null ? [] : [row.truth];
    return shown === null
      ? truth
      : [Math.max(shown.low, chart.bars ? 0 : -Infinity), shown.high, ...truth];
  });
  return linearScale(chart.bars ? [0, ...values] : values, {
    start: layout.plotStart,
    end: layout.plotEnd,
    tickCount: layout.width <= NARROW_WIDTH ? 3 : 6,
  });
}

function drawGrid(chart: RowChart, scale: Scale, layout: Layout): Markup {
  const bottom = layout.height - AXIS_HEIGHT + 4;
  return html`${scale.ticks.map((tick) => {
    const x = unit(scale.at(tick));
    return html`<path class="grid" d="M${x} 0V${bottom}"/><text class="tick" x="${x}" y="${bottom + 17}">${chart.formatTick(tick)}</text>`;
  })}`;
}

function drawMarks(chart: RowChart, row: Row, scale: Scale, middle: number): Markup {
  const shown = drawable(row);
  if (shown === null) {
    // Why after the truth: its mark would strike the words through.
    const after = Math.max(scale.low, row.truth ?? scale.low);
    return html`<text class="unsure-text" x="${unit(scale.at(after) + 8)}" y="${middle + 4.5}">too uncertain to say</text>`;
  }
  const [start, low, high, estimate] = [scale.low, shown.low, shown.high, shown.estimate].map(
    (value) => unit(scale.at(value)),
  ) as [number, number, number, number];
  const whisker = html`<rect class="interval s${row.series}" x="${low}" y="${middle - 5}" width="${unit(Math.max(2, high - low))}" height="10" rx="5"/>`;
  const body = chart.bars
    ? html`<rect class="bar s${row.series}" x="${start}" y="${middle - 8}" width="${unit(Math.max(0, estimate - start))}" height="16" rx="2"/><path class="whisker" d="M${low} ${middle}H${high}M${low} ${middle - 4}v8M${high} ${middle - 4}v8"/>`
    : html`${whisker}<circle class="dot s${row.series}" cx="${estimate}" cy="${middle}" r="5.5"/>`;
  return body;
}

function drawRow(chart: RowChart, row: Row, scale: Scale, layout: Layout, top: number): Markup {
  const middle = top + ROW_HEIGHT / 2;
  const truth =
    row.truth !== null &&
    html`<path class="truth" d="M${unit(scale.at(row.truth))} ${middle - 10}v20"/>`;
  return html`<g>
<text class="row-label" x="0" y="${middle + 5}">${row.label}</text>
${drawMarks(chart, row, scale, middle)}${truth}
<text class="row-value" x="${layout.width}" y="${middle + 5}">${row.text}</text></g>`;
}

/** Draws the chart for a width in units. */
export function drawRowChart(chart: RowChart, width: number): Markup {
  const layout = layoutOf(chart.rows, width);
  const scale = scaleOf(chart, layout);
  return html`<svg class="chart" viewBox="0 0 ${width} ${unit(layout.height)}" role="img" aria-label="${chart.label}">
${drawGrid(chart, scale, layout)}
${chart.rows.map((row, index) => drawRow(chart, row, scale, layout, layout.tops[index] ?? 0))}</svg>`;
}
