/** One study on a page: asked, answered, what it cost in privacy, and who learned what. */

import { type AnswerMeasure, LEVEL_KINDS, type StudyAnswer } from "../answer.ts";
import type { Basemap } from "../geo/basemap.ts";
import { onDemand, pairs, table } from "../markup/blocks.ts";
import { html, type Insert, type Markup, raw } from "../markup/html.ts";
import { formatCount, formatDecimals, formatOneIn } from "../markup/numbers.ts";
import { groupLabel, type Story } from "./story.ts";
import { drawView } from "./views.ts";

/** How many of the drawn intervals contain the truth, and how many there are. */
function coverageOf(measures: readonly AnswerMeasure[]): { inside: number; total: number } {
  const checked = measures.filter(
    ({ suppressed, low, high, truth }) =>
      !suppressed && low !== null && high !== null && typeof truth === "number",
  );
  const inside = checked.filter(
    ({ low, high, truth }) => Number(low) <= Number(truth) && Number(truth) <= Number(high),
  );
  return { inside: inside.length, total: checked.length };
}

/** The consent screen. */
function consentCard(study: StudyAnswer, { heading, note, open }: ConsentCard): Markup {
  const lines = study.consent.map(({ heading, text }) => [heading, text] as const);
  const summary = html`<summary>${heading}</summary>`;
  return html`<details class="consent"${open && raw(" open")}>${summary}
${pairs("", lines)}
<p>${note}</p></details>`;
}

/** What happened where it is known, else what the manifest says of it. */
function whoLearned({ disclosures, learned }: StudyAnswer): Markup {
  const vault = [
    "your vault",
    "everything, as before: the rows stay there; it keeps a journal of what it sent",
  ] as const;
  const others =
    learned?.map((each) => [each.party, each.learned] as const) ??
    disclosures.map(({ party, learns }) => [party, learns] as const);
  const rows = [vault, ...others].map(
    ([party, words]) => [sentence(party), `${sentence(words)}.`] as const,
  );
  return onDemand(`Who ${learned === null ? "learns" : "learned"} what`, pairs("learned", rows));
}

/** With a capital. */
function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Numbers in the table of a page; files have all of them. */
const TABLE_ROWS_MAX = 2_000;

/** All numbers where they fit, else those that can be said, the first of them. */
function tabled(measures: readonly AnswerMeasure[]): readonly AnswerMeasure[] {
  if (measures.length <= TABLE_ROWS_MAX) return measures;
  return measures.filter(({ suppressed }) => !suppressed).slice(0, TABLE_ROWS_MAX);
}

function measureTable(study: StudyAnswer): Markup {
  const hasTruths = study.measures.some(({ truth }) => truth !== undefined);
  const samples = study.measures.some(({ sampling }) => sampling !== null);
  const shown = tabled(study.measures);
  const rows = shown.map((measure) => {
    const decimals = LEVEL_KINDS.has(study.measureKinds[measure.name] ?? "") ? 3 : 0;
    const figure = (value: number | null | undefined): string =>
      typeof value === "number" ? formatDecimals(value, decimals) : "–";
    const { bin, group, high, low, name, sampling, suppressed, total } = measure;
    const range = (interval: { low: number | null; high: number | null } | null): string =>
      interval === null ? "" : `${figure(interval.low)} to ${figure(interval.high)}`;
    const more = samples ? [sampling, total].map(range) : [];
    const answer = suppressed
      ? [html`<i>too uncertain to say</i>`, "", ...more]
      : [figure(measure.estimate), range({ low, high }), ...more];
    const truths = hasTruths ? [figure(measure.truth), figure(measure.truthAll)] : [];
    return [name, groupLabel(group), bin ?? "", ...answer, ...truths];
  });
  const truths = hasTruths ? ["truth", "truth had all taken part"] : [];
  const intervals = samples
    ? ["95 % by noise", "95 % by sampling", "95 % by both"]
    : ["95 % interval"];
  const head = ["measure", "who", "bin", "estimate", ...intervals, ...truths];
  const numbers = table(head, rows, { className: "numbers" });
  const says = `All numbers of ${study.title}`;
  const all = formatCount(study.measures.length);
  return onDemand(
    shown === study.measures
      ? `All ${all} numbers`
      : `${formatCount(shown.length)} of ${all} numbers`,
    html`<div class="scroll" tabindex="0" role="region" aria-label="${says}">${numbers}</div>`,
  );
}

/** What each vault sent, and why it was counted in this way. */
export function taskTable({ tasks }: StudyAnswer): Markup {
  const rows = tasks.map(({ purpose, encoding, reason, reportBytes, sigma }) => [
    purpose,
    encoding,
    reason,
    formatCount(reportBytes),
    formatDecimals(sigma, 1),
  ]);
  const noise = "noise of each node (std. dev.)";
  const head = ["sent by each vault", "encoding", "why", "bytes", noise];
  const says = "Tasks of the study";
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${says}">${table(head, rows)}</div>`;
}

function privacyLine(study: StudyAnswer): Markup {
  const { inside, total } = coverageOf(study.measures);
  const cells =
    study.cellsPerPerson !== null &&
    html` Nobody counts in more than <b>${formatCount(study.cellsPerPerson)}</b> places.`;
  const kept =
    total > 0 &&
    html` ${formatCount(inside)} of the ${formatCount(total)} intervals contain the truth; 95 of 100
should.`;
  return html`<p class="privacy">Privacy: epsilon <b>${study.epsilon}</b>, delta
${formatOneIn(study.delta)}, at least <b>${formatCount(study.peopleMin)}</b>
people.${cells}${kept}</p>`;
}

function answer(study: StudyAnswer, story: Story, basemap: Basemap | null): Markup {
  if (study.state !== "answered") {
    return html`<p class="no-answer"><b>No answer.</b> ${study.reason}</p>`;
  }
  const headline = story.headline(study);
  return html`${headline !== "" && html`<p class="headline">${headline}</p>`}
${study.simulated !== null && html`<p class="simulated"><b>Simulated.</b> ${study.simulated}</p>`}
${story.views.map((view) => drawView(study, view, basemap))}`;
}

/** What a page says about a study besides its answer. */
export interface StudySection {
  readonly story: Story;
  /** Above the question. */
  readonly kicker: Insert;
  /** Of a city; null: cells are drawn without one. */
  readonly basemap: Basemap | null;
  /** Between the answer and its price: what became of those who were asked. */
  readonly people: Insert;
  readonly consent: ConsentCard;
  /** What it took, on demand. */
  readonly costs: Insert;
}

interface ConsentCard {
  readonly heading: string;
  readonly open: boolean;
  /** Below the lines. */
  readonly note: Insert;
}

/** The section of one study. */
export function renderStudySection(study: StudyAnswer, section: StudySection): Markup {
  const { basemap, consent, costs, kicker, people, story } = section;
  return html`<section id="${story.key}"><p class="kicker">${kicker}</p>
<h2>${story.question}</h2>
${answer(study, story, basemap)}
${story.note !== "" && html`<p class="note">${story.note}</p>`}
${people}
${privacyLine(study)}
${consentCard(study, consent)}
${whoLearned(study)}
${costs}
${study.state === "answered" && measureTable(study)}</section>`;
}
