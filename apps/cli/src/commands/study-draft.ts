/** A first manifest from a few answers in words. */

import { CliError } from "../cli-error.ts";

export interface StudyAnswers {
  readonly title: string;
  readonly purpose: string;
  /** Such as `visits: place, minutes`. */
  readonly needs: string;
  /** Such as `place: home, work`; empty: no groups. */
  readonly group: string;
  /** Such as `minutes: 0 to 600`; empty: no mean. */
  readonly mean: string;
  /** Such as `how: bus, train`; empty: no share. */
  readonly share: string;
  /** Such as `minutes: 0, 15, 30, 60`; empty: no histogram. */
  readonly histogram: string;
  /** Such as `age: 18 to 65` or `region: CA, NV`; empty: everybody. */
  readonly eligible: string;
  readonly epsilon: string;
  readonly peopleMin: string;
}

interface NamedList {
  readonly name: string;
  readonly items: readonly string[];
}

interface NamedBounds {
  readonly name: string;
  readonly min: string;
  readonly max: string;
}

const NUMBER = /^-?\d+(\.\d+)?$/;

/** `name: item, item`. */
function readNamed(text: string, example: string): NamedList {
  const [, name, list] = /^\s*([^:\s]+)\s*:(.+)$/.exec(text) ?? [];
  const items = (list ?? "").split(",").map((item) => item.trim());
  if (name === undefined || items.includes("")) {
    throw new CliError(`Expected a name and a list, got "${text}".`, `Write it as "${example}".`);
  }
  return { name, items };
}

function readBounds(text: string): NamedBounds {
  const [, name, min, max] =
    /^\s*([^:\s]+)\s*:\s*(-?[\d.]+)\s+to\s+(-?[\d.]+)\s*$/.exec(text) ?? [];
  if (name === undefined || min === undefined || max === undefined) {
    throw new CliError(
      `Expected a column and its bounds, got "${text}".`,
      'Write "minutes: 0 to 600".',
    );
  }
  return { name, min, max };
}

function readEdges(text: string): NamedList {
  const example = "minutes: 0, 15, 30, 60";
  const named = readNamed(text, example);
  if (named.items.length < 2 || !named.items.every((item) => NUMBER.test(item))) {
    throw new CliError(`Expected two edges or more, got "${text}".`, `Write it as "${example}".`);
  }
  return named;
}

function readCondition(text: string): NamedList | NamedBounds {
  return /\sto\s/.test(text) ? readBounds(text) : readNamed(text, "region: CA, NV");
}

function readText(text: string): string {
  return text;
}

/** Of answers that may be left empty. */
function orNull<T>(read: (text: string) => T): (text: string) => T | null {
  return (text) => (text === "" ? null : read(text));
}

const READ = {
  title: readText,
  purpose: readText,
  needs: (text: string) => readNamed(text, "visits: place, minutes"),
  group: orNull((text) => readNamed(text, "place: home, work")),
  mean: orNull(readBounds),
  share: orNull((text) => readNamed(text, "how: bus, train")),
  histogram: orNull(readEdges),
  eligible: orNull(readCondition),
  epsilon: readText,
  peopleMin: readText,
};

/** @throws {CliError} when an answer cannot be read; whether it makes a study shows later */
export function checkAnswer(key: keyof StudyAnswers, text: string): void {
  READ[key](text);
}

/** A number as one, all else as text. */
function value(text: string): string {
  return NUMBER.test(text) ? text : quoted(text);
}

function values(items: readonly string[]): string {
  return `[${items.map(value).join(", ")}]`;
}

/** Text that YAML reads as text, whatever it holds. */
function quoted(text: string): string {
  return JSON.stringify(text);
}

/** A condition on a column of the needed table. */
function draftEligible(condition: NamedList | NamedBounds, collection: string): string {
  const asked =
    "min" in condition
      ? `{ min: ${condition.min}, max: ${condition.max} }`
      : values(condition.items);
  return `eligible: { where: { ${collection}: { ${condition.name}: ${asked} } } }`;
}

/** Columns of the query; of a person's rows those that a mean is of are averaged, the others taken as they are. */
function draftQuery(table: string, plain: readonly string[], averaged: readonly string[]): string {
  const columns = [
    ...new Set(plain.filter((column) => !averaged.includes(column))),
    ...new Set(averaged.map((column) => `avg(${column}) AS ${column}`)),
  ];
  return `SELECT ${columns.join(", ") || "1 AS present"} FROM ${table} LIMIT 1`;
}

/** The manifest; whether it is a study is for its reader to say. */
export function draftManifest(answers: StudyAnswers): string {
  const needs = READ.needs(answers.needs);
  const group = READ.group(answers.group);
  const mean = READ.mean(answers.mean);
  const share = READ.share(answers.share);
  const histogram = READ.histogram(answers.histogram);
  const eligible = READ.eligible(answers.eligible);
  const namesOf = (parts: readonly ({ readonly name: string } | null)[]): string[] =>
    parts.flatMap((part) => (part === null ? [] : [part.name]));
  const query = draftQuery(needs.name, namesOf([group, share]), namesOf([mean, histogram]));
  const measures = [
    "    people: count",
    mean &&
      "    # Values outside the bounds count as the nearest: they bound what one person changes.",
    mean && `    level: { mean: ${mean.name}, min: ${mean.min}, max: ${mean.max} }`,
    share && `    part: { share: ${share.name}, of: ${values(share.items)} }`,
    histogram && `    spread: { histogram: ${histogram.name}, edges: ${values(histogram.items)} }`,
  ];
  const lines = [
    `title: ${quoted(answers.title)}`,
    `purpose: ${quoted(answers.purpose)}`,
    `needs: { ${needs.name}: [${needs.items.map(quoted).join(", ")}] }`,
    "map:",
    "  language: sql",
    "  # One row a person at most: of several, say which, or add them up.",
    `  source: ${quoted(query)}`,
    "result:",
    group && `  group: { ${group.name}: [${group.items.map(quoted).join(", ")}] }`,
    "  measures:",
    ...measures,
    eligible && draftEligible(eligible, needs.name),
    `privacy: { epsilon: ${answers.epsilon}, delta: 1e-9, people_min: ${answers.peopleMin} }`,
    "",
  ];
  return lines.filter((line) => line !== null).join("\n");
}
