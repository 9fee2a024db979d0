/** Small readings that the parts of a scenario share. */

import { type Cursor, clip, readLine } from "@sumus/document";

/** One of a few words; the fallback when nothing is written. */
export function readOneOf<T extends string>(
  cursor: Cursor | undefined,
  what: string,
  words: readonly T[],
  fallback?: T,
): T | undefined {
  if (cursor === undefined) return fallback;
  const text = cursor.text(what);
  if (text === undefined) return undefined;
  const word = words.find((each) => each === text);
  if (word !== undefined) return word;
  return cursor.problem(`expected ${what}, got "${clip(text)}"`, `write ${words.join(" or ")}`);
}

/** A list of lines. */
export function readLines(
  cursor: Cursor,
  what: string,
  limits: { readonly items: number; readonly characters: number },
): string[] | undefined {
  const items = cursor.items(`${what}s`, limits.items);
  const lines = items?.map((item) => readLine(item, what, limits.characters));
  if (lines === undefined || lines.includes(undefined)) return undefined;
  return lines.filter((line) => line !== undefined);
}

/** Every entry of a mapping, in order; undefined when one of them has a problem. */
export function readEntries<T>(
  cursor: Cursor,
  what: string,
  read: (name: string, entry: Cursor) => T | undefined,
): T[] | undefined {
  const entries = cursor.entries(what);
  if (entries === undefined) return undefined;
  if (entries.size === 0) return cursor.keyProblem(`expected ${what}, got none`, "write one");
  const all = [...entries].map(([name, entry]) => read(name, entry));
  return all.includes(undefined) ? undefined : (all as T[]);
}
