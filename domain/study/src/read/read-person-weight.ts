import type { Cursor } from "@sumus/document";
import { defaultResolution, isWholeSteps } from "../lower/numeric-column.ts";
import type { PersonWeight } from "../study.ts";
import { readColumnName } from "./text-rules.ts";

/** The keys of a measure that say how much a person counts. */
export const WEIGHT_KEYS = ["weight", "weight_max", "weight_resolution"] as const;

/** Reads how much a person counts; null when everybody counts once, undefined when it is at fault. */
export function readPersonWeight(
  cursor: Cursor,
  fields: ReadonlyMap<string, Cursor>,
): PersonWeight | null | undefined {
  const weight = fields.get("weight");
  if (weight === undefined) {
    const [alone] = WEIGHT_KEYS.flatMap((key) => fields.get(key) ?? []);
    if (alone === undefined) return null;
    return alone.keyProblem("expected a weight with its bound, got none", "add weight: its column");
  }
  const why = "it says how much more than another one person can count; weights are clipped to it";
  const bound = cursor.required(fields, "weight_max", `add weight_max: ${why}`);
  const column = readColumnName(weight);
  const max = bound?.number("weight_max");
  if (bound === undefined || column === undefined || max === undefined) return undefined;
  if (max <= 0) return bound.problem(`expected a weight_max above 0, got ${max}`, "such as 5");
  const at = fields.get("weight_resolution");
  const resolution = at === undefined ? defaultResolution(0, max) : at.number("weight_resolution");
  if (resolution === undefined) return undefined;
  if (resolution <= 0 || !isWholeSteps({ min: 0, max, resolution })) {
    const message = `expected weight_max as whole steps of the resolution, got ${max} and ${resolution}`;
    return (at ?? bound).problem(message, "choose a weight_resolution that divides it");
  }
  return { column, max, resolution };
}
