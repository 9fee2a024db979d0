/**
 * How answers are shown: pages, charts, maps and files, of a lab and of the world.
 *
 * @module
 */
export {
  type AnswerMeasure,
  type AnswerState,
  LEVEL_KINDS,
  type StudyAnswer,
} from "./answer.ts";
export { forBothWidths, NARROW_WIDTH } from "./charts/drawing.ts";
export { drawFunnel } from "./charts/funnel.ts";
export { drawMapLayers } from "./charts/map-chart.ts";
export { circle, label, path, picture, rect } from "./charts/shapes.ts";
export { describeStudy } from "./describe-study.ts";
export { areasOf } from "./exports/areas.ts";
export { answersCsv } from "./exports/csv.ts";
export { areasGeojson } from "./exports/geojson.ts";
export { areasKml } from "./exports/kml.ts";
export { mapExports } from "./exports/map-exports.ts";
export { type Basemap, createBasemap } from "./geo/basemap.ts";
export { createLocate, type Locate } from "./geo/boundary.ts";
export { type FeatureCollection, linesOf, type Place, placesOf } from "./geo/geojson.ts";
export { list, onDemand, pairs, table } from "./markup/blocks.ts";
export { html, type Markup } from "./markup/html.ts";
export {
  formatBytes,
  formatCount,
  formatDecimals,
  formatPercent,
  formatSeconds,
} from "./markup/numbers.ts";
export { loadPageStyle, renderDocument } from "./page/document.ts";
export { renderAnswerPage } from "./study/answer-page.ts";
export {
  defaultStory,
  groupLabel,
  measuresNamed,
  type NumberStyle,
  plainBin,
  plainLabel,
  type Story,
  type View,
} from "./study/story.ts";
export { renderStudySection, taskTable } from "./study/study-section.ts";
export { renderWords } from "./study/words.ts";
