/** Where in a manifest a fault of its map is. */

import type { MapFault } from "@sumus/lab";
import type { Problem } from "@sumus/study";

/** The fault as a problem of the manifest: at the word that it is about, else at the map. */
export function problemOfMap(source: string, { message, remedy, word }: MapFault): Problem {
  const map = Math.max(0, source.search(/^\s*["']?map["']?\s*:/m));
  const word_at = word === null ? -1 : indexOfWord(source, word, map);
  const at = word_at >= 0 ? word_at : map + (/\S/.exec(source.slice(map))?.index ?? 0);
  const before = source.slice(0, at).split("\n");
  const column = (before.at(-1)?.length ?? 0) + 1;
  return { line: before.length, column, path: "map", message, remedy };
}

/** Where a word stands by itself, at or after `from`; -1 where it does not. */
function indexOfWord(source: string, word: string, from: number): number {
  const isPartOfWord = (at: number): boolean => /[\w$]/.test(source.charAt(at));
  for (let at = source.indexOf(word, from); at >= 0; at = source.indexOf(word, at + 1)) {
    const isName = /^\w/.test(word);
    if (!isName || !(isPartOfWord(at - 1) || isPartOfWord(at + word.length))) return at;
  }
  return -1;
}
