/**
 * instr, replace and the trims with a list of characters. SQLite's own compare every place of one
 * text with all of the other, within a single step: seconds that no fuel counts. These do the same
 * on the same bytes, and charge for it.
 *
 * @module
 */

/** Compared bytes that cost one step: about the time of a step. */
const BYTES_PER_STEP = 64;
const CHARACTERS_PER_STEP = 8;

/** Takes steps of fuel; throws when there are none left. */
export type Charge = (steps: number) => void;

const isContinuation = (byte: number | undefined): boolean => ((byte ?? 0) & 0xc0) === 0x80;

/** The first place of `needle` at or after `from`, or -1; charges for the comparisons. */
function findBytes(haystack: Uint8Array, needle: Uint8Array, from: number, charge: Charge): number {
  let compared = 0;
  for (let start = from; start + needle.length <= haystack.length; start++) {
    let matched = 0;
    while (matched < needle.length && haystack[start + matched] === needle[matched]) matched++;
    compared += matched + 1;
    if (compared >= BYTES_PER_STEP) {
      charge(Math.floor(compared / BYTES_PER_STEP));
      compared %= BYTES_PER_STEP;
    }
    if (matched === needle.length) return start;
  }
  return -1;
}

/** Places are counted from 1, in characters of a text or in bytes of a blob; 0 when absent. */
export function instr(
  haystack: Uint8Array,
  needle: Uint8Array,
  isText: boolean,
  charge: Charge,
): number {
  const start = findBytes(haystack, needle, 0, charge);
  if (start < 0 || !isText) return start + 1;
  charge(Math.ceil(start / BYTES_PER_STEP));
  let characters = 0;
  for (let at = 0; at < start; at++) if (!isContinuation(haystack[at])) characters++;
  return characters + 1;
}

/** Null when the outcome would be longer than `bytesMax`. An empty `from` changes nothing. */
export function replace(
  text: Uint8Array,
  from: Uint8Array,
  to: Uint8Array,
  bytesMax: number,
  charge: Charge,
): Uint8Array | null {
  if (from.length === 0) return text;
  const places: number[] = [];
  let next = findBytes(text, from, 0, charge);
  while (next >= 0) {
    places.push(next);
    next = findBytes(text, from, next + from.length, charge);
  }
  const length = text.length + places.length * (to.length - from.length);
  if (length > bytesMax) return null;
  const result = new Uint8Array(length);
  let [read, written] = [0, 0];
  for (const place of places) {
    const kept = text.subarray(read, place);
    result.set(kept, written);
    result.set(to, written + kept.length);
    written += kept.length + to.length;
    read = place + from.length;
  }
  result.set(text.subarray(read), written);
  return result;
}

export type TrimSides = "both" | "left" | "right";

/** Takes the characters of `set` off the ends of `text`. */
export function trim(
  text: Uint8Array,
  set: Uint8Array,
  sides: TrimSides,
  charge: Charge,
): Uint8Array {
  const characters = splitCharacters(set);
  let [start, end] = [0, text.length];
  /** Bytes of the first character that stands where `place` says; 0 when none does. */
  const lengthAt = (place: (character: Uint8Array) => number): number => {
    const found = characters.findIndex((character) => {
      const at = place(character);
      if (at < start || at + character.length > end) return false;
      return character.every((byte, index) => text[at + index] === byte);
    });
    charge(Math.ceil((found < 0 ? characters.length : found) / CHARACTERS_PER_STEP));
    return characters[found]?.length ?? 0;
  };
  if (sides !== "right") {
    let length = lengthAt(() => start);
    for (; length > 0; length = lengthAt(() => start)) start += length;
  }
  if (sides !== "left") {
    let length = lengthAt((character) => end - character.length);
    for (; length > 0; length = lengthAt((character) => end - character.length)) end -= length;
  }
  return text.subarray(start, end);
}

function splitCharacters(text: Uint8Array): Uint8Array[] {
  const characters: Uint8Array[] = [];
  for (let start = 0; start < text.length; ) {
    let end = start + 1;
    while (end < text.length && isContinuation(text[end])) end++;
    characters.push(text.subarray(start, end));
    start = end;
  }
  return characters;
}
