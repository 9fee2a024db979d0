/** Reads how a question is drawn. Every measure and dimension must be one of its study. */

import { type Cursor, readLine } from "@sumus/document";
import type { NumberStyle, View } from "@sumus/pages";
import type { Study } from "@sumus/study";
import { readOneOf } from "./read-parts.ts";

const STYLES: readonly NumberStyle[] = ["count", "percent", "decimal"];
const MARKS = ["bars", "dots"] as const;
const TITLE_CHARACTERS_MAX = 120;
const VIEWS_MAX = 8;
const ROWS_MAX = 100;

const KINDS = {
  rows: ["rows", "title", "as", "marks", "top"],
  columns: ["columns", "title"],
  map: ["map", "title", "by", "areas", "unit"],
} as const;
type Kind = keyof typeof KINDS;

const FORMS = "{ rows: MEASURE, title }, { columns: … } or { map: …, by, areas, unit }";

type Areas = Extract<View, { kind: "map" }>["areas"];
const AREAS: readonly Areas[] = ["place", "cell"];

/** Reads `draw`. */
export function readDraw(cursor: Cursor, study: Study, labels: Labels): View[] | undefined {
  const items = cursor.items("drawings", VIEWS_MAX);
  const views = items?.map((item) => readView(item, study, labels));
  if (views === undefined || views.includes(undefined)) return undefined;
  return views.filter((view) => view !== undefined);
}

/** Plain words for groups and bins. */
export type Labels = Readonly<Record<string, string>>;

function readView(cursor: Cursor, study: Study, labels: Labels): View | undefined {
  const entries = cursor.entries("a drawing");
  if (entries === undefined) return undefined;
  const kind = (Object.keys(KINDS) as Kind[]).find((name) => entries.has(name));
  if (kind === undefined) {
    return cursor.problem(`expected a drawing, got ${cursor.describe()}`, `write ${FORMS}`);
  }
  const fields = cursor.fields(KINDS[kind], `a drawing of ${kind}`);
  const named = cursor.required(entries, kind, "name a measure of the study");
  const titled = cursor.required(entries, "title", "say what is drawn, with its unit");
  const measure = named && readMeasure(named, study);
  const title = titled && readLine(titled, "a title", TITLE_CHARACTERS_MAX);
  if (fields === undefined || measure === undefined || title === undefined) return undefined;
  const shared = { measure, title };
  switch (kind) {
    case "rows":
      return readRows(fields, shared, labels);
    case "columns":
      return { kind, ...shared };
    case "map":
      return readMapView(cursor, fields, shared, study);
  }
}

type Fields = ReadonlyMap<string, Cursor>;
type Shared = Pick<View, "measure" | "title">;

function readRows(fields: Fields, shared: Shared, labels: Labels): View | undefined {
  const style = readOneOf(fields.get("as"), "a style of numbers", STYLES, "count");
  const marks = readOneOf(fields.get("marks"), "marks", MARKS, "bars");
  const top = fields.get("top");
  const highest = top === undefined ? null : top.integer("a number of rows", 1, ROWS_MAX);
  if (style === undefined || marks === undefined || highest === undefined) return undefined;
  const limit = highest === null ? {} : { top: highest };
  return { kind: "rows", ...shared, style, bars: marks === "bars", ...limit, labels };
}

function readMapView(
  cursor: Cursor,
  fields: Fields,
  shared: Shared,
  study: Study,
): View | undefined {
  const by = cursor.required(fields, "by", "name the dimension whose values are areas");
  const unit = cursor.required(fields, "unit", "say what is counted, such as people");
  const dimension = by?.text("a dimension");
  const unitName = unit && readLine(unit, "a unit", TITLE_CHARACTERS_MAX);
  const areas = readOneOf(fields.get("areas"), "areas", AREAS, "place");
  if (dimension === undefined || unitName === undefined || areas === undefined) return undefined;
  const known = study.result.flatMap(({ dimensions }) => dimensions.map(({ column }) => column));
  if (!known.includes(dimension)) {
    const message = `expected a dimension of the study, got "${dimension}"`;
    return by?.problem(message, `it has ${known.join(", ") || "none"}`);
  }
  return { kind: "map", ...shared, dimension, areas, unitName };
}

/** A measure of the study. */
export function readMeasure(cursor: Cursor, study: Study): string | undefined {
  const name = cursor.text("a measure");
  if (name === undefined) return undefined;
  const known = study.result.flatMap(({ measures }) => measures.map((measure) => measure.name));
  if (known.includes(name)) return name;
  const message = `expected a measure of the study, got "${name}"`;
  return cursor.problem(message, `it has ${known.join(", ")}`);
}
