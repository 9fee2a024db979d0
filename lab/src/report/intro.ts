/** The top of the page: what this is, how it can be, and what it cost. */

import {
  forBothWidths,
  formatBytes,
  formatCount,
  formatDecimals,
  formatSeconds,
  html,
  list,
  type Markup,
  table,
} from "@sumus/pages";
import type { LabResult } from "../result.ts";
import type { ScenarioWords } from "../scenario/scenario.ts";
import { drawWay } from "./way.ts";

/** Secrets and their first halves; the second half completes the secret modulo 1000. */
const EXAMPLE: readonly (readonly [name: string, secret: number, half: number])[] = [
  ["Ana", 187, 642],
  ["Ben", 164, 31],
  ["Chi", 221, 903],
];
const MODULUS = 1000;

/** Three digits, as everywhere in the example. */
function digits(value: number): string {
  return String(value).padStart(3, "0");
}

function splitExample(): Markup {
  const rows = EXAMPLE.map(([name, secret, half]) => ({
    name,
    secret,
    half,
    other: (secret - half + MODULUS) % MODULUS,
  }));
  const sum = (pick: (row: (typeof rows)[number]) => number): number =>
    rows.reduce((total, row) => total + pick(row), 0);
  const halves = sum(({ half }) => half) % MODULUS;
  const others = sum(({ other }) => other) % MODULUS;
  const total = sum(({ secret }) => secret);
  const head = [
    "",
    "At home",
    html`<span class="s0">To the leader</span>`,
    html`<span class="s1">To the helper</span>`,
  ];
  const cells = [
    ...rows.map(({ name, secret, half, other }) => [name, secret, digits(half), digits(other)]),
    ["Sum", "?", digits(halves), digits(others)],
  ];
  return html`<figure class="example"><figcaption>How a number is added unseen</figcaption>
${table(head, cells, { rowHeads: true })}
<p>Each vault draws its first half by lot, so either half alone says nothing. Each node adds its
column and drops the thousands. Only the two sums together say something:
${digits(halves)} + ${digits(others)} is ${formatCount(halves + others)}, without thousands
<b>${total}</b>, the sum of the three. The average is ${formatCount(total / rows.length)}, and
nobody’s number was ever seen. Here the halves are far longer, come with a proof that the number
hidden in them is a possible one, and each node adds noise of its own.</p></figure>`;
}

function keyFigures(result: LabResult): Markup {
  const figures: readonly (readonly [value: string, name: string])[] = [
    [formatCount(result.people), "vaults, each with one owner"],
    [formatCount(result.studies.length), result.studies.length === 1 ? "question" : "questions"],
    [formatCount(result.accepted), "contributions counted"],
    [formatCount(result.rejected), "lies refused"],
    [`${formatDecimals(result.cpuMsPerPerson, 1)}\u00a0ms`, "of computing a contribution"],
    [formatBytes(result.bytesPerPerson), "uploaded a contribution"],
    [formatSeconds(result.seconds), "for everything on this page"],
  ];
  const items = figures.map(([value, name]) => html`<b>${value}</b>${name}`);
  return list("figures", items);
}

/** The title, a sentence a line where there is room. */
function heading({ title }: ScenarioWords): Markup {
  const sentences = title.split(/(?<=[.?!]) /);
  return html`<h1>${sentences.map((sentence) => html`<span>${sentence}</span> `)}</h1>`;
}

/** Everything above the first question. */
export function renderIntro(result: LabResult, words: ScenarioWords): Markup {
  const { studies } = result;
  const answered = studies.filter(({ state }) => state === "answered").length;
  const missing = studies.length - answered;
  const isSimulated = studies.length > 0 && studies.every(({ simulated }) => simulated !== null);
  return html`<header>
<p class="brand">Sumus <span>the living lab</span></p>
${heading(words)}
<p class="lead">${words.lead}</p>
<p class="lead">Everybody’s data stayed in a vault of their own; each question travelled there, and
each vault sent back one contribution that nobody can read. Only sums over many people ever
appeared, with a little noise, so that no answer gives a single person
away.${missing > 0 && ` Of ${formatCount(studies.length)} questions, ${formatCount(answered)} were answered.`}</p>
${isSimulated && html`<p class="simulated"><b>Simulated.</b> Nobody on this page is real.</p>`}
${forBothWidths(drawWay)}
${keyFigures(result)}
${splitExample()}
</header>`;
}
