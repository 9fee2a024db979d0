/** What went wrong in JavaScript, told without the rows that it went wrong on. */
import { type MapLimits, MapStop } from "../map-run.ts";
import { NESTS_TOO_DEEPLY, outOfMemory } from "../refusal.ts";

const MESSAGE_CHARACTERS_MAX = 200;

/** An error before any row was seen: it can quote nothing but the map. */
export function nameError(said: string, limits: MapLimits): MapStop {
  const limit = limitOf(said, limits);
  if (limit !== null) return limit;
  const clipped = said.slice(0, MESSAGE_CHARACTERS_MAX);
  return new MapStop("mapInvalid", `the map is not an expression in JavaScript: ${clipped}`);
}

/**
 * An error while the map ran: a hostile map could put a row into it, so only what QuickJS itself
 * says is passed on, without what it quotes.
 */
export function nameFailure(said: string, limits: MapLimits): MapStop {
  const limit = limitOf(said, limits);
  if (limit !== null) return limit;
  const phrase = said.replaceAll(/'[^']*'/g, "…");
  const known = RUN_TIME_PHRASES.find((candidate) => candidate === phrase);
  return new MapStop(
    "mapFailed",
    `the map failed on these rows: ${known ?? "it ended with an error of its own"}`,
  );
}

function limitOf(said: string, { memoryBytes }: MapLimits): MapStop | null {
  if (said === "InternalError: out of memory") return outOfMemory(memoryBytes);
  if (said === "InternalError: stack overflow") return new MapStop("outOfMemory", NESTS_TOO_DEEPLY);
  return null;
}

/** What QuickJS says most often, with … for what it quotes. */
const RUN_TIME_PHRASES = [
  "TypeError: cannot read property … of undefined",
  "TypeError: cannot read property … of null",
  "TypeError: cannot read property of undefined",
  "TypeError: cannot read property of null",
  "TypeError: cannot set property … of undefined",
  "TypeError: cannot set property … of null",
  "TypeError: cannot convert to object",
  "TypeError: not a function",
  "TypeError: not an object",
  "TypeError: value is not iterable",
  "TypeError: empty array",
  "TypeError: … is read-only",
  "TypeError: object is not extensible",
  "TypeError: circular reference",
  "TypeError: cannot convert bigint to number",
  "TypeError: Do not know how to serialize a BigInt",
  "ReferenceError: … is not defined",
  "RangeError: invalid array length",
  "RangeError: invalid repeat count",
  "RangeError: invalid number of digits",
  "InternalError: string too long",
] as const;
