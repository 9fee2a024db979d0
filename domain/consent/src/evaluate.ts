/**
 * What a person's rules say about a study, with the reason in words. No rule means no; a rule that
 * denies beats all others; the person's answer about one study beats being asked again; being
 * asked beats being allowed.
 *
 * @module
 */
import type { Need } from "@sumus/study";
import type { ConsentRequest } from "./consent-request.ts";
import type { AllowingRule, ConsentRule, DenyingRule } from "./rule.ts";

export interface ConsentDecision {
  readonly effect: "allow" | "ask" | "deny";
  /** The rule that decided; null when none did. */
  readonly rule: string | null;
  /** A sentence for the person. */
  readonly reason: string;
}

export function evaluateConsent(
  rules: readonly ConsentRule[],
  request: ConsentRequest,
): ConsentDecision {
  const denying = rules.find((rule) => rule.effect === "deny" && doesMeet(rule, request));
  if (denying !== undefined) return decide("deny", denying, "says no");
  const others = rules.filter((rule) => rule.effect !== "deny");
  const covering = others.filter((rule) => whyNotCovered(rule, request) === null);
  const answer = covering.find((rule) => rule.effect === "allow" && rule.studies !== undefined);
  if (answer !== undefined) return decide("allow", answer, "says yes to this study");
  const asking = covering.find((rule) => rule.effect === "ask");
  if (asking !== undefined) return decide("ask", asking, "wants you to be asked");
  const allowing = covering.find((rule) => rule.effect === "allow");
  if (allowing !== undefined) return decide("allow", allowing, "says yes");
  return { effect: "deny", rule: null, reason: noRule(others, request) };
}

function decide(
  effect: ConsentDecision["effect"],
  rule: ConsentRule,
  says: string,
): ConsentDecision {
  return { effect, rule: rule.name, reason: `your rule "${rule.name}" ${says}` };
}

function noRule(rules: readonly AllowingRule[], request: ConsentRequest): string {
  const [closest] = rules;
  if (closest === undefined) return "you have no rule that allows anything, and no rule means no";
  const why = whyNotCovered(closest, request);
  const others = rules.length === 1 ? "" : `, nor do ${rules.length - 1} others`;
  return `your rule "${closest.name}" does not allow it, since ${why}${others}`;
}

/** Whether a denying rule is about the study: all that it names applies to some part of it. */
function doesMeet(rule: DenyingRule, request: ConsentRequest): boolean {
  const { reads } = rule;
  return (
    whyElsewhere(rule, request) === null &&
    (reads === undefined ||
      request.needs.some(({ collection, columns }) => {
        const named = ownEntry(reads, collection);
        return named === "*" || columns.some((column) => named?.includes(column) === true);
      }))
  );
}

/** Why an allowing or asking rule does not cover all of the study; null when it does. */
function whyNotCovered(rule: AllowingRule, request: ConsentRequest): string | null {
  const { epsilonMax, peopleMin, reads } = rule;
  const elsewhere = whyElsewhere(rule, request);
  if (elsewhere !== null) return elsewhere;
  if (epsilonMax !== undefined && !(request.epsilon <= epsilonMax)) {
    return `epsilon ${request.epsilon} is above its maximum of ${epsilonMax}`;
  }
  if (peopleMin !== undefined && !(request.peopleMin >= peopleMin)) {
    return `${request.peopleMin} people are fewer than its minimum of ${peopleMin}`;
  }
  const unread = reads === undefined ? null : firstBeyond(request.needs, reads);
  if (unread !== null) return `the study also reads ${unread}`;
  // Who is asked about this study sees what taking part tells; a standing rule must have said it.
  if (rule.effect === "ask" || rule.studies !== undefined) return null;
  const told = firstBeyond(request.tells, rule.tells ?? {});
  return told === null ? null : `taking part tells something of ${told}`;
}

function firstBeyond(
  needs: readonly Need[],
  named: Readonly<Record<string, readonly string[] | "*">>,
): string | null {
  for (const need of needs) {
    const beyond = firstUncovered(need, ownEntry(named, need.collection));
    if (beyond !== null) return beyond;
  }
  return null;
}

function firstUncovered(need: Need, named: readonly string[] | "*" | undefined): string | null {
  if (named === "*") return null;
  if (named === undefined) return need.collection;
  const column = need.columns.find((name) => !named.includes(name));
  return column === undefined ? null : `${need.collection}.${column}`;
}

/** The conditions that mean the same to every rule: whose study, which one, what for. */
function whyElsewhere(rule: ConsentRule, request: ConsentRequest): string | null {
  const { commissioners, purposes, studies } = rule;
  const ids = [request.study, ...(request.series === null ? [] : [request.series])];
  if (studies !== undefined && !ids.some((id) => studies.includes(id))) {
    return "it is about other studies";
  }
  if (commissioners !== undefined && !commissioners.includes(request.commissioner)) {
    return "somebody else asks";
  }
  const purpose = request.purpose.toLowerCase();
  if (purposes?.every((part) => !purpose.includes(part.toLowerCase())) === true) {
    return "the purpose is another";
  }
  return null;
}

/** A collection named like a property of every object is still just a name. */
function ownEntry<T>(record: Readonly<Record<string, T>>, key: string): T | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
