/** Writes the report folder: the page, and the answers as CSV, JSON, GeoJSON and KML beside it. */

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  answersCsv,
  areasGeojson,
  areasKml,
  areasOf,
  defaultStory,
  type Place,
  type Story,
} from "@sumus/pages";
import type { LabResult, LabStudyResult } from "../result.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { loadPlaces, loadReportAssets } from "./assets.ts";
import type { ReportFile } from "./closing.ts";
import { renderReport } from "./page.ts";

interface WrittenFile extends ReportFile {
  readonly content: string;
}

function mapFiles(study: LabStudyResult, story: Story, places: readonly Place[]): WrittenFile[] {
  const view = story.views.find((candidate) => candidate.kind === "map");
  if (view === undefined || study.state !== "answered") return [];
  const areas = areasOf(study, view, places);
  return [
    {
      name: `${story.key}.geojson`,
      text: `“${study.title}” for maps (GeoJSON)`,
      content: areasGeojson(study, areas),
    },
    {
      name: `${story.key}.kml`,
      text: `“${study.title}” for globes (KML)`,
      content: areasKml(study, areas),
    },
  ];
}

/** How a scenario tells a study of it; any other gets a plain story. */
function storiesOf({ questions }: Scenario): (study: LabStudyResult) => Story {
  const stories = new Map(questions.map(({ study, story }) => [study.title, story]));
  return (study) => stories.get(study.title) ?? defaultStory(study);
}

/** Writes everything into `folder`, which is made when missing. Returns the path of the page. */
export async function writeReport(
  folder: string,
  result: LabResult,
  scenario: Scenario,
): Promise<string> {
  const storyOf = storiesOf(scenario);
  const [assets, places] = await Promise.all([loadReportAssets(), loadPlaces()]);
  const files: WrittenFile[] = [
    {
      name: "answers.csv",
      text: "every number on this page, one a line",
      content: answersCsv(result.studies),
    },
    {
      name: "answers.json",
      text: "everything on this page, for programs",
      content: `${JSON.stringify(result, null, 1)}\n`,
    },
    ...result.studies.flatMap((study) => mapFiles(study, storyOf(study), places)),
  ];
  await mkdir(folder, { recursive: true });
  await Promise.all(files.map(({ name, content }) => writeFile(join(folder, name), content)));
  const page = join(folder, "index.html");
  await writeFile(page, renderReport(result, assets, { words: scenario, storyOf }, files));
  return page;
}
