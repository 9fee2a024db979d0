/**
 * Headlines as text with places to fill: `{highest.who}: {highest} mg/dL`. A place names a number of the
 * answer (`highest`, `lowest`, or a group or bin by its label), and after a dot what is said of it.
 */

import {
  formatCount,
  formatDecimals,
  formatPercent,
  measuresNamed,
  type NumberStyle,
  type StudyAnswer,
} from "@sumus/pages";

/** What can be said of a number; its value when nothing is named. */
const SAID = ["who", "low", "high", "share", "others"] as const;
type Said = (typeof SAID)[number];

/** What the study says besides its measures. */
const STUDY_PLACES = ["counted", "places"] as const;

export interface Headline {
  readonly measure: string;
  readonly style: NumberStyle;
  readonly says: string;
}

/** A released number; what is suppressed or undefined has none. */
interface Told {
  readonly label: string;
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

const PLACE = /\{([^{}]+)\}/g;

/** A group's and bin's own label, as manifests write them: `40-59, female` or `[0, 5)`. */
export function labelOf({
  group,
  bin,
}: {
  readonly group: Readonly<Record<string, string>> | null;
  readonly bin: string | null;
}): string {
  return [...Object.values(group ?? {}), ...(bin === null ? [] : [bin])].join(", ");
}

function partsOf(place: string): { readonly name: string; readonly said: Said | null } {
  const said = SAID.find((word) => place.endsWith(`.${word}`));
  if (said === undefined) return { name: place, said: null };
  return { name: place.slice(0, -said.length - 1), said };
}

/** The places of a text that no answer with these labels can fill. */
export function unknownPlaces(says: string, labels: readonly string[]): string[] {
  const names = new Set<string>(["highest", "lowest", ...labels]);
  return [...says.matchAll(PLACE)].flatMap(([, place = ""]) => {
    const isKnown = STUDY_PLACES.some((word) => word === place) || names.has(partsOf(place).name);
    return isKnown ? [] : [place];
  });
}

function toldOf(study: StudyAnswer, { measure: name, style }: Headline): Told[] {
  const isPeople = study.measureKinds[name] === "count";
  // Noise may lift a count above everybody there is, and a share below none; words must not.
  const [least, most] = [style === "decimal" ? -Infinity : 0, isPeople ? study.accepted : Infinity];
  const clamp = (value: number): number => Math.min(most, Math.max(least, value));
  return measuresNamed(study, name).flatMap((measure) => {
    const { estimate, low, high, suppressed } = measure;
    if (suppressed || estimate === null || low === null || high === null) return [];
    const [value, from, to] = [clamp(estimate), clamp(low), clamp(high)];
    return [{ label: labelOf(measure), estimate: value, low: from, high: to }];
  });
}

function formatIn(style: NumberStyle, value: number): string {
  if (style === "percent") return formatPercent(value);
  return style === "decimal" ? formatDecimals(value, 1) : formatCount(value);
}

function pick(all: readonly Told[], name: string): Told | undefined {
  const sorted = all.toSorted((a, b) => b.estimate - a.estimate);
  if (name === "highest") return sorted[0];
  // One number is neither the highest nor the lowest of several.
  if (name === "lowest") return sorted.length > 1 ? sorted.at(-1) : undefined;
  return all.find(({ label }) => label === name);
}

function fill(
  place: string,
  study: StudyAnswer,
  { style, all, wordFor }: FillOptions,
): string | null {
  if (place === "counted") return formatCount(study.accepted);
  if (place === "places") return formatCount(study.cellsPerPerson ?? 1);
  const { name, said } = partsOf(place);
  const told = pick(all, name);
  if (told === undefined) return null;
  const total = all.reduce((sum, { estimate }) => sum + estimate, 0);
  switch (said) {
    case "who":
      return wordFor(told.label);
    case "low":
    case "high":
      return formatIn(style, told[said]);
    case "share":
      return total > 0 ? formatPercent(told.estimate / total, 0) : null;
    case "others":
      return total > 0 ? formatPercent(1 - told.estimate / total, 0) : null;
    case null:
      return formatIn(style, told.estimate);
  }
}

interface FillOptions {
  readonly style: NumberStyle;
  readonly all: readonly Told[];
  /** How a reader calls a group. */
  readonly wordFor: (label: string) => string;
}

/** The headline of an answer; empty when one of its places cannot be filled honestly. */
export function tellHeadline(
  headline: Headline,
  study: StudyAnswer,
  wordFor: (label: string) => string,
): string {
  const options = { style: headline.style, all: toldOf(study, headline), wordFor };
  let isWhole = true;
  const text = headline.says.replace(PLACE, (_, place: string) => {
    const filled = fill(place, study, options);
    if (filled === null) isWhole = false;
    return filled ?? "";
  });
  return isWhole ? text : "";
}
