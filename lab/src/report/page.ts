/** The report page: an introduction, a section a question, and what the words mean. */

import { type Basemap, drawMapLayers, html, renderDocument, type Story } from "@sumus/pages";
import type { LabResult, LabStudyResult } from "../result.ts";
import type { ScenarioWords } from "../scenario/scenario.ts";
import { type ReportFile, renderClosing } from "./closing.ts";
import { renderIntro } from "./intro.ts";
import { renderQuestion } from "./question.ts";
import { renderRobustness } from "./robustness.ts";

/** What the page is made with, read once by `loadReportAssets`. */
export interface ReportAssets {
  /** The style sheet with the typefaces inlined. */
  readonly style: string;
  readonly basemap: Basemap;
}

/** What a result is told with. */
export interface Telling {
  readonly words: ScenarioWords;
  readonly storyOf: (study: LabStudyResult) => Story;
}

/** Renders the whole page. Pure: the same result, assets and stories give the same bytes. */
export function renderReport(
  result: LabResult,
  { basemap, style }: ReportAssets,
  { storyOf, words }: Telling,
  files: readonly ReportFile[],
): string {
  const questions = result.studies.map((study, index) =>
    renderQuestion(study, storyOf(study), index, basemap),
  );
  const content = html`${drawMapLayers(basemap)}<main>
${renderIntro(result, words)}
${questions}
${renderRobustness(result)}
${renderClosing(result, words, files)}
</main>`;
  return renderDocument("Sumus: the answers of the living lab", style, content);
}
