import { describeCondition, meetsCondition } from "../eligibility.ts";
import { eligibleJson } from "../manifest.ts";
import type { Condition, Eligibility } from "../study.ts";
import { diffValue, type StudyChange } from "./study-change.ts";

const EVERYBODY: Eligibility = { issuers: [], attributes: new Map(), where: [] };

/**
 * What became of the conditions on who takes part. A stricter one asks more, not less: taking part
 * then tells more about everybody who does.
 */
export function diffEligible(before: Eligibility | null, after: Eligibility | null): StudyChange[] {
  const [old, now] = [before ?? EVERYBODY, after ?? EVERYBODY];
  const [left, right] = [conditionsOf(old), conditionsOf(now)];
  const columns = [...new Set([...left.keys(), ...right.keys()])];
  return [
    ...diffValue("eligible", provenOf(old), provenOf(now)),
    ...columns.flatMap((name) => diffCondition(name, left.get(name), right.get(name))),
  ];
}

function provenOf(eligible: Eligibility): ReturnType<typeof eligibleJson> {
  const isNone = eligible.issuers.length === 0 && eligible.attributes.size === 0;
  return isNone ? null : eligibleJson({ ...eligible, where: [] });
}

function conditionsOf({ where }: Eligibility): ReadonlyMap<string, Condition> {
  return new Map(
    where.flatMap(({ collection, conditions }) =>
      conditions.map((condition) => [`${collection}.${condition.column}`, condition] as const),
    ),
  );
}

function diffCondition(
  name: string,
  before: Condition | undefined,
  after: Condition | undefined,
): StudyChange[] {
  const path = `eligible.where.${name}`;
  if (after === undefined) {
    const words = before === undefined ? "" : describeCondition(before);
    return [{ path, direction: "narrowed", words: `taking part no longer tells that ${words}` }];
  }
  const now = describeCondition(after);
  if (before === undefined) {
    return [{ path, direction: "widened", words: `taking part also tells that ${now}` }];
  }
  const old = describeCondition(before);
  if (old === now && before.kind === after.kind) return [];
  const direction = implies(after, before)
    ? "widened"
    : implies(before, after)
      ? "narrowed"
      : "changed";
  return [{ path, direction, words: `taking part tells that ${now}, before that ${old}` }];
}

/** Whether every value that meets the one condition meets the other. */
function implies(one: Condition, other: Condition): boolean {
  if (one.kind === "values") return one.values.every((value) => meetsCondition(other, value));
  if (other.kind === "values") return false;
  const isAbove = other.min === null || (one.min !== null && one.min >= other.min);
  return isAbove && (other.max === null || (one.max !== null && one.max <= other.max));
}
