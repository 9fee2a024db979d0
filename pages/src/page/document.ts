/**
 * A page: one self-contained document. It loads nothing and runs nothing: the policy in its head
 * allows its own style sheet (by hash) and its own typefaces, and denies everything else.
 */

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { html, type Markup, raw } from "../markup/html.ts";

const STYLE = new URL("./style.css", import.meta.url);

/** Families of the style sheet, and where the files are that they are inlined from. */
const TYPEFACES: readonly (readonly [family: string, url: string])[] = [
  [
    "Source Serif 4",
    import.meta.resolve(
      "@fontsource-variable/source-serif-4/files/source-serif-4-latin-wght-normal.woff2",
    ),
  ],
  [
    "Source Sans 3",
    import.meta.resolve(
      "@fontsource-variable/source-sans-3/files/source-sans-3-latin-wght-normal.woff2",
    ),
  ],
];

async function fontFace(family: string, url: string): Promise<string> {
  const bytes = await readFile(new URL(url));
  const source = `url(data:font/woff2;base64,${bytes.toString("base64")}) format("woff2")`;
  return `@font-face{font-family:"${family}";font-weight:200 900;font-display:swap;src:${source}}`;
}

/** The style sheet of every page, with the typefaces inlined. */
export async function loadPageStyle(): Promise<string> {
  const [style, ...faces] = await Promise.all([
    readFile(STYLE, "utf8"),
    ...TYPEFACES.map(([family, url]) => fontFace(family, url)),
  ]);
  return `${faces.join("\n")}\n${style}`;
}

/** The whole document. Pure: the same content gives the same bytes. */
export function renderDocument(title: string, style: string, content: Markup): string {
  const hash = createHash("sha256").update(style).digest("base64");
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${hash}'`,
    "font-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${raw(style)}</style></head>
<body>${content}</body></html>
`;
  return page.text;
}
