/**
 * People who do not exist, with rows of the shape that a study reads: values drawn from what the
 * manifest says of them, or whole rows from a sample that the commissioner gives.
 */

import { defined } from "@sumus/assert";
import type { CellValue, MapColumn } from "@sumus/sandbox";
import type { Need, Study } from "@sumus/study";
import { type Row, splitByPerson } from "@sumus/vault";
import type { MapTables } from "@sumus/vault/testing";
import { LabError } from "../lab-error.ts";
import type { SeededRandom } from "../town/seeded-random.ts";
import { readRows } from "../town/tables.ts";
import { joinsOn } from "./code-hints.ts";
import { codeOf, type Guess, guessValues, NOTHING_KNOWN } from "./guess-values.ts";
import type { PersonColumns } from "./try-query.ts";

/** Example rows of a collection; with a person column whole people are drawn from it. */
export interface SampleFile {
  readonly name: string;
  readonly file: string;
  readonly personColumn: string | null;
}

/** A column of the synthetic rows, and where its values are from. */
export interface SyntheticColumn {
  readonly collection: string;
  readonly column: string;
  readonly values: string;
  readonly source: string;
  /** The values are as good as any others: a sample would be better. */
  readonly inTheDark: boolean;
}

/** One in so many guessed cells is NULL. */
const NULL_OF = 25;
/** Rows of a person who has several. */
const ROWS_MAX = 6;

/** Makes the rows of one collection for one person. */
interface TableMaker {
  readonly collection: string;
  readonly columns: readonly MapColumn[];
  readonly told: readonly SyntheticColumn[];
  rows(person: number, several: boolean, random: SeededRandom): readonly Row[];
}

export interface SyntheticPeople {
  readonly columns: readonly SyntheticColumn[];
  /** The tables of one person; several rows in each where people may have them. */
  person(index: number, several: boolean, random: SeededRandom): MapTables;
}

/** @throws {LabError} `badInput` when a sample cannot be used */
export async function createSyntheticPeople(
  study: Study,
  samples: readonly SampleFile[],
  personColumns: PersonColumns,
): Promise<SyntheticPeople> {
  const unknown = samples.find(({ name }) => study.needs.every((need) => need.collection !== name));
  if (unknown !== undefined) {
    const names = study.needs.map(({ collection }) => collection).join(", ");
    const message = `The study needs no table ${unknown.name}; it needs ${names}.`;
    throw new LabError("badInput", message, "Give samples of those, or of some of them.");
  }
  const shared = sharedColumns(study);
  const makers: TableMaker[] = [];
  for (const need of study.needs) {
    const whose = personColumns.get(need.collection) ?? [];
    const sample = samples.find(({ name }) => name === need.collection);
    makers.push(
      sample === undefined
        ? guessedTable(study, need, shared, whose)
        : await sampledTable(need, sample, shared, whose),
    );
  }
  return {
    columns: makers.flatMap(({ told }) => told),
    person: (index, several, random) =>
      Object.fromEntries(
        makers.map((maker) => {
          const { collection, columns } = maker;
          return [collection, { columns, rows: maker.rows(index, several, random) }] as const;
        }),
      ),
  };
}

/** Columns that several collections have and the map joins on: they say whose row it is. */
function sharedColumns(study: Study): ReadonlySet<string> {
  const names = study.needs.flatMap(({ columns }) => columns);
  const repeated = new Set(names.filter((name, index) => names.indexOf(name) !== index));
  return new Set([...repeated].filter((name) => joinsOn(codeOf(study), name)));
}

function constantColumns(names: readonly string[]): MapColumn[] {
  return names.map((name) => ({ name, type: "INTEGER", constant: 1 }));
}

const WHOSE_ROW: Omit<SyntheticColumn, "collection" | "column"> = {
  values: "a number for each person",
  source: "it says whose row it is",
  inTheDark: false,
};

function guessedTable(
  study: Study,
  { collection, columns }: Need,
  shared: ReadonlySet<string>,
  whose: readonly string[],
): TableMaker {
  const guesses = columns.map((column): Guess | null =>
    shared.has(column) ? null : guessValues(study, column),
  );
  const cell = (guess: Guess | null, person: number, random: SeededRandom): CellValue => {
    if (guess === null) return person;
    return random.below(NULL_OF) === 0 ? null : guess.draw(random);
  };
  return {
    collection,
    columns: [
      ...columns.map(
        (name, index): MapColumn => ({ name, type: guesses[index]?.type ?? "INTEGER" }),
      ),
      ...constantColumns(whose),
    ],
    told: columns.map((column, index) => {
      const guess = guesses[index] ?? null;
      if (guess === null) return { collection, column, ...WHOSE_ROW };
      const { source, words: values } = guess;
      return { collection, column, values, source, inTheDark: source === NOTHING_KNOWN };
    }),
    rows: (person, several, random) => {
      const count = several ? 1 + random.below(ROWS_MAX) : 1;
      return Array.from({ length: count }, () =>
        guesses.map((guess) => cell(guess, person, random)),
      );
    },
  };
}

async function sampledTable(
  { collection, columns }: Need,
  sample: SampleFile,
  shared: ReadonlySet<string>,
  whose: readonly string[],
): Promise<TableMaker> {
  const { file, personColumn } = sample;
  const table = await readRows(file, personColumn === null ? {} : { personColumn });
  const placed = columns.map((name): MapColumn => {
    const index = table.columns.findIndex((column) => column.name === name);
    const found = table.columns[index];
    if (found !== undefined) return { name, type: found.type, index };
    const names = table.columns.map((column) => column.name).join(", ");
    const message = `${file}: expected the column ${name}, which the study needs, got ${names}`;
    throw new LabError("badInput", message, "Correct the first line of the file.");
  });
  const people =
    personColumn === null
      ? table.rows.map((row) => [row])
      : [...splitByPerson(collection, table, personColumn).values()].map(({ rows }) => rows);
  const isKey = (name: string): boolean => shared.has(name) || name === personColumn;
  const keys = placed.filter(({ name }) => isKey(name)).map(({ index = 0 }) => index);
  const draw = (random: SeededRandom): readonly Row[] =>
    defined(people[random.below(people.length)], "a draw below the count of people");
  return {
    collection,
    columns: [...placed, ...constantColumns(whose.filter((name) => !columns.includes(name)))],
    told: columns.map((column) => ({
      collection,
      column,
      ...(isKey(column)
        ? WHOSE_ROW
        : { values: "as in the sample", source: sample.file, inTheDark: false }),
    })),
    rows: (person, several, random) => {
      const count = several && personColumn === null ? 1 + random.below(ROWS_MAX) : 1;
      const drawn = Array.from({ length: count }, () => draw(random)).flat();
      if (keys.length === 0) return drawn;
      return drawn.map((row) => row.map((value, index) => (keys.includes(index) ? person : value)));
    },
  };
}
