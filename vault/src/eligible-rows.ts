/** Whether a person's own rows are those of somebody whom a study admits. */
import { type CompleteStudy, describeCondition, meetsCondition } from "@sumus/study";
import type { Collection } from "./collection.ts";

/** A sentence without any value of the person's; null when the study admits them. */
export function whyNotEligible(
  { eligible }: Pick<CompleteStudy, "eligible">,
  collections: readonly Collection[],
): string | null {
  for (const { collection: name, conditions } of eligible?.where ?? []) {
    const collection = collections.find((each) => each.name === name);
    const tests = conditions.map((condition) => {
      const index = collection?.columns.findIndex(({ name: held }) => held === condition.column);
      return { condition, index: index ?? -1 };
    });
    const isMet = collection?.rows.some((row) =>
      tests.every(({ condition, index }) => meetsCondition(condition, row[index] ?? null)),
    );
    if (isMet === true) continue;
    return `the study asks only people whose ${name} has a row in which ${conditions
      .map(describeCondition)
      .join(" and ")}`;
  }
  return null;
}
