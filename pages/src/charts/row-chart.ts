/**
 * Rows of estimates with their 95 % intervals and the truth: one line a cell, the label on the
 * left, the number on the right. Bars start at zero (counts, shares), dots do not (levels).
 */

import type { Interval } from "@sumus/study";
import { html, type Markup } from "../markup/html.ts";
import { type Datum, drawable, NARROW_WIDTH } from "./drawing.ts";
import { linearScale, type Scale } from "./scale.ts";
import { circle, label, path, picture, rect } from "./shapes.ts";

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
  const labelWidth = Math.min(narrow ? 156 : 190, 10 + longest * (narrow ? 7 : 7.6));
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
    if (shown === null) return truth;
    const { low, high } = shown.total ?? shown;
    return [Math.max(low, chart.bars ? 0 : -Infinity), high, ...truth];
  });
  return linearScale(chart.bars ? [0, ...values] : values, {
    start: layout.plotStart,
    end: layout.plotEnd,
    tickCount: layout.width <= NARROW_WIDTH ? 3 : 6,
  });
}

function drawGrid(chart: RowChart, scale: Scale, layout: Layout): Markup {
  const bottom = layout.height - AXIS_HEIGHT + 4;
  const lines = scale.ticks.map((tick) => [
    path("grid", "M", scale.at(tick), 0, "V", bottom),
    label("tick", scale.at(tick), bottom + 17, chart.formatTick(tick)),
  ]);
  return html`${lines}`;
}

/** From zero to the estimate, with a whisker for the interval. */
function drawBar(
  className: string,
  from: number,
  to: number,
  ends: readonly [number, number],
  y: number,
): Markup {
  const [low, high] = ends;
  const box = { x: from, y: y - 8, width: to - from, height: 16, round: 2 };
  return html`${rect(`bar ${className}`, box)}
${path("whisker", "M", low, y, "H", high, "M", low, y - 4, "v8M", high, y - 4, "v8")}`;
}

/** A dot on its interval. */
function drawDot(
  className: string,
  at: number,
  ends: readonly [number, number],
  y: number,
): Markup {
  const [low, high] = ends;
  const width = Math.max(2, high - low);
  return html`${rect(`interval ${className}`, { x: low, y: y - 5, width, height: 10, round: 5 })}
${circle(`dot ${className}`, at, y, 5.5)}`;
}

function drawMarks(chart: RowChart, row: Row, scale: Scale, y: number): Markup {
  const shown = drawable(row);
  if (shown === null) {
    // Why after the truth: its mark would strike the words through.
    const after = Math.max(scale.low, row.truth ?? scale.low);
    return label("unsure-text", scale.at(after) + 8, y + 4.5, "too uncertain to say");
  }
  const ends = [scale.at(shown.low), scale.at(shown.high)] as const;
  const [className, estimate] = [`s${row.series}`, scale.at(shown.estimate)];
  const marks = chart.bars
    ? drawBar(className, scale.at(scale.low), estimate, ends, y)
    : drawDot(className, estimate, ends, y);
  return html`${shown.total !== null && drawTotal(shown.total, scale, y)}${marks}`;
}

/** The interval about a population: a thin line that reaches beyond that of the noise. */
function drawTotal({ low, high }: Interval, scale: Scale, y: number): Markup {
  const from = Math.max(low, scale.low);
  return path("total", "M", scale.at(from), y, "H", scale.at(high));
}

function drawRow(chart: RowChart, row: Row, scale: Scale, layout: Layout, top: number): Markup {
  const middle = top + ROW_HEIGHT / 2;
  const truth = row.truth !== null && path("truth", "M", scale.at(row.truth), middle - 10, "v20");
  return html`<g>${label("row-label", 0, middle + 5, row.label)}
${drawMarks(chart, row, scale, middle)}${truth}
${label("row-value", layout.width, middle + 5, row.text)}</g>`;
}

/** Draws the chart for a width in units. */
export function drawRowChart(chart: RowChart, width: number): Markup {
  const layout = layoutOf(chart.rows, width);
  const scale = scaleOf(chart, layout);
  const rows = chart.rows.map((row, index) =>
    drawRow(chart, row, scale, layout, layout.tops[index] ?? 0),
  );
  return picture(layout, chart.label, "chart", [drawGrid(chart, scale, layout), rows]);
}
