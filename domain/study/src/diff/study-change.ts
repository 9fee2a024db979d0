import { canonicalJson, type Json } from "@sumus/document";

export type Direction = "widened" | "narrowed" | "changed";

/** One difference. */
export interface StudyChange {
  /** Where, such as `privacy.epsilon`. */
  readonly path: string;
  readonly direction: Direction;
  /** Such as `from 1 to 2`. */
  readonly words: string;
}

/** Another number: more is wider, or less is. */
export function diffNumber(
  path: string,
  [before, after]: readonly [number, number],
  more: "widened" | "narrowed",
): StudyChange[] {
  if (before === after) return [];
  const less = more === "widened" ? "narrowed" : "widened";
  const direction = after > before ? more : less;
  return [{ path, direction, words: `from ${before} to ${after}` }];
}

/** Another value of which nothing more can be said. */
export function diffValue(path: string, before: Json, after: Json): StudyChange[] {
  const [left, right] = [before, after].map((value) => canonicalJson(value));
  if (left === right) return [];
  return [{ path, direction: "changed", words: `from ${shown(before)} to ${shown(after)}` }];
}

function shown(value: Json): string {
  const text = typeof value === "string" ? value : canonicalJson(value);
  return value === null ? "nothing" : text.length <= 60 ? text : `${text.slice(0, 57)}…`;
}

/** Names that came are wider, names that went are narrower. */
export function diffNames(
  path: string,
  before: readonly string[],
  after: readonly string[],
): StudyChange[] {
  const came = after.filter((name) => !before.includes(name));
  const went = before.filter((name) => !after.includes(name));
  const change = (direction: Direction, word: string, names: readonly string[]): StudyChange[] =>
    names.length === 0 ? [] : [{ path, direction, words: `${word} ${names.join(", ")}` }];
  return [...change("widened", "also", came), ...change("narrowed", "no longer", went)];
}
