/**
 * The report page: one self-contained document. It loads nothing and runs nothing: the policy in
 * its head allows its own style sheet (by hash) and its own typefaces, and denies everything else.
 */

import { createHash } from "node:crypto";
import { drawMapLayers } from "../charts/map-chart.ts";
import type { Basemap } from "../geo/basemap.ts";
import type { LabResult, LabStudyResult } from "../result.ts";
import { type ReportFile, renderClosing } from "./closing.ts";
import { html, type Markup, raw } from "./html.ts";
import { renderIntro } from "./intro.ts";
import { renderQuestion } from "./question.ts";
import { renderRobustness } from "./robustness.ts";
import type { Story } from "./story.ts";

/** What the page is made with, read once by `loadReportAssets`. */
export interface ReportAssets {
  /** The style sheet with the typefaces inlined. */
  readonly style: string;
  readonly basemap: Basemap;
}

function head(assets: ReportAssets): Markup {
  const hash = createHash("sha256").update(assets.style).digest("base64");
  const policy = [
    "default-src 'none'",
    `style-src 'sha256-${hash}'`,
    "font-src data:",
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return html`<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>Sumus: the answers of the living lab</title>
<style>${raw(assets.style)}</style>`;
}

/** Renders the whole page. Pure: the same result, assets and stories give the same bytes. */
export function renderReport(
  result: LabResult,
  assets: ReportAssets,
  storyOf: (study: LabStudyResult) => Story,
  files: readonly ReportFile[],
): string {
  const questions = result.studies.map((study, index) =>
    renderQuestion(study, storyOf(study), index, assets.basemap),
  );
  const page = html`<!doctype html>
<html lang="en"><head>${head(assets)}</head>
<body>${drawMapLayers(assets.basemap)}<main>
${renderIntro(result)}
${questions}
${renderRobustness(result)}
${renderClosing(result, files)}
</main></body></html>
`;
  return page.text;
}
