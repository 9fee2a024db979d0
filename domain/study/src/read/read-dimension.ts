import { type Cursor, clip, isList, readLine } from "@sumus/document";
import { ELEMENTS_MAX, NAME_CHARACTERS_MAX } from "../limits.ts";
import { gridSize } from "../lower/geohash-grid.ts";
import { createH3Grid, estimateH3Cells } from "../lower/h3-grid.ts";
import type { Area, Band, Dimension } from "../study.ts";
import { readEdges } from "./read-edges.ts";
import { checkLabel } from "./text-rules.ts";

const PRECISION_MIN = 4;
const PRECISION_MAX = 7;

/** Cells of some 12,000 km2 and 0.1 km2: a country's regions and a city's blocks. */
const RESOLUTION_MIN = 3;
const RESOLUTION_MAX = 9;

/** Degrees: across more of the globe, a rectangle of H3 is another than it looks. */
const H3_DEGREES_MAX = 90;

const FORMS =
  "[a, b], { edges }, { bands }, { values, at_most }, { geohash, area, at_most } or { h3, area, at_most }";

/** Reads one dimension of `group` in any of its forms. */
export function readDimension(cursor: Cursor, column: string): Dimension | undefined {
  if (isList(cursor.node.value)) {
    const values = readValues(cursor);
    return values === undefined ? undefined : { kind: "domain", column, values, atMost: null };
  }
  const entries = cursor.entries(`the dimension ${clip(column)}`);
  if (entries === undefined) return undefined;
  if (entries.has("edges")) return readEdgeBands(cursor, column);
  if (entries.has("bands")) return readNamedBands(cursor, column);
  if (entries.has("values")) return readSeveralValues(cursor, column);
  if (entries.has("geohash")) return readGeohash(cursor, column);
  if (entries.has("h3")) return readH3(cursor, column);
  return cursor.problem(`expected a dimension, got ${cursor.describe()}`, `write ${FORMS}`);
}

/** A finite domain: texts or numbers, each once. */
export function readValues(
  cursor: Cursor,
  max: number = ELEMENTS_MAX,
): readonly (number | string)[] | undefined {
  const items = cursor.items("values", max);
  if (items === undefined) return undefined;
  if (items.length === 0) {
    return cursor.problem("expected at least one value, got none", "list the values counted");
  }
  const values = new Set<number | string>();
  for (const item of items) {
    const value = readValue(item);
    if (value === undefined) return undefined;
    if (values.has(value)) {
      return item.problem(
        `expected each value once, got ${clip(String(value))} again`,
        "remove it",
      );
    }
    const [first] = values;
    if (first !== undefined && typeof first !== typeof value) {
      const message = `expected values of one type, got ${item.describe()}`;
      return item.problem(message, "write all as text, in quotes, or all as numbers");
    }
    values.add(value);
  }
  return [...values];
}

function readValue(cursor: Cursor): number | string | undefined {
  const { value } = cursor.node;
  if (typeof value === "number") return value;
  if (typeof value === "string") return readLine(cursor, "a value", NAME_CHARACTERS_MAX);
  return cursor.problem(`expected text or a number, got ${cursor.describe()}`, "put it in quotes");
}

function readEdgeBands(cursor: Cursor, column: string): Dimension | undefined {
  const fields = cursor.fields(["edges"], "a dimension of bands");
  const found = fields?.get("edges");
  const edges = found === undefined ? undefined : readEdges(found);
  if (edges === undefined) return undefined;
  const ranges = edges.slice(1).map((high, index) => [edges[index] ?? high, high] as const);
  return { kind: "bands", column, bands: labelled(ranges) };
}

/** `bands` is a list of ranges, or a mapping from labels to ranges. */
function readNamedBands(cursor: Cursor, column: string): Dimension | undefined {
  const fields = cursor.fields(["bands"], "a dimension of bands");
  const found = fields?.get("bands");
  if (found === undefined) return undefined;
  const bands = isList(found.node.value) ? readBandList(found) : readBandMapping(found);
  if (bands === undefined) return undefined;
  if (bands.length === 0) {
    return found.problem("expected at least one band, got none", "add one, such as [0, 40]");
  }
  const sorted = [...bands].sort((left, right) => left.low - right.low);
  for (const [index, band] of sorted.entries()) {
    const next = sorted[index + 1];
    if (next === undefined || band.high <= next.low) continue;
    const message = `expected bands apart, got [${band.low}, ${band.high}] over [${next.low}, ${next.high}]`;
    return found.problem(message, `let one end where the next begins, at ${next.low}`);
  }
  return { kind: "bands", column, bands: sorted };
}

function readBandList(cursor: Cursor): readonly Band[] | undefined {
  const items = cursor.items("bands", ELEMENTS_MAX);
  const ranges = items?.map(readRange);
  if (ranges === undefined || ranges.includes(undefined)) return undefined;
  const known = ranges.filter((range) => range !== undefined);
  return labelled(known.sort(([left], [right]) => left - right));
}

function readBandMapping(cursor: Cursor): readonly Band[] | undefined {
  const entries = cursor.entries("bands");
  if (entries === undefined) return undefined;
  const bands: Band[] = [];
  for (const [label, field] of entries) {
    const range = readRange(field);
    if (checkLabel(label, field) && range !== undefined) {
      bands.push({ label, low: range[0], high: range[1] });
    }
  }
  return bands.length === entries.size ? bands : undefined;
}

