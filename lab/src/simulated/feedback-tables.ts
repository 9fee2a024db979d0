/**
 * KUserFeedback's documents as tables: a source is a collection. A scalar source is a row, a list
 * source a row an item, a map source a row an entry, named by its `key`.
 */

import { splitByPerson, type Table } from "@sumus/vault";
import type { SeededRandom } from "../town/seeded-random.ts";
import type { TownTable } from "../town/tables.ts";
import { drawFeedbackUser, type FeedbackDocument } from "./feedback-user.ts";

const PERSON = "person";
/** Where a user's choice stands, beside the sources. */
const SETTINGS = "settings";

type Columns = Table["columns"];
type Cell = Table["rows"][number][number];

const text = (name: string): Columns[number] => ({ name, type: "TEXT" });
const integer = (name: string): Columns[number] => ({ name, type: "INTEGER" });
const real = (name: string): Columns[number] => ({ name, type: "REAL" });

/** The elements of each source. */
const SOURCES: Readonly<Record<keyof FeedbackDocument, Columns>> = {
  applicationVersion: [text("value")],
  qtVersion: [text("value")],
  platform: [text("os"), text("version")],
  compiler: [text("type"), text("version")],
  startCount: [integer("value")],
  usageTime: [integer("value")],
  screens: [integer("width"), integer("height"), integer("dpi"), real("devicePixelRatio")],
  cpu: [text("architecture"), integer("count")],
  locale: [text("region"), text("language")],
  opengl: [text("type"), text("vendor")],
  tools: [text("key"), real("property")],
};

/** Sources whose keys are data. */
const MAP_SOURCES: ReadonlySet<string> = new Set<keyof FeedbackDocument>(["tools"]);

type Element = Readonly<Record<string, Cell>>;

/** The rows of one source of one document, as elements by name. */
function elementsOf(name: keyof FeedbackDocument, document: FeedbackDocument): Element[] {
  const source = document[name];
  if (Array.isArray(source)) return source as Element[];
  if (!MAP_SOURCES.has(name)) return [source as Element];
  return Object.entries(source).map(([key, elements]) => ({ key, ...(elements as Element) }));
}

/** Simulates `count` users and what their vaults hold. */
export function simulateFeedback(count: number, random: SeededRandom): TownTable[] {
  const users = Array.from({ length: count }, (_, index) => ({
    person: `user ${index + 1}`,
    ...drawFeedbackUser(random),
  }));
  const names = Object.keys(SOURCES) as (keyof FeedbackDocument)[];
  const sources = names.map((name) => {
    const columns = SOURCES[name];
    const rows = users.flatMap(({ person, document }) =>
      elementsOf(name, document).map((element) => [
        person,
        ...columns.map((column) => element[column.name] ?? null),
      ]),
    );
    return townTable(name, columns, rows);
  });
  const modes = users.map(({ person, telemetryMode }) => [person, telemetryMode]);
  return [townTable(SETTINGS, [text("telemetryMode")], modes), ...sources];
}

function townTable(name: string, elements: Columns, rows: Table["rows"]): TownTable {
  const columns = [text(PERSON), ...elements];
  const collections = splitByPerson(name, { columns, rows }, PERSON);
  return { name, personColumn: PERSON, columns, collections };
}
