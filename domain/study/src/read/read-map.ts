import { decodeBase64, encodeHex } from "@sumus/bytes";
import { type Cursor, clip, readSource, suggest } from "@sumus/document";
import { MODULE_CHARACTERS_MAX, SOURCE_CHARACTERS_MAX } from "../limits.ts";
import { MAP_LANGUAGES, type MapLanguage, WHAT_A_SOURCE_IS } from "../map-language.ts";
import type { CodeLanguage, Need, ResultBlock, StudyMap } from "../study.ts";

/** How the binary format of WebAssembly begins: its name and version 1, as hex. */
const MODULE_BEGINS = "0061736d01000000";

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
  const remedy = `add ${WHAT_A_SOURCE_IS[language]} that yields one row a person`;
  const field = cursor.required(fields, "source", remedy);
  const source = field === undefined ? undefined : readCode(field, language);
  return source === undefined ? undefined : { map: { language, source }, algorithm };
}

function readCode(cursor: Cursor, language: CodeLanguage): string | undefined {
  const what = WHAT_A_SOURCE_IS[language];
  if (language === "sql" || language === "javascript") {
    return readSource(cursor, what, SOURCE_CHARACTERS_MAX);
  }
  const text = readSource(cursor, what, MODULE_CHARACTERS_MAX);
  // However its lines were broken, the same module has the same source.
  const source = text?.replaceAll(/\s/g, "");
  if (source === undefined || isModule(source)) return source;
  return cursor.problem(
    `expected ${what}, got another text`,
    "write what base64 makes of the file",
  );
}

function isModule(base64: string): boolean {
  try {
    return encodeHex(decodeBase64(base64).subarray(0, 8)) === MODULE_BEGINS;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function readLanguage(cursor: Cursor): MapLanguage | undefined {
  const language = cursor.text("a language");
  const known = MAP_LANGUAGES.find((name) => name === language);
  if (language === undefined || known !== undefined) return known;
  const meant = suggest(language, MAP_LANGUAGES);
  const remedy = meant === undefined ? "write sql or javascript" : `did you mean ${meant}?`;
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
function resultColumns(result: readonly ResultBlock[]): readonly string[] {
  const columns = result.flatMap(({ dimensions, measures }) => [
    ...dimensions.map(({ column }) => column),
    ...measures.flatMap((measure) => (measure.kind === "count" ? [] : [measure.column])),
  ]);
  return [...new Set(columns)];
}

/** What can be seen of a map without running it: does it speak of what it must? */
export function checkMapAgainst(
  cursor: Cursor,
  map: StudyMap,
  needs: readonly Need[],
  result: readonly ResultBlock[],
): void {
  if (map.language === "none") {
    checkNoMap(cursor, needs, result);
    return;
  }
  // A module may hold its names in any form.
  if (map.language === "wasm" || map.language === "wasi") return;
  const source = map.source.toLowerCase();
  for (const { collection } of needs) {
    if (source.includes(collection.toLowerCase())) continue;
    const message = `the source never mentions ${collection}, which the study needs`;
    cursor.warning(message, "remove it from needs: people are asked for it");
  }
  if (map.language === "sql" && source.includes("*")) return;
  for (const column of resultColumns(result)) {
    if (source.includes(column.toLowerCase())) continue;
    const message = `the source never mentions ${column}, which the result is made of`;
    const such = map.language === "sql" ? `… AS ${column}` : `({ ${column}: … })`;
    cursor.warning(message, `yield it, such as ${such}`);
  }
}

function checkNoMap(cursor: Cursor, needs: readonly Need[], result: readonly ResultBlock[]): void {
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
