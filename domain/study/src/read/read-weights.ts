import { type Cursor, clip, suggest } from "@sumus/document";
import { compareNames } from "../canonical-order.ts";
import { WEIGHT_MAX } from "../limits.ts";

/**
 * Reads `weights`: how the budget is shared among measures. A measure that is not named weighs 1.
 * Weights are divided by what they have in common, so that equal shares are equal values.
 */
export function readWeights(
  cursor: Cursor,
  measures: readonly { readonly name: string }[],
): ReadonlyMap<string, number> | undefined {
  const entries = cursor.entries("weights");
  if (entries === undefined) return undefined;
  const names = measures.map(({ name }) => name).sort(compareNames);
  const given = new Map<string, number>();
  for (const [name, field] of entries) {
    if (!names.includes(name)) {
      const meant = suggest(name, names);
      const remedy =
        meant === undefined ? `the measures are ${names.join(", ")}` : `did you mean ${meant}?`;
      return field.keyProblem(`expected the name of a measure, got "${clip(name)}"`, remedy);
    }
    const weight = field.integer("a weight", 1, WEIGHT_MAX);
    if (weight === undefined) return undefined;
    given.set(name, weight);
  }
  const weights = names.map((name) => [name, given.get(name) ?? 1] as const);
  const divisor = weights.reduce((common, [, weight]) => commonDivisor(common, weight), 0);
  return new Map(weights.map(([name, weight]) => [name, weight / divisor]));
}

function commonDivisor(left: number, right: number): number {
  return right === 0 ? left : commonDivisor(right, left % right);
}
