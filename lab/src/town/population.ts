/**
 * Who lives in the town: one person for every value of the tables' person columns, with all rows
 * that carry it. Rows are shared, never copied: of a million people resampled from ten thousand, each
 * costs four bytes.
 */

import { defined } from "@sumus/assert";
import type { ConsentRule } from "@sumus/consent";
import type { Collection } from "@sumus/vault";
import type { SeededRandom } from "./seeded-random.ts";

export interface Person {
  /** The person column's value; resampled people have a number after it. */
  readonly id: string;
  /** By name: the tables of which the person has at least one row. */
  readonly collections: ReadonlyMap<string, Collection>;
  /** Standing rules of their own, which answer for them; without any, the lab plays the owner. */
  readonly rules?: readonly ConsentRule[];
}

/** The people of a town or of a part of it. Plain data: it can go to another thread. */
export interface Population {
  /** The different people whose rows there are. */
  readonly people: readonly Person[];
  /** For everybody who lives here, whose rows these are: a place in `people`. */
  readonly rowsOf: Uint32Array;
  /** Of the first who lives here; null when nobody was resampled, and nobody needs a number. */
  readonly firstNumber: number | null;
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
 * A town of `count`: everybody, a sample without repetition when the tables hold more, whole people
 * drawn with repetition when they hold fewer. Throws a RangeError when there is nobody.
 */
export function createPopulation(
  people: readonly Person[],
  count: number,
  random: SeededRandom,
): Population {
  if (people.length === 0) throw new RangeError("expected at least one person, got none");
  if (count > people.length) {
    const rowsOf = Uint32Array.from({ length: count }, () => random.below(people.length));
    return { people, rowsOf, firstNumber: 1 };
  }
  const everybody = [...people.keys()];
  const chosen = count === people.length ? everybody : random.shuffled(everybody).slice(0, count);
  return { people, rowsOf: Uint32Array.from(chosen), firstNumber: null };
}

/** Who lives at a place of the town. */
export function personAt({ people, rowsOf, firstNumber }: Population, index: number): Person {
  const person = defined(people[rowsOf[index] ?? people.length], "a place where somebody lives");
  if (firstNumber === null) return person;
  return { ...person, id: `${person.id} #${firstNumber + index}` };
}

/** Those who live from one place up to another, with the rows that they need and no others. */
export function sliceOf(population: Population, begin: number, end: number): Population {
  const places = new Map<number, number>();
  const people: Person[] = [];
  const rowsOf = population.rowsOf.slice(begin, end).map((source) => {
    const known = places.get(source);
    if (known !== undefined) return known;
    people.push(defined(population.people[source], "a person whose rows there are"));
    places.set(source, people.length - 1);
    return people.length - 1;
  });
  const { firstNumber } = population;
  return { people, rowsOf, firstNumber: firstNumber === null ? null : firstNumber + begin };
}

/** For everybody who lives here, whether it is so: that depends on their rows alone. */
export function whoeverIs(
  { people, rowsOf }: Population,
  test: (person: Person) => boolean,
): boolean[] {
  const outcomes = people.map(test);
  return Array.from(rowsOf, (source) => outcomes[source] ?? false);
}

/** Whether a person has rows of all these tables. */
export function holdsAll({ collections }: Person, tables: readonly string[]): boolean {
  return tables.every((name) => collections.has(name));
}
