/** One question of the page: asked, consented to, answered, paid for. */

import { drawFunnel } from "../charts/funnel.ts";
import type { Basemap } from "../geo/basemap.ts";
import { type LabMeasure, type LabStudyResult, LEVEL_KINDS } from "../result.ts";
import { onDemand, pairs, table } from "./blocks.ts";
import { html, type Markup, raw } from "./html.ts";
import { formatBytes, formatCount, formatDecimals, formatOneIn, formatPercent } from "./numbers.ts";
import { groupLabel, type Story } from "./story.ts";
import { drawView } from "./views.ts";

/** How many of the drawn intervals contain the truth, and how many there are. */
function coverageOf(measures: readonly LabMeasure[]): { inside: number; total: number } {
  const checked = measures.filter(
    ({ suppressed, low, high, truth }) =>
      !suppressed && low !== null && high !== null && truth !== null,
  );
  const inside = checked.filter(
    ({ low, high, truth }) => Number(low) <= Number(truth) && Number(truth) <= Number(high),
  );
  return { inside: inside.length, total: checked.length };
}

/** The consent screen; the first question shows it, the others on demand. */
function consentCard(study: LabStudyResult, open: boolean): Markup {
  const saidYes = study.invited === 0 ? 0 : study.consented / study.invited;
  const lines = study.consent.map(({ heading, text }) => [heading, text] as const);
  const summary = html`<summary>What each of them read before saying yes</summary>`;
  return html`<details class="consent"${open && raw(" open")}>${summary}
${pairs("", lines)}
<p>${formatPercent(saidYes, 0)} said yes. Whoever says nothing says no.</p></details>`;
}

function whoLearned(study: LabStudyResult): Markup {
  const vault = {
    party: "your vault",
    learns: "everything, as before: the rows stay there; it keeps a journal of what it sent",
  };
  const rows = [vault, ...study.disclosures].map(
    ({ party, learns }) => [sentence(party), `${sentence(learns)}.`] as const,
  );
  return onDemand("Who learned what", pairs("learned", rows));
}

/** With a capital. */
function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function funnel(study: LabStudyResult): Markup {
  return drawFunnel([
    { name: "counted", people: study.accepted, kind: "counted" },
    { name: "dropped out on the way", people: study.dropped, kind: "dropped" },
    { name: "refused, for they lied", people: study.rejected, kind: "refused" },
    {
      name: "could not answer",
      people: study.failures.reduce((sum, { people }) => sum + people, 0),
      kind: "failed",
    },
    { name: "said no", people: study.denied, kind: "declined" },
    { name: "not asked any more", people: study.notAsked, kind: "spared" },
  ]);
}

/** Vaults on whose rows the map failed: they count as absent, and so the page says it. */
function silentNote({ silent }: LabStudyResult): Markup {
  if (silent === null) return html``;
  return html`<p class="privacy">In ${formatCount(silent.people)} vaults the question failed on
their rows; as the protocol has it, they sent contributions that add nothing. The first of them
noted: ${silent.reason}.</p>`;
}

function measureTable(study: LabStudyResult): Markup {
  const rows = study.measures.map((measure) => {
    const decimals = LEVEL_KINDS.has(study.measureKinds[measure.name] ?? "") ? 3 : 0;
    const figure = (value: number | null): string =>
      value === null ? "–" : formatDecimals(value, decimals);
    const { bin, group, high, low, name, suppressed } = measure;
    const answer = suppressed
      ? [html`<i>too uncertain to say</i>`, ""]
      : [figure(measure.estimate), `${figure(low)} to ${figure(high)}`];
    const truths = [figure(measure.truth), figure(measure.truthAll)];
    return [name, groupLabel(group), bin ?? "", ...answer, ...truths];
  });
  const interval = ["estimate", "95 % interval", "truth", "truth had all taken part"];
  const numbers = table(["measure", "who", "bin", ...interval], rows, { className: "numbers" });
  const says = `All numbers of ${study.title}`;
  return onDemand(
    `All ${formatCount(study.measures.length)} numbers`,
    html`<div class="scroll" tabindex="0" role="region" aria-label="${says}">${numbers}</div>`,
  );
}

function costTables(study: LabStudyResult): Markup {
  const { map, vault, leader, helper } = study.cpuMsPerPerson;
  const parts: readonly (readonly [string, number])[] = [
    ["the question run on the person’s rows, in the vault’s sandbox", map],
    ["splitting, proving, sealing, in the vault", vault],
    ["leader: receive, open, verify, add", leader],
    ["helper: open, verify, add", helper],
  ];
  const costs = parts.map(([part, ms]) => [part, `${formatDecimals(ms, 2)}\u00a0ms`]);
  const tasks = study.tasks.map(({ purpose, encoding, reportBytes, sigma }) => [
    purpose,
    encoding,
    formatCount(reportBytes),
    formatDecimals(sigma, 1),
  ]);
  const total = formatDecimals(map + vault + leader + helper, 1);
  const noise = "noise of each node (std. dev.)";
  return onDemand(
    `What it cost: ${total} ms of computing and ${formatBytes(study.bytesPerPerson)} a person`,
    table(["part", "CPU time a person"], costs),
    table(["sent by each vault", "encoding", "bytes", noise], tasks),
  );
}

function privacyLine(study: LabStudyResult): Markup {
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

function answer(study: LabStudyResult, story: Story, basemap: Basemap): Markup {
  if (study.state !== "answered") {
    return html`<p class="no-answer"><b>No answer.</b> ${study.reason}</p>`;
  }
  const headline = story.headline(study);
  return html`${headline !== "" && html`<p class="headline">${headline}</p>`}
${study.simulated !== null && html`<p class="simulated"><b>Simulated.</b> ${study.simulated}</p>`}
${story.views.map((view) => drawView(study, view, basemap))}`;
}

/** The section of one study. */
export function renderQuestion(
  study: LabStudyResult,
  story: Story,
  index: number,
  basemap: Basemap,
): Markup {
  return html`<section id="${story.key}"><p class="kicker">Question ${index + 1} ·
${study.title}</p>
<h2>${story.question}</h2>
${answer(study, story, basemap)}
${story.note !== "" && html`<p class="note">${story.note}</p>`}
${funnel(study)}
${silentNote(study)}
${privacyLine(study)}
${consentCard(study, index === 0)}
${whoLearned(study)}
${costTables(study)}
${study.state === "answered" && measureTable(study)}</section>`;
}
