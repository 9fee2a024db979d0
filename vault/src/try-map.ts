/**
 * Tries the code of a draft before anybody is asked, as each vault will before it sees a row. Only
 * code that brings its own view of the tables can be tried without them: a query needs their real
 * columns, and those that say whose row it is.
 */
import { lowerStudy, type Study } from "@sumus/study";
import type { MapTables } from "./map-tables.ts";
import type { MapRunner } from "./measure.ts";
import { type Rehearsal, rehearseFresh } from "./rehearse.ts";

/** Null where the language cannot be tried without tables. */
export async function tryMap(study: Study, runner: MapRunner): Promise<Rehearsal | null> {
  const { language } = study.map;
  if (language === "sql" || language === "none") return null;
  const tables: MapTables = Object.fromEntries(
    study.needs.map(({ collection, columns }) => {
      const named = columns.map((name) => ({ name, type: "TEXT" as const }));
      return [collection, { columns: named, rows: [] }] as const;
    }),
  );
  return await rehearseFresh({ study, plan: lowerStudy(study) }, tables, runner);
}
