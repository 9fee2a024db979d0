import { type Cursor, clip, readLine, suggest } from "@sumus/document";
import { compareNames, compareValues } from "../canonical-order.ts";
import {
  ELEMENTS_MAX,
  LEVELS_MAX,
  MEASURES_MAX,
  MOMENT_ELEMENTS_MAX,
  NAME_CHARACTERS_MAX,
  QUANTILES_MAX,
} from "../limits.ts";
import { cellCount, severalOf } from "../lower/group-cells.ts";
import { defaultResolution, isWholeSteps, levelsOf } from "../lower/numeric-column.ts";
import { partCount } from "../lower/parts.ts";
import { WEIGHTED_NUMBERS, weightedMax } from "../lower/weighted.ts";
import type { Dimension, Measure, NumericColumn, NumericMeasure } from "../study.ts";
import { readValues } from "./read-dimension.ts";
import { readEdges } from "./read-edges.ts";
import { readPersonWeight, WEIGHT_KEYS } from "./read-person-weight.ts";
import { checkMeasureName, readColumnName } from "./text-rules.ts";

/** The kinds of measure this version computes, and those it knows by name only. */
const KINDS = [
  "count",
  "sum",
  "mean",
  "share",
  "variance",
  "deviation",
  "histogram",
  "quantiles",
  "prefixes",
] as const;
const LATER_KINDS = ["vector"];

/** Reads `measures`: what is computed of each group. */
export function readMeasures(
  cursor: Cursor,
  dimensions: readonly Dimension[],
): readonly Measure[] | undefined {
  const entries = cursor.entries("measures");
  if (entries === undefined) return undefined;
  if (entries.size === 0) {
    return cursor.keyProblem("expected a measure, got none", "add one, such as people: count");
  }
  if (entries.size > MEASURES_MAX) {
    const message = `expected at most ${MEASURES_MAX} measures, got ${entries.size}`;
    return cursor.problem(message, "ask several studies: each measure takes a share of the budget");
  }
  const measures: Measure[] = [];
  for (const [name, field] of entries) {
    const named = checkMeasureName(name, field);
    const measure = readMeasure(field, name);
    if (!named || measure === undefined) continue;
    if (checkMeasure(field, measure, dimensions)) measures.push(measure);
  }
  if (measures.length < entries.size) return undefined;
  if (!checkShares(cursor, measures, dimensions)) return undefined;
  return measures.sort((left, right) => compareNames(left.name, right.name));
}

function readMeasure(cursor: Cursor, name: string): Measure | undefined {
  if (cursor.node.value === "count") return { kind: "count", name };
  if (typeof cursor.node.value === "string") return unknownKind(cursor, cursor.node.value);
  const fields = cursor.entries(`the measure ${clip(name)}`);
  if (fields === undefined) return undefined;
  const kinds = [...fields.keys()].filter((key) => isKind(key));
  const [kind] = kinds;
  if (kind === undefined) return unknownKind(cursor, [...fields.keys()][0] ?? "");
  if (kinds.length > 1) {
    const message = `expected one kind of measure, got ${kinds.join(" and ")}`;
    return cursor.problem(message, "make a measure of each");
  }
  if (kind === "count") {
    const message = "expected count alone, got it with a column";
    return cursor.problem(message, "write count: it counts people, whatever their columns hold");
  }
  if (kind === "histogram") return readHistogram(cursor, name);
  if (kind === "prefixes") return readPrefixes(cursor, name);
  if (kind === "share") return readShare(cursor, name);
  return kind === "quantiles" ? readQuantiles(cursor, name) : readNumeric(cursor, name, kind);
}

function isKind(key: string): key is (typeof KINDS)[number] {
  return (KINDS as readonly string[]).includes(key);
}

function unknownKind(cursor: Cursor, got: string): undefined {
  const kind = clip(got);
  if (LATER_KINDS.includes(got)) {
    const message = `expected a measure that this version computes, got ${kind}`;
    return cursor.problem(message, `it computes ${KINDS.join(", ")}`);
  }
  const meant = suggest(got, KINDS);
  if (meant !== undefined) {
    return cursor.problem(`expected a kind of measure, got "${kind}"`, `did you mean ${meant}?`);
  }
  const message = `expected a kind of measure, got "${kind}"`;
  return cursor.problem(
    message,
    "write count, or { sum | mean | share | variance | deviation | histogram | quantiles | prefixes: column, … }",
  );
}

function readHistogram(cursor: Cursor, name: string): Measure | undefined {
  const fields = cursor.fields(["histogram", "edges"], "a histogram");
  const column = fields?.get("histogram");
  if (fields === undefined || column === undefined) return undefined;
  const columnName = readColumnName(column);
  const found = cursor.required(fields, "edges", "add edges, such as [0, 160, 200, 1000]");
  const edges = found === undefined ? undefined : readEdges(found);
  if (columnName === undefined || edges === undefined) return undefined;
  return { kind: "histogram", name, column: columnName, edges };
}

