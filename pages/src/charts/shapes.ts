/** The few SVG shapes that all drawings are made of, with coordinates short enough for a page. */

import { html, type Insert, type Markup, raw } from "../markup/html.ts";

/** A coordinate with one decimal: a tenth of a pixel. */
function unit(value: number): number {
  return Math.round(value * 10) / 10;
}

/** A box; negative sizes are empty. */
export function rect(
  className: string,
  box: { x: number; y: number; width: number; height: number; round?: number },
  content: Insert = null,
): Markup {
  const [x, y, width, height] = [box.x, box.y, Math.max(0, box.width), Math.max(0, box.height)];
  const place = html`x="${unit(x)}" y="${unit(y)}" width="${unit(width)}" height="${unit(height)}"`;
  const round = box.round !== undefined && html` rx="${box.round}"`;
  return html`<rect class="${className}" ${place}${round}>${content}</rect>`;
}

/** A line: commands and coordinates, joined as SVG wants them. */
export function path(className: string, ...data: readonly (string | number)[]): Markup {
  const text = data.map((part) => (typeof part === "number" ? unit(part) : part)).join(" ");
  return html`<path class="${className}" d="${text}"/>`;
}

export function circle(className: string, x: number, y: number, radius: number): Markup {
  return html`<circle class="${className}" cx="${unit(x)}" cy="${unit(y)}" r="${radius}"/>`;
}

/** One line of words; its class says where it is anchored. */
export function label(className: string, x: number, y: number, content: Insert): Markup {
  return html`<text class="${className}" x="${unit(x)}" y="${unit(y)}">${content}</text>`;
}

/** A picture that says in words what it shows, for those who cannot see it. */
export function picture(
  size: { readonly width: number; readonly height: number; readonly stretch?: boolean },
  says: string,
  className: string,
  content: Insert,
): Markup {
  const frame = `0 0 ${unit(size.width)} ${unit(size.height)}`;
  const stretch = size.stretch === true && raw(' preserveAspectRatio="none"');
  const words = html`role="img" aria-label="${says}"`;
  return html`<svg class="${className}" viewBox="${frame}"${stretch} ${words}>
${content}</svg>`;
}

/** A small picture beside words that say the same. */
export function swatch(width: number, height: number, content: Insert): Markup {
  return html`<svg viewBox="0 0 ${width} ${height}" aria-hidden="true">${content}</svg>`;
}
