/**
 * A scenario: who lives in a town, what they are asked, and how the answers are told. Plain data, read
 * from a folder of lab/scenarios, so that a scenario is added without any code.
 */

import type { Story } from "@sumus/pages";
import type { Study } from "@sumus/study";
import type { TableFile } from "../town/tables.ts";

/** Setting by setting, which collections a person's own choice lets studies read. */
export interface ConsentSetting {
  /** Where each person's choice stands: a column of one of the tables. */
  readonly table: string;
  readonly column: string;
  /** From the least to the most: each level allows its own collections and all those before it. */
  readonly levels: readonly { readonly name: string; readonly reads: readonly string[] }[];
  /** What a study may ask for at most, and among how many at least, whatever the level. */
  readonly epsilonMax: number;
  readonly peopleMin: number;
}

/** A table of a scenario: a file, and what a vault's importer does with it. */
export interface ScenarioTable extends TableFile {
  /** The name of an importer, null for none. */
  readonly importer: ImporterName | null;
}

export const IMPORTERS = ["neighborhoods"] as const;
export type ImporterName = (typeof IMPORTERS)[number];

export const SIMULATORS = ["user-feedback"] as const;
export type SimulatorName = (typeof SIMULATORS)[number];

/** Where people come from. */
export type PeopleSource =
  | { readonly kind: "tables"; readonly tables: readonly ScenarioTable[] }
  /** Whole people of another population, drawn by lot. */
  | { readonly kind: "resampled"; readonly of: string }
  /** Nobody's rows: people made up by code from the seed. */
  | { readonly kind: "simulated"; readonly simulator: SimulatorName };

/** People of whom some questions are asked. */
export interface ScenarioPeople {
  readonly name: string;
  readonly source: PeopleSource;
  /** How many live in the town; null for as many as the tables hold. */
  readonly count: number | null;
  /** Standing rules by a setting of their own; null where the lab answers for the owners. */
  readonly consent: ConsentSetting | null;
  /** One sentence when the people are not real, with {people} and {originals}; null otherwise. */
  readonly simulated: string | null;
}

export interface Question {
  readonly study: Study;
  readonly people: ScenarioPeople["name"];
  readonly story: Story;
}

/** What a page says around its questions. */
export interface ScenarioWords {
  readonly title: string;
  readonly lead: string;
  /** What the page does not show. */
  readonly limits: readonly string[];
  /** Whose data it is, and under which licence. */
  readonly sources: readonly string[];
}

export interface Scenario extends ScenarioWords {
  /** The name of its folder. */
  readonly name: string;
  readonly populations: readonly ScenarioPeople[];
  readonly questions: readonly Question[];
}
