/**
 * A made-up crowd with everything that makes tables difficult: rows missing in either table, several
 * rows a person, empty cells, bounds hit exactly, values far outside, quoted texts. Drawn from a
 * fixed sequence, so that every run sees the same people.
 */

/** A visit of a person; what is null is an empty cell. */
export interface Visit {
  readonly points: number | null;
  readonly cost: number | null;
}

export interface Person {
  /** From 0, in order of appearance; the tests recognise a person by it. */
  readonly number: number;
  readonly id: string;
  /** Null for people who are missing from the table of people. */
  readonly card: { readonly age: number | null; readonly sex: string | null } | null;
  readonly visits: readonly Visit[];
}

/** Numerical Recipes' linear congruential generator: even enough for tables. */
function createDraw(): (bound: number) => number {
  let state = 20_260_901;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

const SEXES = ["female", "male", "neither, or both", null];

/** Makes so many people; every tenth has no card, every seventh no visits, nobody has neither. */
export function createCrowd(count: number): Person[] {
  const draw = createDraw();
  const visit = (): Visit => ({
    points: draw(6) === 0 ? null : draw(90) - 30,
    cost: draw(5) === 0 ? null : (draw(400) - 120) / 4,
  });
  return Array.from({ length: count }, (_, number) => {
    const isStranger = number % 10 === 9;
    const stays = number % 7 === 3 && !isStranger;
    // Every fifth age stands on a bound of the bands that the tests use, or outside of all of them.
    const age = number % 5 === 0 ? [0, 30, 60, 99, 100][draw(5)] : draw(99);
    const sex = SEXES[(draw(8) % 5) % 4] ?? null;
    return {
      number,
      id: `person ${number}`,
      card: isStranger ? null : { age: draw(12) === 0 ? null : (age ?? null), sex },
      visits: stays ? [] : Array.from({ length: 1 + draw(3) }, visit),
    };
  });
}

function cell(value: number | string | null): string {
  if (value === null) return "";
  const text = String(value);
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A table of texts as CSV. */
export function toCsv(
  header: readonly string[],
  rows: readonly (readonly (number | string | null)[])[],
): string {
  return [header, ...rows].map((row) => `${row.map(cell).join(",")}\n`).join("");
}

/** The table of people: number, id, age and sex. */
export function cardsCsv(crowd: readonly Person[]): string {
  const rows = crowd.flatMap(({ number, id, card }) =>
    card === null ? [] : [[id, number, card.age, card.sex]],
  );
  return toCsv(["id", "number", "age", "sex"], rows);
}

/** The table of visits, everybody's mixed up: second visits follow everybody's first ones. */
export function visitsCsv(crowd: readonly Person[]): string {
  const rounds = [0, 1, 2].flatMap((round) =>
    crowd.flatMap(({ id, visits }) => {
      const visit = visits[round];
      return visit === undefined ? [] : [[visit.cost, id, visit.points]];
    }),
  );
  return toCsv(["cost", "who", "points"], rounds);
}
