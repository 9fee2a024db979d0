/** Whether anybody could take part: every needed table and column is there, and held. */

import type { Study } from "@sumus/study";
import { LabError } from "../lab-error.ts";
import { holdsAll, type Population, whoeverIs } from "./population.ts";

interface NamedTable {
  readonly name: string;
  readonly columns: readonly { readonly name: string }[];
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? "none" : names.join(", ");
}

/** Throws a LabError `badInput` for what no vault could prove yet, before anything is started. */
export function checkProvable({ eligible }: Study): void {
  if (eligible === null || (eligible.issuers.length === 0 && eligible.attributes.size === 0))
    return;
  throw new LabError(
    "badInput",
    "The study names issuers or attributes, and this version cannot prove them.",
    "Remove them; eligible.where admits people by what their own vaults hold.",
  );
}

/** Throws a LabError `badInput` that names the table and column, and what there is instead. */
export function checkNeeds(study: Study, tables: readonly NamedTable[]): void {
  for (const { collection, columns } of study.needs) {
    const table = tables.find(({ name }) => name === collection);
    if (table === undefined) {
      const known = listed(tables.map(({ name }) => name));
      throw new LabError(
        "badInput",
        `The study needs ${collection}, which nobody has; the tables are ${known}.`,
        `Give --table ${collection}=FILE.csv:PERSON_COLUMN, or change needs in the manifest.`,
      );
    }
    const names = table.columns.map(({ name }) => name);
    const missing = columns.find((column) => !names.includes(column));
    if (missing !== undefined) {
      throw new LabError(
        "badInput",
        `The study needs ${collection}.${missing}, which nobody has; ` +
          `the columns are ${listed(names)}.`,
        "Change needs in the manifest, or the first line of the table.",
      );
    }
  }
}

/** Throws a LabError `badInput` when no person has rows in all tables the study needs. */
export function checkSomebodyHolds(study: Study, population: Population): void {
  const needed = study.needs.map(({ collection }) => collection);
  if (whoeverIs(population, (person) => holdsAll(person, needed)).includes(true)) return;
  throw new LabError(
    "badInput",
    `Nobody has rows in all of ${listed(needed)}, so nobody can be asked.`,
    "Do the person columns of the tables name people in the same way?",
  );
}
