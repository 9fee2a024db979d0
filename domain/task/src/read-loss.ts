/**
 * The strength of differential privacy as an author writes it.
 *
 * @module
 */
import type { Cursor } from "@sumus/document";

/** Epsilon below this leaves no answer to any question that people could be asked. */
const EPSILON_MIN = 1e-6;

/** Epsilon beyond this protects nobody: e^20 is half a billion. */
const EPSILON_MAX = 20;

/** Delta is the chance that the promise fails altogether; one in a thousand is no promise. */
const DELTA_MAX = 1e-3;

/** Above this delta the promise fails for somebody once a hundred thousand people take part. */
const DELTA_WARNED = 1e-5;

/** Nothing when there is no cursor. */
export function readEpsilon(cursor: Cursor | undefined): number | undefined {
  const epsilon = cursor?.number("epsilon");
  if (cursor === undefined || epsilon === undefined) return undefined;
  if (epsilon >= EPSILON_MIN && epsilon <= EPSILON_MAX) return epsilon;
  const why = epsilon > EPSILON_MAX ? "more protects nobody" : "with less there is no answer";
  return cursor.problem(
    `expected epsilon from ${EPSILON_MIN} to ${EPSILON_MAX}, got ${epsilon}`,
    `choose one in that range, such as 1: ${why}`,
  );
}

/** Nothing when there is no cursor. */
export function readDelta(cursor: Cursor | undefined): number | undefined {
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
