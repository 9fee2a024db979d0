/**
 * Plausible values for a column that a study reads, from what its manifest says: the result's own
 * domains, bands, bounds, edges and areas, and what the code compares.
 */

import { unreachable } from "@sumus/assert";
import {
  type Area,
  type Dimension,
  lowerStudy,
  type Measure,
  type PersonWeight,
  type Study,
} from "@sumus/study";
import { becomes, comparisonsOf, gathersLists, placeOf } from "./code-hints.ts";
import {
  beginningWith,
  type ColumnValues,
  degreesIn,
  listOf,
  numbersBetween,
  oneOf,
  placesIn,
} from "./column-values.ts";

/** Values, and why these. */
export interface Guess extends ColumnValues {
  /** Such as `the map compares it`. */
  readonly source: string;
}

/** Why a column has the values that every unknown one has. */
export const NOTHING_KNOWN = "nothing is known of it";

/** Characters of code that are looked through for hints. */
const CODE_READ_MAX = 10_000;

/** Steps of a guessed number between its bounds, when nothing says how fine it is. */
const STEPS = 1000;
const WORLD: Area = { south: -60, west: -180, north: 75, east: 180 };

/** The values of a column of the needs. */
export function guessValues(study: Study, column: string): Guess {
  const admitted = admittedValues(study, column);
  if (admitted !== null) return { ...admitted, source: "the study admits no others" };
  const code = codeOf(study);
  const holds = (result: string, summands: number): ColumnValues | null =>
    cellsOf(study, result, gathersLists(code)) ??
    valuesOfResult(study, result, { summands, gathered: gathersLists(code) });
  const named = holds(column, 1);
  if (named !== null) return { ...named, source: "the result names it" };
  const place = placeOf(code, column);
  if (place !== null) {
    return { ...degreesIn(areaOf(study), place), source: "the map makes cells of it" };
  }
  for (const { result, summands } of becomes(code, column, columnsOf(study))) {
    const values = holds(result, summands);
    if (values !== null) return { ...values, source: `it becomes ${result}` };
  }
  const compared = comparedValues(code, column);
  if (compared !== null) return { ...compared, source: "the map compares it" };
  return { ...numbersBetween(0, 100, 1), source: NOTHING_KNOWN };
}

/** What a condition on who takes part leaves: with one bound alone it says too little. */
function admittedValues({ eligible }: Study, column: string): ColumnValues | null {
  const condition = eligible?.where
    .flatMap(({ conditions }) => conditions)
    .find((each) => each.column === column);
  if (condition === undefined) return null;
  if (condition.kind === "values") return oneOf(condition.values);
  const { min, max } = condition;
  return min === null || max === null ? null : numbersBetween(min, max, stepOf(min, max));
}

/** Whole numbers within whole bounds. */
function stepOf(min: number, max: number): number {
  return Number.isInteger(min) && Number.isInteger(max) ? 1 : (max - min) / STEPS;
}

/** What of a map's code is looked through for hints: nothing of a module. */
export function codeOf({ map }: Study): string {
  const isText = map.language === "sql" || map.language === "javascript";
  return isText ? map.source.slice(0, CODE_READ_MAX) : "";
}

/** The columns that a result is made of. */
export function columnsOf({ result }: Study): string[] {
  const names = result.flatMap(({ dimensions, measures }) => [
    ...dimensions.map(({ column }) => column),
    ...measures.flatMap((measure) => ("column" in measure ? [measure.column] : [])),
    ...measures.flatMap((measure) => weightOf(measure)?.column ?? []),
  ]);
  return [...new Set(names)];
}

function weightOf(measure: Measure): PersonWeight | null {
  return "weight" in measure ? measure.weight : null;
}

function areaOf({ result }: Study): Area {
  for (const { dimensions } of result) {
    for (const dimension of dimensions) if ("area" in dimension) return dimension.area;
  }
  return WORLD;
}

