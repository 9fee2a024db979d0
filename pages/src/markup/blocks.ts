/** Blocks of the page that come again and again: tables, pairs of a word and what it means. */

import { html, type Insert, type Markup } from "./html.ts";

/** A table; with `rowHeads` the first cell of each row names it. */
export function table(
  head: readonly Insert[],
  rows: readonly (readonly Insert[])[],
  options: { readonly className?: string; readonly rowHeads?: boolean } = {},
): Markup {
  const { className = "", rowHeads = false } = options;
  const body = rows.map((cells) => {
    const marked = cells.map((cell, index) =>
      rowHeads && index === 0 ? html`<th>${cell}</th>` : html`<td>${cell}</td>`,
    );
    return html`<tr>${marked}</tr>\n`;
  });
  return html`<table class="${className}"><thead><tr>${head.map((cell) => html`<th>${cell}</th>`)}
</tr></thead><tbody>${body}</tbody></table>`;
}

/** Words and what belongs to them. */
export function pairs(className: string, entries: readonly (readonly [Insert, Insert])[]): Markup {
  const items = entries.map(([word, text]) => html`<div><dt>${word}</dt><dd>${text}</dd></div>\n`);
  return html`<dl class="${className}">${items}</dl>`;
}

/** Items of a list. */
export function list(className: string, items: readonly Insert[]): Markup {
  return html`<ul class="${className}">${items.map((item) => html`<li>${item}</li>\n`)}</ul>`;
}

/** What is there on demand. */
export function onDemand(summary: Insert, ...content: readonly Insert[]): Markup {
  return html`<details><summary>${summary}</summary>
${content}</details>`;
}
