import { type Cursor, readLine } from "@sumus/document";
import { readDelta, readEpsilon } from "@sumus/task";
import { IDENTIFIER_CHARACTERS_MAX, PEOPLE_MIN_MAX, PEOPLE_MIN_MIN } from "./limits.ts";
import type { Privacy } from "./study.ts";

/** Reads `privacy`: what the study costs those who take part, and how many must. */
export function readPrivacy(cursor: Cursor): Privacy | undefined {
  const fields = cursor.fields(["population", "epsilon", "delta", "people_min"], "privacy");
  if (fields === undefined) return undefined;
  const given = fields.get("population");
  const population =
    given === undefined || given.node.value === null
      ? null
      : readLine(given, "the population's id", IDENTIFIER_CHARACTERS_MAX);
  const epsilon = readEpsilon(cursor.required(fields, "epsilon", "such as epsilon: 1"));
  const delta = readDelta(cursor.required(fields, "delta", "such as delta: 1e-9"));
  const people = cursor.required(fields, "people_min", "such as people_min: 100");
  const peopleMin = people?.integer("people_min", PEOPLE_MIN_MIN, PEOPLE_MIN_MAX);
  if (population === undefined || epsilon === undefined) return undefined;
  if (delta === undefined || peopleMin === undefined) return undefined;
  return { population, epsilon, delta, peopleMin };
}
