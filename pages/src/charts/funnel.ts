/** What became of everybody who was asked, as one bar divided to scale. */

import { html, type Markup } from "../markup/html.ts";
import { formatCount } from "../markup/numbers.ts";
import { WIDE_WIDTH } from "./drawing.ts";
import { picture, rect, swatch } from "./shapes.ts";

export interface FunnelPart {
  readonly name: string;
  readonly people: number;
  /** Names the colour. */
  readonly kind: "counted" | "dropped" | "refused" | "failed" | "declined" | "spared";
}

const HEIGHT = 18;
const GAP = 1.5;
/** What a reader wants to know even when it is nobody. */
const ALWAYS_SAID: readonly FunnelPart["kind"][] = ["counted", "dropped", "refused", "declined"];
/** Units. A part of one person must still be seen. */
const PART_WIDTH_MIN = 4;

/** The parts from left to right, their numbers below; empty parts are left out of the bar. */
export function drawFunnel(parts: readonly FunnelPart[]): Markup {
  const total = parts.reduce((sum, { people }) => sum + people, 0);
  let x = 0;
  const bars = parts
    .filter(({ people }) => people > 0)
    .map(({ kind, people }) => {
      const width = Math.max(PART_WIDTH_MIN, (people / total) * WIDE_WIDTH);
      const bar = rect(kind, { x, y: 0, width, height: HEIGHT });
      x += width + GAP;
      return bar;
    });
  const says = parts.map(({ name, people }) => `${formatCount(people)} ${name}`).join(", ");
  const size = { width: Math.max(x - GAP, 1), height: HEIGHT, stretch: true };
  const items = parts
    .filter(({ kind, people }) => people > 0 || ALWAYS_SAID.includes(kind))
    .map(({ kind, name, people }) => {
      const dot = swatch(12, 12, rect(kind, { x: 0, y: 0, width: 12, height: 12, round: 3 }));
      return html`<li>${dot}<b>${formatCount(people)}</b> ${name}</li>`;
    });
  return html`<div class="funnel">${picture(size, says, "", bars)}<ul>${items}</ul></div>`;
}
