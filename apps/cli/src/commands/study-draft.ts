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
  /** Such as `age: 18 to 65` or `region: CA, NV`; empty: everybody. */
  readonly eligible: string;
  readonly epsilon: string;
  readonly peopleMin: string;
}

/** `name: item, item`. */
function readNamed(text: string, example: string): { name: string; items: readonly string[] } {
  const [, name, list] = /^\s*([^:\s]+)\s*:(.+)$/.exec(text) ?? [];
  const items = (list ?? "").split(",").map((item) => item.trim());
  if (name === undefined || items.includes("")) {
    throw new CliError(`Expected a name and a list, got "${text}".`, `Write it as "${example}".`);
  }
  return { name, items };
}

function readBounds(text: string): { name: string; min: string; max: string } {
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

/** A condition on a column of the needed table. */
function draftEligible(text: string, collection: string): string {
  const isRange = /\sto\s/.test(text);
  const { name, ...bounds } = isRange ? readBounds(text) : readNamed(text, "region: CA, NV");
  const condition =
    "min" in bounds
      ? `{ min: ${bounds.min}, max: ${bounds.max} }`
      : `[${bounds.items.map(value).join(", ")}]`;
  return `eligible: { where: { ${collection}: { ${name}: ${condition} } } }`;
}

/** A number as one, all else as text. */
function value(text: string): string {
  return /^-?\d+(\.\d+)?$/.test(text) ? text : quoted(text);
}

/** Text that YAML reads as text, whatever it holds. */
function quoted(text: string): string {
  return JSON.stringify(text);
}

/** The manifest; whether it is a study is for its reader to say. */
export function draftManifest(answers: StudyAnswers): string {
  const needs = readNamed(answers.needs, "visits: place, minutes");
  const group = answers.group === "" ? null : readNamed(answers.group, "place: home, work");
  const mean = answers.mean === "" ? null : readBounds(answers.mean);
  const columns = [
    ...(group === null ? [] : [group.name]),
    ...(mean === null ? [] : [`avg(${mean.name}) AS ${mean.name}`]),
  ];
  const query = `SELECT ${columns.join(", ") || "1 AS present"} FROM ${needs.name} LIMIT 1`;
  return [
    `title: ${quoted(answers.title)}`,
    `purpose: ${quoted(answers.purpose)}`,
    `needs: { ${needs.name}: [${needs.items.map(quoted).join(", ")}] }`,
    "map:",
    "  language: sql",
    "  # One row a person at most: of several, say which, or add them up.",
    `  source: ${quoted(query)}`,
    "result:",
    ...(group === null
      ? []
      : [`  group: { ${group.name}: [${group.items.map(quoted).join(", ")}] }`]),
    "  measures:",
    "    people: count",
    ...(mean === null
      ? []
      : [
          "    # Values outside the bounds count as the nearest: they bound what one person changes.",
          `    level: { mean: ${mean.name}, min: ${mean.min}, max: ${mean.max} }`,
        ]),
    ...(answers.eligible === "" ? [] : [draftEligible(answers.eligible, needs.name)]),
    `privacy: { epsilon: ${answers.epsilon}, delta: 1e-9, people_min: ${answers.peopleMin} }`,
    "",
  ].join("\n");
}
