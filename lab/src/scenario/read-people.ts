/** Reads `people`: the populations of a scenario. */

import { type Cursor, clip, isWhole, readLine, readOr } from "@sumus/document";
import { readEntries, readLines, readOneOf } from "./read-parts.ts";
import {
  type ConsentSetting,
  IMPORTERS,
  type PeopleSource,
  type ScenarioPeople,
  type ScenarioTable,
  SIMULATORS,
} from "./scenario.ts";

const FIELDS = ["tables", "resampled", "simulated", "people", "note", "consent"];
const PEOPLE_MAX = 1_000_000;
const NAME_CHARACTERS_MAX = 64;
const PATH_CHARACTERS_MAX = 512;
const NOTE_CHARACTERS_MAX = 1000;
const NAMES = { items: 64, characters: NAME_CHARACTERS_MAX };

const FORMS = "{ tables: … }, { resampled: NAME, people } or { simulated: NAME, people }";

/** Reads all populations; one that is resampled names an earlier one. */
export function readPeople(cursor: Cursor): ScenarioPeople[] | undefined {
  const earlier: string[] = [];
  return readEntries(cursor, "people", (name, entry) => {
    const population = readPopulation(name, entry, [...earlier]);
    earlier.push(name);
    return population;
  });
}

function readPopulation(
  name: string,
  cursor: Cursor,
  earlier: readonly string[],
): ScenarioPeople | undefined {
  const fields = cursor.fields(FIELDS, "a population");
  if (fields === undefined) return undefined;
  const read = {
    source: readSource(cursor, fields, earlier),
    count: readOr(fields.get("people"), null, (field) =>
      field.integer("a number of people", 1, PEOPLE_MAX),
    ),
    consent: readOr(fields.get("consent"), null, readConsent),
    simulated: readOr(fields.get("note"), null, (field) =>
      readLine(field, "a note", NOTE_CHARACTERS_MAX),
    ),
  };
  if (!isWhole(read)) return undefined;
  if (read.source.kind !== "tables" && (read.count === null || read.simulated === null)) {
    const message = "expected people and a note, for these people are not real";
    return cursor.keyProblem(message, "say how many there are, and in a sentence who they are");
  }
  return { name, ...read };
}

function readSource(
  cursor: Cursor,
  fields: ReadonlyMap<string, Cursor>,
  earlier: readonly string[],
): PeopleSource | undefined {
  const [tables, resampled, simulated] = ["tables", "resampled", "simulated"].map((key) =>
    fields.get(key),
  );
  const given = [tables, resampled, simulated].filter((field) => field !== undefined);
  if (given.length !== 1) {
    return cursor.problem(`expected one source of people, got ${given.length}`, `write ${FORMS}`);
  }
  if (tables !== undefined) {
    const read = readEntries(tables, "tables", readTableOf);
    return read && { kind: "tables", tables: read };
  }
  if (simulated !== undefined) {
    const simulator = readOneOf(simulated, "a simulation", SIMULATORS);
    return simulator && { kind: "simulated", simulator };
  }
  const of = resampled && readOneOf(resampled, "a population above this one", earlier);
  return of === undefined ? undefined : { kind: "resampled", of };
}

function readTableOf(name: string, cursor: Cursor): ScenarioTable | undefined {
  const fields = cursor.fields(["file", "person", "import"], "a table");
  if (fields === undefined) return undefined;
  const file = cursor.required(fields, "file", "name a CSV file, from this folder");
  const person = cursor.required(fields, "person", "name the column that says whose a row is");
  const read = {
    file: file && readLine(file, "a file", PATH_CHARACTERS_MAX),
    personColumn: person && readLine(person, "a column", NAME_CHARACTERS_MAX),
    importer: readOr(fields.get("import"), null, (field) =>
      readOneOf(field, "an importer", IMPORTERS),
    ),
  };
  return isWhole(read) ? { name, ...read } : undefined;
}

/** Reads `consent`: where a person's setting stands, and what each level of it allows. */
function readConsent(cursor: Cursor): ConsentSetting | undefined {
  const fields = cursor.fields(["setting", "levels", "epsilon_max", "people_min"], "consent");
  if (fields === undefined) return undefined;
  const epsilon = cursor.required(fields, "epsilon_max", "such as 1");
  const people = cursor.required(fields, "people_min", "such as 100");
  const epsilonMax = epsilon?.number("an epsilon");
  const peopleMin = people?.integer("a number of people", 2, PEOPLE_MAX);
  const setting = cursor.required(fields, "setting", "name table.column");
  const levels = cursor.required(fields, "levels", "such as { basic: [versions] }");
  const text = setting?.text("a setting");
  const read = levels && readEntries(levels, "levels", readLevel);
  const limits = { epsilonMax, peopleMin };
  if (setting === undefined || text === undefined || read === undefined) return undefined;
  if (!isWhole(limits)) return undefined;
  const [table, column, ...more] = text.split(".");
  if (!table || !column || more.length > 0) {
    return setting.problem(`expected table.column, got "${clip(text)}"`, "such as settings.mode");
  }
  return { table, column, levels: read, ...limits };
}

function readLevel(name: string, cursor: Cursor): ConsentSetting["levels"][number] | undefined {
  const reads = readLines(cursor, "collection", NAMES);
  return reads && { name, reads };
}
