/** Reads one of the `questions`: of whom it is asked, and how its answer is told. */

import { type Cursor, clip, isWhole, readLine, readOr } from "@sumus/document";
import { plainBin, plainLabel } from "@sumus/pages";
import { createTally, estimateStudy, lowerStudy, type Study } from "@sumus/study";
import { type Headline, labelOf, tellHeadline, unknownPlaces } from "./headline.ts";
import { type Labels, readDraw, readMeasure } from "./read-draw.ts";
import { readOneOf } from "./read-parts.ts";
import type { Question } from "./scenario.ts";

const FIELDS = ["of", "question", "note", "headline", "labels", "draw"];
const QUESTION_CHARACTERS_MAX = 200;
const WORDS_CHARACTERS_MAX = 1000;
const LABEL_CHARACTERS_MAX = 64;

/** Reads the question that a study is told with. */
export function readQuestion(
  cursor: Cursor,
  key: string,
  study: Study,
  populations: readonly string[],
): Question | undefined {
  const fields = cursor.fields(FIELDS, "a question");
  if (fields === undefined) return undefined;
  const of = cursor.required(fields, "of", "name whom it is asked of");
  const asked = cursor.required(fields, "question", "write it as you would ask it");
  const draw = cursor.required(fields, "draw", "say what is drawn, such as [{ rows: people, … }]");
  const labels = readOr<Labels, Labels>(fields.get("labels"), {}, readLabels);
  if (labels === undefined) return undefined;
  const read = {
    people: of && readOneOf(of, "a population of this scenario", populations),
    question: asked && readLine(asked, "a question", QUESTION_CHARACTERS_MAX),
    note: readOr(fields.get("note"), "", (field) =>
      readLine(field, "a note", WORDS_CHARACTERS_MAX),
    ),
    headline: readOr(fields.get("headline"), null, (field) => readHeadline(field, study)),
    views: draw && readDraw(draw, study, labels),
  };
  if (!isWhole(read)) return undefined;
  const { headline, people, ...story } = read;
  const wordFor = (label: string): string => labels[label] ?? plainLabel(plainBin(label));
  return {
    study,
    people,
    story: {
      key,
      ...story,
      headline: (answer) => (headline === null ? "" : tellHeadline(headline, answer, wordFor)),
    },
  };
}

function readLabels(cursor: Cursor): Labels | undefined {
  const entries = cursor.entries("labels");
  if (entries === undefined) return undefined;
  const labels = [...entries].map(
    ([label, field]) => [label, readLine(field, "a label", LABEL_CHARACTERS_MAX)] as const,
  );
  if (labels.some(([, words]) => words === undefined)) return undefined;
  return Object.fromEntries(labels) as Labels;
}

/** What the numbers of a measure are called: read off an answer of nobody. */
function labelsOf(study: Study, measure: string): string[] {
  const plan = lowerStudy(study);
  const nobody = estimateStudy(plan, createTally(plan).aggregates(), { noised: false });
  return nobody.filter(({ name }) => name === measure).map(labelOf);
}

function readHeadline(cursor: Cursor, study: Study): Headline | undefined {
  const fields = cursor.fields(["of", "as", "says"], "a headline");
  if (fields === undefined) return undefined;
  const of = cursor.required(fields, "of", "name a measure of the study");
  const text = cursor.required(fields, "says", "such as Most: {highest.who}, {highest}.");
  const style = readOneOf(fields.get("as"), "a style", ["count", "percent", "decimal"], "count");
  const measure = of && readMeasure(of, study);
  const says = text && readLine(text, "a headline", WORDS_CHARACTERS_MAX);
  if (measure === undefined || says === undefined || style === undefined) return undefined;
  const labels = labelsOf(study, measure);
  const [unknown] = unknownPlaces(says, labels);
  if (unknown !== undefined) {
    const message = `expected a place of the answer, got {${clip(unknown)}}`;
    const known = ["highest", "lowest", "counted", "places", ...labels.slice(0, 8)].join(", ");
    return text?.problem(message, `it has ${known}; with .who, .low, .high, .share or .others`);
  }
  return { measure, style, says };
}
