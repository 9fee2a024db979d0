/**
 * Reproducible choices: who is sampled, who says no, who lies. xoshiro128** seeded with SHA-256, so
 * that any text is a seed. For populations and behaviour only; keys, shares and noise are drawn by
 * the system's generator, and no seed makes them repeat.
 */

import { createHash } from "node:crypto";

export interface SeededRandom {
  /** A whole number in [0, bound), each equally likely. Bound from 1 to 2^32. */
  below(bound: number): number;
  /** The items in random order, in a new list. */
  shuffled<T>(items: readonly T[]): T[];
  /** An independent generator for a named purpose: adding one draw there moves nothing here. */
  fork(purpose: string): SeededRandom;
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

/** A generator of 32-bit words with 128 bits of state. */
function createWords(seed: string): () => number {
  const digest = createHash("sha256").update(seed, "utf8").digest();
  let [a, b, c, d] = [0, 4, 8, 12].map((offset) => digest.readUInt32LE(offset)) as [
    number,
    number,
    number,
    number,
  ];
  return () => {
    const word = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotateLeft(d, 11);
    return word;
  };
}

/** The same seed gives the same choices, on every machine. */
export function createSeededRandom(seed: string): SeededRandom {
  const nextWord = createWords(seed);
  const below = (bound: number): number => {
    if (!Number.isInteger(bound) || bound < 1 || bound > 2 ** 32) {
      throw new RangeError(`expected a bound from 1 to 2^32, got ${bound}`);
    }
    // Words at or above the largest multiple of the bound would favour small results.
    const limit = 2 ** 32 - (2 ** 32 % bound);
    let word = nextWord();
    while (word >= limit) word = nextWord();
    return word % bound;
  };
  return {
    below,
    shuffled: <T>(items: readonly T[]): T[] => {
      const result = [...items];
      for (let index = result.length - 1; index > 0; index--) {
        const other = below(index + 1);
        [result[index], result[other]] = [result[other] as T, result[index] as T];
      }
      return result;
    },
    fork: (purpose) => createSeededRandom(`${seed}\n${purpose}`),
  };
}