function readRange(cursor: Cursor): readonly [number, number] | undefined {
  const [low, high, ...more] = cursor.items("a band") ?? [];
  if (low === undefined || high === undefined || more.length > 0) {
    return cursor.problem(`expected [low, high], got ${cursor.describe()}`, "write two numbers");
  }
  const [from, to] = [low.number("a bound"), high.number("a bound")];
  if (from === undefined || to === undefined) return undefined;
  if (from >= to) {
    return cursor.problem(`expected low below high, got ${from} and ${to}`, "swap or correct them");
  }
  return [from, to];
}

/** Bands in words: all but the highest end before their upper bound. */
function labelled(ranges: readonly (readonly [number, number])[]): readonly Band[] {
  return ranges.map(([low, high], index) => {
    const last = index === ranges.length - 1;
    return { label: last ? `${low} to ${high}` : `${low} to under ${high}`, low, high };
  });
}

function readSeveralValues(cursor: Cursor, column: string): Dimension | undefined {
  const fields = cursor.fields(["values", "at_most"], "a dimension of values");
  const found = fields?.get("values");
  if (fields === undefined || found === undefined) return undefined;
  const values = readValues(found);
  if (values === undefined) return undefined;
  const atMost = readAtMost(fields, values.length);
  return atMost === undefined ? undefined : { kind: "domain", column, values, atMost };
}

/** How many cells one person may be in; null when not given; undefined after a problem. */
function readAtMost(fields: ReadonlyMap<string, Cursor>, cells: number): number | null | undefined {
  const found = fields.get("at_most");
  if (found === undefined) return null;
  const atMost = found.integer("at_most", 1, ELEMENTS_MAX);
  if (atMost === undefined) return undefined;
  if (atMost <= cells) return atMost;
  return found.problem(`expected at_most of ${cells} cells, got ${atMost}`, "lower it");
}

function readGeohash(cursor: Cursor, column: string): Dimension | undefined {
  const fields = cursor.fields(["geohash", "area", "at_most"], "a dimension of cells");
  const found = fields?.get("geohash");
  if (fields === undefined || found === undefined) return undefined;
  const precision = found.integer("the geohash precision", PRECISION_MIN, PRECISION_MAX);
  const remedy = "add area: [south, west, north, east] in degrees";
  const field = cursor.required(fields, "area", remedy);
  const area = field === undefined ? undefined : readArea(field);
  if (precision === undefined || field === undefined || area === undefined) return undefined;
  const cells = gridSize(precision, area);
  if (cells >= ELEMENTS_MAX) {
    const message = `expected fewer than ${ELEMENTS_MAX} cells in the area, got ${cells}`;
    return field.problem(message, "choose a smaller area or a lower precision");
  }
  const atMost = readAtMost(fields, cells);
  return atMost === undefined ? undefined : { kind: "geohash", column, precision, area, atMost };
}

function readH3(cursor: Cursor, column: string): Dimension | undefined {
  const fields = cursor.fields(["h3", "area", "at_most"], "a dimension of cells");
  const found = fields?.get("h3");
  if (fields === undefined || found === undefined) return undefined;
  const resolution = found.integer("the H3 resolution", RESOLUTION_MIN, RESOLUTION_MAX);
  const remedy = "add area: [south, west, north, east] in degrees";
  const field = cursor.required(fields, "area", remedy);
  const area = field === undefined ? undefined : readArea(field);
  if (resolution === undefined || field === undefined || area === undefined) return undefined;
  if (Math.max(area.north - area.south, area.east - area.west) > H3_DEGREES_MAX) {
    const message = `expected an area of at most ${H3_DEGREES_MAX} degrees each way, got a larger one`;
    return field.problem(message, "choose a smaller area, or geohash");
  }
  // Reckoned before the cells are made: a million of them would keep everybody waiting.
  const estimate = estimateH3Cells(resolution, area);
  const cells = estimate >= ELEMENTS_MAX ? estimate : createH3Grid(resolution, area).size;
  if (cells >= ELEMENTS_MAX) {
    const message = `expected fewer than ${ELEMENTS_MAX} cells in the area, got about ${Math.round(cells)}`;
    return field.problem(message, "choose a smaller area or a lower resolution");
  }
  const atMost = readAtMost(fields, cells);
  return atMost === undefined ? undefined : { kind: "h3", column, resolution, area, atMost };
}

function readArea(cursor: Cursor): Area | undefined {
  const items = cursor.items("area");
  if (items === undefined) return undefined;
  const numbers = items.map((item) => item.number("a bound of the area"));
  const [south, west, north, east] = numbers;
  if (numbers.includes(undefined)) return undefined;
  if (south === undefined || west === undefined || north === undefined || east === undefined) {
    const message = `expected [south, west, north, east], got ${numbers.length} numbers`;
    return cursor.problem(message, "write four numbers in degrees");
  }
  const onEarth = south >= -90 && north <= 90 && west >= -180 && east <= 180;
  if (!onEarth || numbers.length !== 4) {
    const message = "expected four degrees within [-90, -180, 90, 180], got others";
    return cursor.problem(message, "the order is south, west, north, east");
  }
  if (south >= north || west >= east) {
    const message = `expected south below north and west below east, got [${numbers.join(", ")}]`;
    return cursor.problem(message, "the order is south, west, north, east");
  }
  return { south, west, north, east };
}
