/** What all drawings share: answers as they can be drawn, and one picture for two screen widths. */

import { html, type Markup } from "../markup/html.ts";

/** Units of a drawing made for a phone and for a wide screen; a unit is about a pixel there. */
export const NARROW_WIDTH = 340;
export const WIDE_WIDTH = 720;

/**
 * The same picture drawn twice, so that its letters keep their size on a phone; the style sheet
 * shows one of them.
 */
export function forBothWidths(draw: (width: number) => Markup): Markup {
  const [wide, narrow] = [draw(WIDE_WIDTH), draw(NARROW_WIDTH)];
  return html`<div class="wide">${wide}</div><div class="narrow">${narrow}</div>`;
}

/** An answer as a drawing needs it. */
export interface Datum {
  readonly estimate: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** The interval about a population, from noise and sampling; null when there is none. */
  readonly total: { readonly low: number; readonly high: number } | null;
  readonly truth: number | null;
  readonly suppressed: boolean;
}

/** A datum that can be drawn: it has an estimate and an interval and is not suppressed. */
export interface Drawable {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  readonly total: { readonly low: number; readonly high: number } | null;
}

/** Null for what is too uncertain to say. */
export function drawable(datum: Datum): Drawable | null {
  const { estimate, low, high, total, suppressed } = datum;
  if (suppressed || estimate === null || low === null || high === null) return null;
  return { estimate, low, high, total };
}
