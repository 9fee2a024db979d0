/**
 * Small multiples of a histogram: one panel a group, all on one scale, so that shapes compare at a
 * glance. Panels are separate pictures; the page lays them out in as many columns as fit.
 */

import { html, type Markup } from "../markup/html.ts";
import { type Datum, drawable } from "./drawing.ts";
import { linearScale, type Scale } from "./scale.ts";
import { label, path, picture, rect } from "./shapes.ts";

export interface Panel {
  readonly title: string;
  /** 0 or 1: the colour. */
  readonly series: number;
  readonly columns: readonly Datum[];
}

export interface ColumnChart {
  readonly label: string;
  readonly panels: readonly Panel[];
  /** Names of the borders between columns, one fewer than columns. */
  readonly borders: readonly string[];
  readonly formatTick: (value: number) => string;
}

const WIDTH = 170;
const HEIGHT = 132;
const TOP = 12;
const BOTTOM = 110;
const LEFT = 33;

/** Where a column stands. */
interface Place {
  readonly x: number;
  readonly width: number;
}

function drawColumn(datum: Datum, scale: Scale, series: number, { x, width }: Place): Markup {
  const shown = drawable(datum);
  const middle = x + width / 2;
  const truth =
    datum.truth !== null && path("truth", "M", x + 1, scale.at(datum.truth), "h", width - 2);
  if (shown === null) {
    // Above the truth: its mark would strike the sign through.
    const markY = scale.at(datum.truth ?? 0) - 5;
    return html`${label("unsure-mark", middle, markY, "?")}${truth}`;
  }
  const top = scale.at(shown.estimate);
  const bar = { x: x + 2, y: top, width: width - 4, height: BOTTOM - top };
  return html`${rect(`bar s${series}`, bar)}
${path("whisker", "M", middle, scale.at(shown.low), "V", scale.at(shown.high))}${truth}`;
}

function drawPanel(chart: ColumnChart, panel: Panel, scale: Scale): Markup {
  const width = (WIDTH - LEFT) / panel.columns.length;
  const grid = scale.ticks.map((tick) => [
    path("grid", "M", LEFT, scale.at(tick), "H", WIDTH),
    label("tick end", LEFT - 5, scale.at(tick) + 4, chart.formatTick(tick)),
  ]);
  const borders = chart.borders.map((border, index) =>
    label("tick", LEFT + (index + 1) * width, BOTTOM + 15, border),
  );
  const columns = panel.columns.map((datum, index) =>
    drawColumn(datum, scale, panel.series, { x: LEFT + index * width, width }),
  );
  const size = { width: WIDTH, height: HEIGHT };
  return html`<figure class="panel"><figcaption>${panel.title}</figcaption>
${picture(size, `${chart.label}: ${panel.title}`, "chart", [grid, borders, columns])}</figure>`;
}

/** Draws all panels on one scale. */
export function drawColumnChart(chart: ColumnChart): Markup {
  const values = chart.panels.flatMap(({ columns }) =>
    columns.flatMap((datum) => [drawable(datum)?.high ?? 0, datum.truth ?? 0]),
  );
  const scale = linearScale([0, ...values], { start: BOTTOM, end: TOP, tickCount: 4 });
  const perRow = chart.panels.length % 4 !== 0 && chart.panels.length % 3 === 0 ? 3 : 4;
  const panels = chart.panels.map((panel) => drawPanel(chart, panel, scale));
  return html`<div class="panels by${perRow}">${panels}</div>`;
}
