/**
 * The truth, reckoned a second time: plain arithmetic over the made-up people, with nothing of the
 * product in it. What a study means is written here once more, in the simplest words.
 */
import type { Person } from "./crowd.ts";
import type { Measure } from "./sumus.ts";

/** Name, group and bin of a number, as one text. */
export function keyOf({ name, group, bin }: Pick<Measure, "name" | "group" | "bin">): string {
  const groups = Object.entries(group ?? {}).map(([dimension, label]) => `${dimension} ${label}`);
  return [name, ...groups.toSorted(), ...(bin === null ? [] : [bin])].join(" | ");
}

/** What the maps of the tests make of one person. */
export interface Figures {
  readonly number: number;
  readonly age: number | null;
  readonly sex: string | null;
  /** The highest of all visits. */
  readonly points: number | null;
  /** The sum over all visits. */
  readonly cost: number | null;
}

/** Null for people without a card: the maps begin there. */
export function figuresOf({ number, card, visits }: Person): Figures | null {
  if (card === null) return null;
  const points = visits.flatMap((visit) => visit.points ?? []);
  const costs = visits.flatMap((visit) => visit.cost ?? []);
  return {
    number,
    ...card,
    points: points.length === 0 ? null : Math.max(...points),
    cost: costs.length === 0 ? null : costs.reduce((sum, cost) => sum + cost, 0),
  };
}

export function clip(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}

/** Adds to the numbers of a release by their keys. */
export class Numbers {
  readonly #sums = new Map<string, number>();

  add(key: string, value: number): void {
    this.#sums.set(key, this.get(key) + value);
  }

  /** 0 for what nobody added to. */
  get(key: string): number {
    return this.#sums.get(key) ?? 0;
  }
}

/** The label of the bin of a value; the last bin is closed, and what lies outside is moved in. */
export function binOf(value: number, edges: readonly number[]): string {
  const last = edges.length - 2;
  const inside = edges.slice(1, -1).filter((edge) => value >= edge).length;
  const bin = Math.min(inside, last);
  return `[${edges[bin]}, ${edges[bin + 1]}${bin === last ? "]" : ")"}`;
}
