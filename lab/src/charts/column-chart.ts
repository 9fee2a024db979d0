/**
 * Small multiples of a histogram: one panel a group, all on one scale, so that shapes compare at a
 * glance. Panels are separate pictures; the page lays them out in as many columns as fit.
 */

import { html, type Markup } from "../report/html.ts";
import { type Datum, drawable, unit } from "./drawing.ts";
import { linearScale, type Scale } from "./scale.ts";

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

function drawColumn(datum: Datum, scale: Scale, series: number, x: number, width: number): Markup {
  const shown = drawable(datum);
  const middle = unit(x + width / 2);
  const truth =
    datum.truth !== null &&
    html`<path class="truth" d="M${unit(x + 1)} ${unit(scale.at(datum.truth))}h${unit(width - 2)}"/>`;
  if (shown === null) {
    // Above the truth: its mark would strike the sign through.
    const markY = scale.at(datum.truth ?? 0) - 5;
    return html`<text class="unsure-mark" x="${middle}" y="${unit(markY)}">?</text>${truth}`;
  }
  const [estimate, low, high] = [shown.estimate, shown.low, shown.high].map((value) =>
    unit(scale.at(value)),
  ) as [number, number, number];
  return html`<rect class="bar s${series}" x="${unit(x + 2)}" y="${estimate}" width="${unit(width - 4)}" height="${unit(BOTTOM - estimate)}"/><path class="whisker" d="M${middle} ${low}V${high}"/>${truth}`;
}

function drawPanel(chart: ColumnChart, panel: Panel, scale: Scale): Markup {
  const width = (WIDTH - LEFT) / panel.columns.length;
  const grid = scale.ticks.map((tick) => {
    const y = unit(scale.at(tick));
    return html`<path class="grid" d="M${LEFT} ${y}H${WIDTH}"/><text class="tick end" x="${LEFT - 5}" y="${y + 4}">${chart.formatTick(tick)}</text>`;
  });
  const borders = chart.borders.map(
    (border, index) =>
      html`<text class="tick" x="${unit(LEFT + (index + 1) * width)}" y="${BOTTOM + 15}">${border}</text>`,
  );
  return html`<figure class="panel"><figcaption>${panel.title}</figcaption>
<svg class="chart" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${chart.label}: ${panel.title}">
${grid}${borders}${panel.columns.map((datum, index) => drawColumn(datum, scale, panel.series, LEFT + index * width, width))}</svg></figure>`;
}

/** Draws all panels on one scale. */
export function drawColumnChart(chart: ColumnChart): Markup {
  const values = chart.panels.flatMap(({ columns }) =>
    columns.flatMap((datum) => [drawable(datum)?.high ?? 0, datum.truth ?? 0]),
  );
  const scale = linearScale([0, ...values], { start: BOTTOM, end: TOP, tickCount: 4 });
  const columns = chart.panels.length % 4 !== 0 && chart.panels.length % 3 === 0 ? 3 : 4;
  return html`<div class="panels by${columns}">${chart.panels.map((panel) => drawPanel(chart, panel, scale))}</div>`;
}
