import { type Cursor, clip, readSource, suggest } from "@sumus/document";
import { SOURCE_CHARACTERS_MAX } from "./limits.ts";
import type { Need, StudyMap, StudyResult } from "./study.ts";

const LANGUAGES = ["sql", "none"];
const LATER_LANGUAGES = ["javascript", "wasm"];

/** A map as read, with the algorithm it claims to be. */
export interface MapReading {
  readonly map: StudyMap;
  /** Lower-case hex of the algorithm id that the manifest names, checked by the caller. */
  readonly algorithm: { readonly id: string; readonly cursor: Cursor } | null;
}

/** Reads `map`: how the rows of a vault become at most one row. */
export function readMap(cursor: Cursor): MapReading | undefined {
  const stray = "remove it, or put the query in quotes: YAML ends it at a comma or colon";
  const fields = cursor.fields(["language", "source", "algorithm"], "map", stray);
  if (fields === undefined) return undefined;
  const found = cursor.required(fields, "language", "such as language: sql");
  const language = found === undefined ? undefined : readLanguage(found);
  const claimed = fields.get("algorithm");
  const algorithm = claimed === undefined ? null : readAlgorithm(claimed);
  const given = fields.get("source");
  if (language === undefined || algorithm === undefined) return undefined;
  if (language === "none") {
    if (given === undefined) return { map: { language }, algorithm };
    return given.keyProblem("expected no source with language none, got one", "remove it");
  }
  if (given === undefined && algorithm !== null) {
    const message = "expected the map's source, got an algorithm's id alone";
    const remedy = "add source: this version has no register of published algorithms";
    return cursor.problem(message, remedy);
  }
  const field = cursor.required(fields, "source", "add the query that yields one row a person");
  const source =
    field === undefined ? undefined : readSource(field, "a query", SOURCE_CHARACTERS_MAX);
  return source === undefined ? undefined : { map: { language, source }, algorithm };
}

function readLanguage(cursor: Cursor): "sql" | "none" | undefined {
  const language = cursor.text("a language");
  if (language === undefined || language === "sql" || language === "none") return language;
  if (LATER_LANGUAGES.includes(language)) {
    const message = `expected a language that this version runs, got ${language}`;
    return cursor.problem(message, "it runs sql and none");
  }
  const meant = suggest(language, LANGUAGES);
  const remedy = meant === undefined ? "write sql or none" : `did you mean ${meant}?`;
  return cursor.problem(`expected a language, got "${clip(language)}"`, remedy);
}

function readAlgorithm(cursor: Cursor): MapReading["algorithm"] | undefined {
  const id = cursor.text("an algorithm's id");
  if (id === undefined) return undefined;
  if (/^[0-9a-f]{64}$/.test(id)) return { id, cursor };
  const message = `expected an algorithm's id, got "${clip(id)}"`;
  return cursor.problem(message, "write 64 lower-case hex digits, or remove it");
}

/** The columns of a map's row that a result is made of. */
function resultColumns({ dimensions, measures }: StudyResult): readonly string[] {
  const columns = new Set(dimensions.map(({ column }) => column));
  for (const measure of measures) {
    if (measure.kind !== "count") columns.add(measure.column);
  }
  return [...columns];
}

/** What can be seen of a map without running it: does it speak of what it must? */
export function checkMapAgainst(
  cursor: Cursor,
  map: StudyMap,
  needs: readonly Need[],
  result: StudyResult,
): void {
  if (map.language === "none") {
    checkNoMap(cursor, needs, result);
    return;
  }
  const source = map.source.toLowerCase();
  for (const { collection } of needs) {
    if (source.includes(collection.toLowerCase())) continue;
    const message = `the source never mentions ${collection}, which the study needs`;
    cursor.warning(message, "remove it from needs: people are asked for it");
  }
  if (source.includes("*")) return;
  for (const column of resultColumns(result)) {
    if (source.includes(column.toLowerCase())) continue;
    const message = `the source never mentions ${column}, which the result is made of`;
    cursor.warning(message, `yield it, such as … AS ${column}`);
  }
}

function checkNoMap(cursor: Cursor, needs: readonly Need[], result: StudyResult): void {
  const [need, ...more] = needs;
  if (need === undefined || more.length > 0) {
    const message = `expected one collection with language none, got ${needs.length}`;
    cursor.problem(message, "join several with a query in sql");
    return;
  }
  for (const column of resultColumns(result)) {
    if (need.columns.includes(column)) continue;
    const message = `expected the result's column ${column} in ${need.collection}, got none such`;
    cursor.problem(message, "add it to needs, or use a query in sql");
  }
}
