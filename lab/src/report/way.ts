/** The way of one study as a picture: a vault, two nodes that see halves, one answer. */

import { circle, html, label, type Markup, NARROW_WIDTH, path, picture, rect } from "@sumus/pages";

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
  return html`${path("wall", "M", x - 17, y - 3, "l17-15 17 15v20h-34z")}
${circle("lock", x, y + 4, 3.4)}${path("lock-bar", "M", x, y + 5, "v6")}`;
}

/** What a node sees: a square of dots that says nothing. */
function drawNode([x, y]: Spot, series: number): Markup {
  const dots = [-12, -4, 4, 12].flatMap((dx, column) =>
    [-8, 0, 8].map((dy, row) => {
      const isFaint = (column * 5 + row * 3 + series) % 4 === 0;
      const box = { x: x + dx - 2, y: y + dy - 2, width: 4, height: 4, round: 1 };
      return rect(isFaint ? "noise faint" : "noise", box);
    }),
  );
  return html`${circle(`node s${series}`, x, y, 26)}${dots}`;
}

function drawAnswer([x, y]: Spot): Markup {
  const bars = [18, 30, 24].map((height, index) => {
    const left = x - 22 + index * 16;
    const box = { x: left, y: y + 18 - height, width: 12, height, round: 1.5 };
    return [rect("bar s0", box), path("whisker", "M", left + 6, y + 12 - height, "v12")];
  });
  return html`${path("grid strong", "M", x - 28, y + 18, "h56")}${bars}`;
}

function arrow(from: Spot, to: Spot, series: number, upright: boolean): Markup {
  const [middleX, middleY] = [(from[0] + to[0]) / 2, (from[1] + to[1]) / 2];
  const bends = upright ? [from[0], middleY, to[0], middleY] : [middleX, from[1], middleX, to[1]];
  return path(`flow s${series}`, "M", ...from, "C", ...bends, ...to);
}

function caption([x, y]: Spot, below: number, name: string, words: string): Markup {
  return html`${label("way-name", x, y + below, name)}
${label("way-text", x, y + below + 17, words)}`;
}

const SAYS =
  "From the vaults, each contribution goes as two unreadable halves to two nodes; the nodes add " +
  "up, add noise, and together give one answer.";

/** Draws the way for a width in units: from left to right, or from top to bottom on a phone. */
export function drawWay(width: number): Markup {
  const upright = width <= NARROW_WIDTH;
  const layout = upright ? NARROW : WIDE;
  const { answer, helper, leader, textBelow, vaults } = layout;
  const start: Spot = upright ? [170, 132] : [176, 112];
  const end: Spot = upright ? [answer[0], answer[1] - 36] : [answer[0] - 40, answer[1]];
  const into = ([x, y]: Spot): Spot => (upright ? [x, y - 32] : [x - 32, y]);
  // On a phone the arrow leaves below the node's name.
  const outOf = ([x, y]: Spot): Spot => (upright ? [x, y + 88] : [x + 32, y]);
  const vaultText: Spot = upright ? [170, 54] : [100, 110];
  return picture(layout, SAYS, "chart way", [
    arrow(start, into(leader), 0, upright),
    arrow(start, into(helper), 1, upright),
    arrow(outOf(leader), end, 0, upright),
    arrow(outOf(helper), end, 1, upright),
    vaults.map(drawVault),
    drawNode(leader, 0),
    drawNode(helper, 1),
    drawAnswer(answer),
    caption(vaultText, 46, "Vaults", "your rows stay here"),
    caption(leader, textBelow, "Leader", upright ? "random halves" : "sees random halves"),
    caption(helper, textBelow, "Helper", upright ? "the other halves" : "sees the other halves"),
    caption(answer, textBelow, "The answer", "sums with noise, nobody’s row"),
  ]);
}
