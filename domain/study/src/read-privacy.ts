import type { Cursor } from "./cursor.ts";
import {
  DELTA_MAX,
  EPSILON_MAX,
  EPSILON_MIN,
  IDENTIFIER_CHARACTERS_MAX,
  PEOPLE_MIN_MAX,
  PEOPLE_MIN_MIN,
} from "./limits.ts";
import type { Privacy } from "./study.ts";
import { readLine } from "./text-rules.ts";

/** Above this delta the promise fails for somebody once a hundred thousand people take part. */
const DELTA_WARNED = 1e-5;

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

function readEpsilon(cursor: Cursor | undefined): number | undefined {
  const epsilon = cursor?.number("epsilon");
  if (cursor === undefined || epsilon === undefined) return undefined;
  if (epsilon >= EPSILON_MIN && epsilon <= EPSILON_MAX) return epsilon;
  const why = epsilon > EPSILON_MAX ? "more protects nobody" : "with less there is no answer";
  return cursor.problem(
    `expected epsilon from ${EPSILON_MIN} to ${EPSILON_MAX}, got ${epsilon}`,
    `choose one in that range, such as 1: ${why}`,
  );
}

function readDelta(cursor: Cursor | undefined): number | undefined {
  const delta = cursor?.number("delta");
  if (cursor === undefined || delta === undefined) return undefined;
  if (delta < 0 || delta > DELTA_MAX) {
    const message = `expected delta from 0 to ${DELTA_MAX}, got ${delta}`;
    return cursor.problem(message, "choose one such as 1e-9, or 0 for Laplace noise");
  }
  if (delta > DELTA_WARNED) {
    const message = `delta ${delta} is the chance that the promise fails for somebody`;
    cursor.warning(message, "choose less than one over the number of people, such as 1e-9");
  }
  return delta;
}
