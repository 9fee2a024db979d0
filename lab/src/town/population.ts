/**
 * Who lives in the town: one person for every value of the tables' person columns, with all rows
 * that carry it. Rows are shared, never copied: people resampled from one hold the same rows.
 */

import { defined } from "@sumus/assert";
import type { Collection } from "@sumus/vault";
import type { SeededRandom } from "./seeded-random.ts";

export interface Person {
  /** The person column's value; resampled people have a number after it. */
  readonly id: string;
  /** By name: the tables of which the person has at least one row. */
  readonly collections: ReadonlyMap<string, Collection>;
}

/** Everybody in any of the tables, in order of first appearance. */
export function peopleOf(
  tables: readonly {
    readonly name: string;
    readonly collections: ReadonlyMap<string, Collection>;
  }[],
): Person[] {
  const people = new Map<string, Map<string, Collection>>();
  for (const { name, collections } of tables) {
    for (const [id, collection] of collections) {
      const own = people.get(id) ?? new Map<string, Collection>();
      own.set(name, collection);
      people.set(id, own);
    }
  }
  return Array.from(people, ([id, collections]) => ({ id, collections }));
}

/**
 * Makes the town `count` people large: a sample without repetition when the tables hold more, whole
 * people drawn with repetition when they hold fewer. Throws a RangeError when there is nobody.
 */
export function resizePopulation(
  people: readonly Person[],
  count: number,
  random: SeededRandom,
): Person[] {
  if (people.length === 0) throw new RangeError("expected at least one person, got none");
  if (count === people.length) return [...people];
  if (count < people.length) return random.shuffled(people).slice(0, count);
  return Array.from({ length: count }, (_, index) => {
    const person = defined(people[random.below(people.length)], "a draw below the count of people");
    return { id: `${person.id} #${index + 1}`, collections: person.collections };
  });
}
