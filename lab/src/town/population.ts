/**
 * Who lives in the town: one person for every value of the tables' person columns, with all rows
 * that carry it. Rows are shared, never copied: people resampled from one person hold the same rows.
 */

import type { SeededRandom } from "./seeded-random.ts";

/** Rows of one table that belong to one person. */
export type Rows<Row> = readonly Row[];

export interface Person<Row> {
  /** The person column's value; resampled people have a number after it. */
  readonly id: string;
  /** Tables of which the person has at least one row. */
  readonly tables: ReadonlyMap<string, Rows<Row>>;
}

/** A table whose rows are sorted by whom they belong to. */
export interface PersonTable<Row> {
  readonly name: string;
  readonly rowsByPerson: ReadonlyMap<string, Rows<Row>>;
}

/** Everybody in any of the tables, in order of first appearance. */
export function peopleOf<Row>(tables: readonly PersonTable<Row>[]): Person<Row>[] {
  const people = new Map<string, Map<string, Rows<Row>>>();
  for (const { name, rowsByPerson } of tables) {
    for (const [id, rows] of rowsByPerson) {
      const own = people.get(id) ?? new Map<string, Rows<Row>>();
      own.set(name, rows);
      people.set(id, own);
    }
  }
  return Array.from(people, ([id, own]) => ({ id, tables: own }));
}

/**
 * Makes the town `count` people large: a sample without repetition when the tables hold more, whole
 * people drawn with repetition when they hold fewer.
 */
export function resizePopulation<Row>(
  people: readonly Person<Row>[],
  count: number,
  random: SeededRandom,
): Person<Row>[] {
  if (count === people.length) return [...people];
  if (count < people.length) return random.shuffled(people).slice(0, count);
  return Array.from({ length: count }, (_, index) => {
    const person = people[random.below(people.length)];
    if (person === undefined) throw new RangeError("expected at least one person, got none");
    return { id: `${person.id} #${index + 1}`, tables: person.tables };
  });
}
