/** Where in a manifest a fault of its map is. */

import type { MapFault } from "@sumus/lab";
import type { Problem } from "@sumus/study";

/** The fault as a problem of the manifest: at the word that it is about, else at the map. */
export function problemOfMap(source: string, { message, remedy, word }: MapFault): Problem {
  const map = Math.max(0, source.search(/^\s*["']?map["']?\s*:/m));
  const found = word === null ? -1 : indexOfWord(source, word, map);
  const at = found >= 0 ? found : map + Math.max(0, source.slice(map).search(/\S/));
  const before = source.slice(0, at).split("\n");
  const column = (before.at(-1)?.length ?? 0) + 1;
  return { line: before.length, column, path: "map", message, remedy };
}

/** Where a word stands by itself, at or after `from`; -1 where it does not. */
function indexOfWord(source: string, word: string, from: number): number {
  const isPartOfWord = (at: number): boolean => /[\w$]/.test(source.charAt(at));
  const isName = /^\w/.test(word);
  for (let at = source.indexOf(word, from); at >= 0; at = source.indexOf(word, at + 1)) {
    if (!isName || !(isPartOfWord(at - 1) || isPartOfWord(at + word.length))) return at;
  }
  return -1;
}
