/**
 * Markup that is escaped by construction. Text becomes markup only through the `html` tag, which
 * escapes every value that is not markup already; no string can be concatenated into a page.
 */

/** A piece of HTML or SVG that is safe to insert. Made by {@link html} and {@link raw} only. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }
}

/** What may stand in a template: text, numbers, markup, lists of them, or nothing. */
export type Insert = string | number | Markup | null | false | undefined | readonly Insert[];

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Escapes text for element content and quoted attributes alike. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
}

function insert(value: Insert): string {
  if (value === null || value === undefined || value === false) return "";
  if (value instanceof Markup) return value.text;
  if (Array.isArray(value)) return value.map((item: Insert) => insert(item)).join("");
  return escapeHtml(String(value));
}

/** Template tag: literal parts are markup, values are escaped unless they are markup. */
export function html(parts: TemplateStringsArray, ...values: readonly Insert[]): Markup {
  let text = parts[0] ?? "";
  for (const [index, value] of values.entries()) text += insert(value) + (parts[index + 1] ?? "");
  return new Markup(text);
}

/** Marks a string of our own making (path data, a style sheet) as markup. Never outside text. */
export function raw(text: string): Markup {
  return new Markup(text);
}
