import { type Cursor, readLine } from "@sumus/document";
import { readDelta, readEpsilon } from "@sumus/task";
import { IDENTIFIER_CHARACTERS_MAX, PEOPLE_MIN_MAX, PEOPLE_MIN_MIN } from "../limits.ts";
import type { Privacy } from "../study.ts";

const FIELDS = ["population", "epsilon", "delta", "people_min", "weights"];

/** Privacy as read, with the weights that are checked against the measures by the caller. */
export interface PrivacyReading {
  readonly privacy: Omit<Privacy, "weights">;
  readonly weights: Cursor | null;
}

/** Reads `privacy`: what the study costs those who take part, and how many must. */
export function readPrivacy(cursor: Cursor): PrivacyReading | undefined {
  const fields = cursor.fields(FIELDS, "privacy");
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
  const weights = fields.get("weights");
  return {
    privacy: { population, epsilon, delta, peopleMin },
    weights: weights === undefined || weights.node.value === null ? null : weights,
  };
}
