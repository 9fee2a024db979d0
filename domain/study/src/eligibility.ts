/**
 * Whom a study admits by what a vault holds, and what taking part therefore tells. Nobody learns it
 * from a vault that stays silent more than from any other silence; but whoever takes part has said
 * that the conditions hold.
 *
 * @module
 */
import type { CompleteStudy, Condition, Need, Scalar, Study } from "./study.ts";

/** Whether a value is what a condition asks for. */
export function meetsCondition(condition: Condition, value: Scalar): boolean {
  if (value === null) return false;
  if (condition.kind === "values") return condition.values.includes(value);
  const { min, max } = condition;
  return (
    typeof value === "number" && (min === null || value >= min) && (max === null || value <= max)
  );
}

/** Columns of which taking part tells something. */
export function columnsTold({ eligible }: Pick<CompleteStudy, "eligible">): readonly Need[] {
  return (eligible?.where ?? []).map(({ collection, conditions }) => {
    return { collection, columns: conditions.map(({ column }) => column) };
  });
}

/** Such as `demographics has a row in which age is from 18 to 65`; null when everybody is admitted. */
export function describeEligible({ eligible }: Pick<Study, "eligible">): string | null {
  if (eligible === null || eligible.where.length === 0) return null;
  const parts = eligible.where.map(({ collection, conditions }) => {
    return `${collection} has a row in which ${conditions.map(describeCondition).join(" and ")}`;
  });
  return parts.join(", and ");
}

export function describeCondition(condition: Condition): string {
  const { column } = condition;
  if (condition.kind === "values") return `${column} is ${condition.values.join(" or ")}`;
  const { min, max } = condition;
  if (min === null) return `${column} is at most ${max}`;
  return max === null ? `${column} is at least ${min}` : `${column} is from ${min} to ${max}`;
}
