/** Values of columns that nobody has seen: kinds of them, drawn by a seed. */

import type { CellValue, ColumnType } from "@sumus/sandbox";
import type { Area } from "@sumus/study";
import type { SeededRandom } from "../town/seeded-random.ts";

/** What a synthetic column holds. */
export interface ColumnValues {
  readonly type: ColumnType;
  /** In words: `0 to 60`. */
  readonly words: string;
  draw(random: SeededRandom): CellValue;
}

const WORDS_OF = 6;
const FINE = 2 ** 32;

/** A number from 0 to below 1. */
function share(random: SeededRandom): number {
  return random.below(FINE) / FINE;
}

function between(random: SeededRandom, low: number, high: number): number {
  return low + share(random) * (high - low);
}

/** Numbers within bounds, in whole steps of `step` from the lower one. */
export function numbersBetween(low: number, high: number, step: number): ColumnValues {
  const steps = Math.max(1, Math.floor((high - low) / step + 1e-9));
  const whole = Number.isInteger(low) && Number.isInteger(step);
  return {
    type: whole ? "INTEGER" : "REAL",
    words: `${low} to ${high}`,
    draw: (random) => {
      const value = low + random.below(Math.min(steps + 1, FINE)) * step;
      return whole ? value : Number(Math.min(high, value).toPrecision(12));
    },
  };
}

/** One of some values, each as likely. */
export function oneOf(values: readonly (number | string)[]): ColumnValues {
  return {
    type: typeOf(values),
    words: listed(values),
    draw: (random) => values[random.below(values.length)] ?? null,
  };
}

/** A JSON list of up to `most` different values. */
export function listOf(values: readonly (number | string)[], most: number): ColumnValues {
  return {
    type: "TEXT",
    words: `lists of up to ${most} of ${listed(values)}`,
    draw: (random) => {
      const count = 1 + random.below(Math.min(most, values.length));
      return JSON.stringify(random.shuffled(values).slice(0, count));
    },
  };
}

/** Degrees of one axis within an area. */
export function degreesIn(
  { south, west, north, east }: Area,
  axis: "latitude" | "longitude",
): ColumnValues {
  const [low, high] = axis === "latitude" ? [south, north] : [west, east];
  return {
    type: "REAL",
    words: `${low} to ${high}`,
    draw: (random) => Number(between(random, low, high).toFixed(6)),
  };
}

/** A JSON list of up to `most` places of an area. */
export function placesIn(area: Area, most: number): ColumnValues {
  const { south, west, north, east } = area;
  return {
    type: "TEXT",
    words: `lists of up to ${most} places from ${south}, ${west} to ${north}, ${east}`,
    draw: (random) => {
      const place = (): number[] =>
        [between(random, south, north), between(random, west, east)].map((degrees) =>
          Number(degrees.toFixed(6)),
        );
      return JSON.stringify(Array.from({ length: 1 + random.below(most) }, place));
    },
  };
}

const LETTERS = "abcdefghij";

/** Texts that begin with one of the candidates, or now and then with none. */
export function beginningWith(candidates: readonly string[]): ColumnValues {
  return {
    type: "TEXT",
    words: `texts that begin with ${listed(candidates)}`,
    draw: (random) => {
      const candidate = random.below(10) === 0 ? "" : candidates[random.below(candidates.length)];
      const rest = Array.from({ length: 3 }, () => LETTERS.charAt(random.below(LETTERS.length)));
      return `${candidate ?? ""}${rest.join("")}`;
    },
  };
}

function typeOf(values: readonly (number | string)[]): ColumnType {
  if (values.some((value) => typeof value === "string")) return "TEXT";
  return values.every((value) => Number.isInteger(value)) ? "INTEGER" : "REAL";
}

function listed(values: readonly (number | string)[]): string {
  const shown = values.slice(0, WORDS_OF).join(", ");
  return values.length > WORDS_OF ? `${shown}, … (${values.length})` : shown;
}
