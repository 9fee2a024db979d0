/** The way of one study as a picture: a vault, two nodes that see halves, one answer. */

import { NARROW_WIDTH } from "../charts/drawing.ts";
import { html, type Markup } from "./html.ts";

type Spot = readonly [x: number, y: number];

interface Layout {
  readonly width: number;
  readonly height: number;
  readonly vaults: readonly Spot[];
  readonly leader: Spot;
  readonly helper: Spot;
  readonly answer: Spot;
  /** Distance from a glyph's middle to the first line of its text. */
  readonly textBelow: number;
}

const WIDE: Layout = {
  width: 720,
  height: 268,
  vaults: [
    [62, 112],
    [104, 84],
    [138, 116],
  ],
  leader: [372, 60],
  helper: [372, 180],
  answer: [622, 112],
  textBelow: 48,
};

const NARROW: Layout = {
  width: 340,
  height: 460,
  vaults: [
    [130, 52],
    [172, 34],
    [212, 56],
  ],
  leader: [88, 216],
  helper: [252, 216],
  answer: [170, 378],
  textBelow: 48,
};

function drawVault([x, y]: Spot): Markup {
  return html`<g class="glyph"><path class="wall" d="M${x - 17} ${y - 3}l17-15 17 15v20h-34z"/><circle class="lock" cx="${x}" cy="${y + 4}" r="3.4"/><path class="lock-bar" d="M${x} ${y + 5}v6"/></g>`;
}

function drawNode([x, y]: Spot, series: number): Markup {
  const dots = [-12, -4, 4, 12].flatMap((dx, column) =>
    [-8, 0, 8].map(
      (dy, row) =>
        html`<rect class="${(column * 5 + row * 3 + series) % 4 === 0 ? "noise faint" : "noise"}" x="${x + dx - 2}" y="${y + dy - 2}" width="4" height="4" rx="1"/>`,
    ),
  );
  return html`<g class="glyph"><circle class="node s${series}" cx="${x}" cy="${y}" r="26"/>${dots}</g>`;
}

function drawAnswer([x, y]: Spot): Markup {
  const bars = [18, 30, 24].map((height, index) => {
    const left = x - 22 + index * 16;
    return html`<rect class="bar s0" x="${left}" y="${y + 18 - height}" width="12" height="${height}" rx="1.5"/><path class="whisker" d="M${left + 6} ${y + 12 - height}v12"/>`;
  });
  return html`<g class="glyph"><path class="grid strong" d="M${x - 28} ${y + 18}h56"/>${bars}</g>`;
}

function arrow(from: Spot, to: Spot, series: number, upright: boolean): Markup {
  const [middleX, middleY] = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
  const curve = upright
    ? `C${from[0]} ${middleY} ${to[0]} ${middleY} ${to[0]} ${to[1]}`
    : `C${middleX} ${from[1]} ${middleX} ${to[1]} ${to[0]} ${to[1]}`;
  return html`<path class="flow s${series}" d="M${from[0]} ${from[1]}${curve}"/>`;
}

function caption([x, y]: Spot, below: number, lines: readonly string[]): Markup {
  return html`${lines.map((line, index) => html`<text class="${index === 0 ? "way-name" : "way-text"}" x="${x}" y="${y + below + index * 17}">${line}</text>`)}`;
}

/** Draws the way for a width in units: from left to right, or from top to bottom on a phone. */
export function drawWay(width: number): Markup {
  const upright = width <= NARROW_WIDTH;
  const layout = upright ? NARROW : WIDE;
  const { leader, helper, answer } = layout;
  const start: Spot = upright ? [170, 132] : [176, 112];
  const reach = (spot: Spot, sign: 1 | -1): Spot =>
    upright ? [spot[0], spot[1] + sign * 32] : [spot[0] + sign * 32, spot[1]];
  const end: Spot = upright ? [answer[0], answer[1] - 36] : [answer[0] - 40, answer[1]];
  const fromLeader: Spot = upright ? [leader[0], leader[1] + 88] : reach(leader, 1);
  const fromHelper: Spot = upright ? [helper[0], helper[1] + 88] : reach(helper, 1);
  return html`<svg class="chart way" viewBox="0 0 ${layout.width} ${layout.height}" role="img" aria-label="From the vaults, each contribution goes as two unreadable halves to two nodes; the nodes add up, add noise, and together give one answer.">
${arrow(start, reach(leader, -1), 0, upright)}${arrow(start, reach(helper, -1), 1, upright)}
${arrow(fromLeader, end, 0, upright)}${arrow(fromHelper, end, 1, upright)}
${layout.vaults.map(drawVault)}${drawNode(leader, 0)}${drawNode(helper, 1)}${drawAnswer(answer)}
${caption(upright ? [170, 54] : [100, 116], upright ? 46 : 40, ["Vaults", "your rows stay here"])}
${caption(leader, layout.textBelow, ["Leader", upright ? "random halves" : "sees random halves"])}
${caption(helper, layout.textBelow, ["Helper", upright ? "the other halves" : "sees the other halves"])}
${caption(answer, layout.textBelow, ["The answer", "sums with noise, nobody’s row"])}</svg>`;
}