function readQuantiles(cursor: Cursor, name: string): Measure | undefined {
  const fields = cursor.fields(["quantiles", "of", "edges"], "quantiles");
  const column = fields?.get("quantiles");
  if (fields === undefined || column === undefined) return undefined;
  const columnName = readColumnName(column);
  const shares = cursor.required(fields, "of", "add of: the shares below, such as [0.25, 0.5]");
  const of = shares === undefined ? undefined : readShares(shares);
  const remedy = "add edges, such as [0, 10, 20, 40, 80]: the finer, the closer";
  const found = cursor.required(fields, "edges", remedy);
  const edges = found === undefined ? undefined : readEdges(found);
  if (columnName === undefined || of === undefined || edges === undefined) return undefined;
  return { kind: "quantiles", name, column: columnName, of, edges };
}

function readPrefixes(cursor: Cursor, name: string): Measure | undefined {
  const fields = cursor.fields(["prefixes", "candidates"], "prefixes");
  const column = fields?.get("prefixes");
  if (fields === undefined || column === undefined) return undefined;
  const columnName = readColumnName(column);
  const remedy = "add candidates, such as [gov., edu.]: texts are counted by what they begin with";
  const found = cursor.required(fields, "candidates", remedy);
  const candidates = found === undefined ? undefined : readCandidates(found);
  if (columnName === undefined || candidates === undefined) return undefined;
  return { kind: "prefixes", name, column: columnName, candidates };
}

/** What a column of a condition holds for those of whom it is true. */
const TRUE = [1];

function readShare(cursor: Cursor, name: string): Measure | undefined {
  const fields = cursor.fields(["share", "of", ...WEIGHT_KEYS], "a share");
  const found = fields?.get("share");
  if (fields === undefined || found === undefined) return undefined;
  const column = readColumnName(found);
  const values = fields.get("of");
  const of = values === undefined ? TRUE : readValues(values);
  const weight = readPersonWeight(cursor, fields);
  if (column === undefined || of === undefined || weight === undefined) return undefined;
  return { kind: "share", name, column, of: of.toSorted(compareValues), weight };
}

/** Texts, each once; their order has no meaning. */
function readCandidates(cursor: Cursor): readonly string[] | undefined {
  const items = cursor.items("candidates", ELEMENTS_MAX);
  if (items === undefined) return undefined;
  if (items.length === 0) {
    return cursor.problem("expected at least one candidate, got none", "list what is counted");
  }
  const candidates = new Set<string>();
  for (const item of items) {
    const candidate = readLine(item, "a candidate", NAME_CHARACTERS_MAX);
    if (candidate === undefined) return undefined;
    if (candidates.has(candidate)) {
      const message = `expected each candidate once, got "${clip(candidate)}" again`;
      return item.problem(message, "remove it");
    }
    candidates.add(candidate);
  }
  return [...candidates].sort(compareNames);
}

/** Shares of people between 0 and 1, each once; their order has no meaning. */
function readShares(cursor: Cursor): readonly number[] | undefined {
  const items = cursor.items("of", QUANTILES_MAX);
  if (items === undefined) return undefined;
  if (items.length === 0) {
    return cursor.problem("expected at least one share, got none", "such as [0.5] for the median");
  }
  const shares = new Set<number>();
  for (const item of items) {
    const share = item.number("a share");
    if (share === undefined) return undefined;
    if (share <= 0 || share >= 1) {
      const message = `expected a share between 0 and 1, got ${share}`;
      return item.problem(message, "such as 0.5 for the median, 0.9 for what 90 % lie below");
    }
    if (shares.has(share)) {
      return item.problem(`expected each share once, got ${share} again`, "remove it");
    }
    shares.add(share);
  }
  return [...shares].sort((left, right) => left - right);
}

function readNumeric(
  cursor: Cursor,
  name: string,
  kind: NumericMeasure["kind"],
): Measure | undefined {
  const weightKeys = kind === "mean" ? WEIGHT_KEYS : [];
  const fields = cursor.fields([kind, "min", "max", "resolution", ...weightKeys], `a ${kind}`);
  const found = fields?.get(kind);
  if (fields === undefined || found === undefined) return undefined;
  const column = readColumnName(found);
  const why = "bounds say how much one person can change, and values are clipped to them";
  const min = cursor.required(fields, "min", `add min: ${why}`)?.number("min");
  const max = cursor.required(fields, "max", `add max: ${why}`)?.number("max");
  const given = fields.get("resolution")?.number("resolution");
  if (column === undefined || min === undefined || max === undefined) return undefined;
  const resolution = fields.has("resolution") ? given : defaultResolution(min, max);
  if (resolution === undefined) return undefined;
  const numeric = { column, min, max, resolution };
  if (!checkNumeric(cursor, fields, numeric, degreeOf(kind))) return undefined;
  if (kind !== "mean") return { kind, name, ...numeric };
  const weight = readPersonWeight(cursor, fields);
  return weight === undefined ? undefined : { kind, name, ...numeric, weight };
}

