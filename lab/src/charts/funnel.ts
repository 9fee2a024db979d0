/** What became of everybody who was asked, as one bar divided to scale. */

import { html, type Markup } from "../report/html.ts";
import { formatCount } from "../report/numbers.ts";
import { unit, WIDE_WIDTH } from "./drawing.ts";

export interface FunnelPart {
  readonly name: string;
  readonly people: number;
  /** Names the colour: `counted`, `dropped`, `refused`, `failed` or `declined`. */
  readonly kind: "counted" | "dropped" | "refused" | "failed" | "declined";
}

const HEIGHT = 18;
/** Units. A part of one person must still be seen. */
const PART_WIDTH_MIN = 4;

/** Draws the parts from left to right with their numbers below; empty parts are left out of the bar. */
export function drawFunnel(parts: readonly FunnelPart[]): Markup {
  const total = parts.reduce((sum, { people }) => sum + people, 0);
  let x = 0;
  const bars = parts
    .filter(({ people }) => people > 0)
    .map(({ kind, people }) => {
      const width = Math.max(PART_WIDTH_MIN, (people / total) * WIDE_WIDTH);
      const bar = html`<rect class="${kind}" x="${unit(x)}" width="${unit(width)}" height="${HEIGHT}"/>`;
      x += width + 1.5;
      return bar;
    });
  const label = parts.map(({ name, people }) => `${formatCount(people)} ${name}`).join(", ");
  return html`<div class="funnel"><svg viewBox="0 0 ${unit(Math.max(x - 1.5, 1))} ${HEIGHT}" preserveAspectRatio="none" role="img" aria-label="${label}">${bars}</svg>
<ul>${parts.filter(({ kind, people }) => kind !== "failed" || people > 0).map(({ kind, name, people }) => html`<li><svg viewBox="0 0 12 12" aria-hidden="true"><rect class="${kind}" width="12" height="12" rx="3"/></svg><b>${formatCount(people)}</b> ${name}</li>`)}</ul></div>`;
}
