/**
 * Chance that can be had again: numbers that a seed decides. For plans of tests, never for keys.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { assert } from "@sumus/assert";

export class Chance {
  readonly seed: string;
  #state: number;

  /** @param seed any text; the same text gives the same numbers */
  constructor(seed: string) {
    this.seed = seed;
    this.#state = createHash("sha256").update(seed).digest().readUInt32LE();
  }

  /** Numbers of its own for a part of the plan, so that other parts don't shift them. */
  fork(name: string): Chance {
    return new Chance(`${this.seed}/${name}`);
  }

  /** From 0 to 1, without 1: splitmix32 of Steele, Lea and Flood. */
  fraction(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  }

  /** An integer between two bounds, both included. */
  integer(min: number, max: number): number {
    return min + Math.floor(this.fraction() * (max - min + 1));
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.integer(0, items.length - 1)];
    assert(item !== undefined, "there is something to pick from");
    return item;
  }
}