/** The names of the cells of a dimension whose column holds one; null of every other column. */
function cellsOf(study: Study, column: string, gathered: boolean): ColumnValues | null {
  const dimension = study.result
    .flatMap(({ dimensions }) => dimensions)
    .find((each) => each.column === column);
  if (dimension === undefined || !("area" in dimension)) return null;
  if (dimension.atMost !== null && !gathered) return null;
  const names = lowerStudy(study).tasks.flatMap(({ cells }) =>
    Array.from({ length: cells.count }, (_, cell) => cells.labels(cell)?.[column] ?? []).flat(),
  );
  return oneOf([...new Set(names)]);
}

/** How a column becomes one of the result. */
interface Way {
  /** Columns that are added up to it. */
  readonly summands: number;
  /** The map makes lists of single values. */
  readonly gathered: boolean;
}

/** What a column of the result may hold, or one that becomes it. */
function valuesOfResult({ result }: Study, column: string, way: Way): ColumnValues | null {
  for (const { dimensions, measures } of result) {
    const dimension = dimensions.find((each) => each.column === column);
    if (dimension !== undefined) return valuesOfDimension(dimension, way);
    const measure = measures.find((each) => "column" in each && each.column === column);
    if (measure !== undefined) return valuesOfMeasure(measure, way.summands);
    const weight = measures
      .flatMap((each) => weightOf(each) ?? [])
      .find((each) => each.column === column);
    if (weight !== undefined) return numbersBetween(0, weight.max, weight.resolution);
  }
  return null;
}

function valuesOfDimension(dimension: Dimension, { gathered, summands }: Way): ColumnValues {
  switch (dimension.kind) {
    case "domain":
      return dimension.atMost === null || gathered
        ? oneOf(dimension.values)
        : listOf(dimension.values, dimension.atMost);
    case "bands": {
      const [low, high] = [dimension.bands[0]?.low ?? 0, dimension.bands.at(-1)?.high ?? 1];
      return numbersIn(low, high, summands);
    }
    case "geohash":
    case "h3":
      return placesIn(dimension.area, dimension.atMost ?? 1);
    default:
      return unreachable(dimension);
  }
}

function valuesOfMeasure(measure: Measure, summands: number): ColumnValues | null {
  switch (measure.kind) {
    case "count":
      return null;
    case "sum":
    case "mean":
    case "variance":
    case "deviation": {
      const { min, max, resolution } = measure;
      if (summands > 1) return numbersIn(min, max, summands);
      return numbersBetween(min, max, resolution);
    }
    case "share":
      return oneOf([...measure.of, otherThan(measure.of)]);
    case "histogram":
    case "quantiles":
      return numbersIn(measure.edges[0] ?? 0, measure.edges.at(-1) ?? 1, summands);
    case "prefixes":
      return beginningWith(measure.candidates);
    default:
      return unreachable(measure);
  }
}

/** Whole numbers where the bounds are, and leave room for some. */
function numbersIn(from: number, to: number, summands: number): ColumnValues {
  const [low, high] = [from / summands, to / summands];
  const whole = Number.isInteger(from) && Number.isInteger(to) && high - low >= 2;
  if (whole) return numbersBetween(Math.ceil(low), Math.floor(high), 1);
  return numbersBetween(low, high, (high - low) / STEPS);
}

/** A value that is none of these, of their type. */
function otherThan(values: readonly (number | string)[]): number | string {
  const numbers = values.filter((value) => typeof value === "number");
  return numbers.length === values.length ? Math.max(...numbers) + 1 : "another";
}

/** Values on both sides of every border, and each that is asked for with one that is not. */
function comparedValues(code: string, column: string): ColumnValues | null {
  const { borders, equals } = comparisonsOf(code, column);
  if (equals.length > 0) {
    const around = borders.flatMap((border) => [border - 1, border, border + 1]);
    return oneOf([...new Set([...equals, otherThan(equals), ...around])]);
  }
  const [lowest, highest] = [borders[0], borders.at(-1)];
  if (lowest === undefined || highest === undefined) return null;
  const span = highest - lowest || Math.abs(highest) || 1;
  const low = lowest >= 0 ? 0 : lowest - span / 4;
  const high = highest + span / 4;
  const whole = borders.every((border) => Number.isInteger(border));
  return whole ? numbersIn(Math.floor(low), Math.ceil(high), 1) : numbersIn(low, high, 1);
}
