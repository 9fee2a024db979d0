/**
 * What became of a study: where it asks more of people than before, where less, and what is otherwise
 * different. Whoever agreed to the one agrees to what only narrowed it; anything else is asked anew.
 *
 * @module
 */
import { formatTimestamp, type Json } from "@sumus/document";
import { canonicalStudy } from "../manifest.ts";
import type { Combine, Need, Study } from "../study.ts";
import { diffEligible } from "./diff-eligible.ts";
import { diffResults } from "./diff-result.ts";
import { diffNames, diffNumber, diffValue, type StudyChange } from "./study-change.ts";

export interface StudyDiff {
  readonly changes: readonly StudyChange[];
  /** Whether those who agreed to the first must be asked before they take part in the second. */
  readonly needsConsent: boolean;
}

/** Studies of one canonical form do not differ, however they were written. */
export function diffStudies(before: Study, after: Study): StudyDiff {
  if (canonicalStudy(before) === canonicalStudy(after)) return { changes: [], needsConsent: false };
  const changes = [
    ...texts(before, after),
    ...diffNeeds(before.needs, after.needs),
    ...diffMaps(before, after),
    ...diffResults(before.result, after.result),
    ...diffPrivacy(before, after),
    ...diffCombine(before.combine, after.combine),
    ...diffTerms(before, after),
  ];
  return { changes, needsConsent: changes.some(({ direction }) => direction !== "narrowed") };
}

function texts(before: Study, after: Study): StudyChange[] {
  return (["title", "purpose", "commissioner"] as const).flatMap((key) =>
    diffValue(key, before[key], after[key]),
  );
}

function diffNeeds(before: readonly Need[], after: readonly Need[]): StudyChange[] {
  const columnsOf = (needs: readonly Need[]): string[] =>
    needs.flatMap(({ collection, columns }) => columns.map((column) => `${collection}.${column}`));
  return diffNames("needs", columnsOf(before), columnsOf(after));
}

function diffMaps({ map: before }: Study, { map: after }: Study): StudyChange[] {
  const language = diffValue("map.language", before.language, after.language);
  const sourceOf = (map: Study["map"]): string => (map.language === "none" ? "" : map.source);
  if (sourceOf(before) === sourceOf(after)) return language;
  const words = "other code, which may read of the needed columns what it likes";
  return [...language, { path: "map.source", direction: "changed", words }];
}

function diffPrivacy({ privacy: before }: Study, { privacy: after }: Study): StudyChange[] {
  const weights = (study: Study["privacy"]): Json =>
    study.weights === null ? null : Object.fromEntries(study.weights);
  return [
    ...diffNumber("privacy.epsilon", [before.epsilon, after.epsilon], "widened"),
    ...diffNumber("privacy.delta", [before.delta, after.delta], "widened"),
    ...diffNumber("privacy.people_min", [before.peopleMin, after.peopleMin], "narrowed"),
    ...diffValue("privacy.population", before.population, after.population),
    ...diffValue("privacy.weights", weights(before), weights(after)),
  ];
}

function diffCombine(before: Combine, after: Combine): StudyChange[] {
  return (["leader", "helper", "collector"] as const).flatMap((key) =>
    diffValue(`combine.${key}`, before[key], after[key]),
  );
}

function diffTerms(before: Study, after: Study): StudyChange[] {
  const creditsOf = ({ reward }: Study): Json => (reward === null ? null : reward.credits);
  return [
    ...diffEligible(before.eligible, after.eligible),
    ...diffWindows(before.window, after.window),
    ...diffRecurrence(before.recurrence, after.recurrence),
    ...diffValue("reward.credits", creditsOf(before), creditsOf(after)),
  ];
}

/** Being asked more often is wider, whatever else is so. */
function diffRecurrence(before: Study["recurrence"], after: Study["recurrence"]): StudyChange[] {
  const [old, now] = [before, after].map((recurrence) => recurrence?.times ?? 1);
  return [
    ...diffNumber("window.times", [old ?? 1, now ?? 1], "widened"),
    ...diffValue("window.every", before?.every ?? null, after?.every ?? null),
    ...diffValue("window.occurrence", before?.occurrence ?? null, after?.occurrence ?? null),
  ];
}

/** A window within the other is narrower, one around it wider. */
function diffWindows(before: Study["window"], after: Study["window"]): StudyChange[] {
  const wordsOf = (window: Study["window"]): string | null =>
    window === null
      ? null
      : `${formatTimestamp(window.opens)} to ${formatTimestamp(window.closes)}`;
  const [change] = diffValue("window", wordsOf(before), wordsOf(after));
  if (change === undefined) return [];
  if (before === null || after === null) return [change];
  const inside = after.opens >= before.opens && after.closes <= before.closes;
  const around = after.opens <= before.opens && after.closes >= before.closes;
  return [{ ...change, direction: inside ? "narrowed" : around ? "widened" : "changed" }];
}