function checkNumeric(
  cursor: Cursor,
  fields: ReadonlyMap<string, Cursor>,
  { min, max, resolution }: NumericColumn,
  degree: 1 | 2,
): boolean {
  if (min >= max) {
    const remedy = "swap or correct them";
    (fields.get("min") ?? cursor).problem(`expected min below max, got ${min} and ${max}`, remedy);
    return false;
  }
  const at = fields.get("resolution") ?? cursor;
  if (resolution <= 0) {
    at.problem(`expected a resolution above 0, got ${resolution}`, "such as 0.1, or leave it out");
    return false;
  }
  const levels = (max - min) / resolution;
  if (levels ** degree > LEVELS_MAX) {
    const most = degree === 1 ? "2^32" : "2^16";
    const message = `expected at most ${most} steps from min to max, got ${levels.toPrecision(3)}`;
    at.problem(message, "choose a coarser resolution");
    return false;
  }
  if (!isWholeSteps({ min, max, resolution })) {
    const message = `expected max - min as whole steps of ${resolution}, got ${max - min}`;
    at.problem(message, "choose a resolution that divides it, or move a bound");
    return false;
  }
  return true;
}

/** What a measure must not be, given the dimensions. */
function checkMeasure(cursor: Cursor, measure: Measure, dimensions: readonly Dimension[]): boolean {
  if (measure.kind === "count") return true;
  const { column, kind } = measure;
  if (dimensions.some((dimension) => dimension.column === column)) {
    const message = `expected the ${kind} of a column, got that of the dimension ${column}`;
    cursor.problem(message, "let the map yield the value in a column of its own");
    return false;
  }
  const several = dimensions.find((dimension) => (severalOf(dimension) ?? 1) > 1);
  if (several !== undefined) {
    const message = `expected count with several ${several.column} a person, got ${kind}`;
    cursor.problem(message, "this version only counts there; ask the rest as another study");
    return false;
  }
  const weighted = stepsByWeight(measure);
  if (weighted > LEVELS_MAX) {
    const message = "expected at most 2^32 steps of a value times those of its weight";
    const got = weighted.toPrecision(3);
    cursor.problem(`${message}, got ${got}`, "choose a coarser weight_resolution");
    return false;
  }
  const elements = elementsOf(measure, cellCount(dimensions));
  const isSum = "resolution" in measure || weighted > 0;
  const most = isSum ? MOMENT_ELEMENTS_MAX : ELEMENTS_MAX;
  if (elements <= most) return true;
  cursor.problem(
    `expected at most ${most} numbers in a contribution, got ${elements}`,
    "use fewer groups, fewer bins or a coarser resolution",
  );
  return false;
}

/** Shares of one column come from one task: all of them must fit. */
function checkShares(
  cursor: Cursor,
  measures: readonly Measure[],
  dimensions: readonly Dimension[],
): boolean {
  const shares = measures.filter((measure) => measure.kind === "share" && measure.weight === null);
  const columns = Map.groupBy(shares, (share) => ("column" in share ? share.column : ""));
  for (const [column, group] of columns) {
    const sets = group.flatMap((share) => (share.kind === "share" ? [share.of] : []));
    const elements = cellCount(dimensions) * partCount({ sets }) + 1;
    if (elements <= ELEMENTS_MAX) continue;
    cursor.keyProblem(
      `expected at most ${ELEMENTS_MAX} numbers in a contribution, got ${elements} for all shares of ${column}`,
      "use fewer groups, or ask for fewer shares",
    );
    return false;
  }
  return true;
}

/** Numbers in the encoded measurement of a measure's task. */
function elementsOf(measure: Exclude<Measure, { kind: "count" }>, cells: number): number {
  if (measure.kind === "histogram" || measure.kind === "quantiles") {
    return cells * (measure.edges.length - 1) + 1;
  }
  if (measure.kind === "prefixes") return cells * measure.candidates.length + 1;
  const weighted = stepsByWeight(measure);
  if (weighted > 0) return (cells * WEIGHTED_NUMBERS + 1) * bitsOf(weighted);
  if (measure.kind === "share") return cells * partCount({ sets: [measure.of] }) + 1;
  const degree = degreeOf(measure.kind);
  return (cells * (degree + 1) + 1) * bitsOf(levelsOf(measure) ** degree);
}

/** Steps of a value times those of its weight; 0 where everybody counts once. */
function stepsByWeight(measure: Measure): number {
  if (measure.kind !== "mean" && measure.kind !== "share") return 0;
  return measure.weight === null ? 0 : weightedMax(measure, measure.weight);
}

function bitsOf(max: number): number {
  return Math.ceil(Math.log2(max + 1));
}

/** Variances need the squares of values. */
function degreeOf(kind: NumericMeasure["kind"]): 1 | 2 {
  return kind === "sum" || kind === "mean" ? 1 : 2;
}
