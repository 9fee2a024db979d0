/** One question of the page: asked, consented to, answered, paid for. */

import { drawFunnel } from "../charts/funnel.ts";
import type { Basemap } from "../geo/basemap.ts";
import type { LabMeasure, LabStudyResult } from "../result.ts";
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
  const lines = study.consent.map(
    ({ heading, text }) => html`<div><dt>${heading}</dt><dd>${text}</dd></div>`,
  );
  return html`<details class="consent"${open && raw(" open")}><summary>What each of them read before saying yes</summary>
<dl>${lines}</dl>
<p>${formatPercent(saidYes, 0)} said yes. Whoever says nothing says no.</p></details>`;
}

function whoLearned(study: LabStudyResult): Markup {
  const vault = {
    party: "your vault",
    learns: "everything, as before: the rows stay there; it keeps a journal of what it sent",
  };
  const rows = [vault, ...study.disclosures];
  return html`<details><summary>Who learned what</summary><dl class="learned">${rows.map(({ party, learns }) => html`<div><dt>${sentence(party)}</dt><dd>${sentence(learns)}.</dd></div>`)}</dl></details>`;
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
    { name: "said no", people: study.invited - study.consented, kind: "declined" },
  ]);
}

/** Vaults whose own rows the map could not digest: they count as absent, and so the page says it. */
function silentNote({ silent }: LabStudyResult): Markup {
  if (silent === null) return html``;
  return html`<p class="privacy">In ${formatCount(silent.people)} vaults the question failed on their rows; as the protocol has it, they sent contributions that add nothing. The first of them noted: ${silent.reason}.</p>`;
}

function measureTable(study: LabStudyResult): Markup {
  const decimals = (name: string): number => (study.measureKinds[name] === "mean" ? 3 : 0);
  const cell = (value: number | null, name: string): string =>
    value === null ? "–" : formatDecimals(value, decimals(name));
  const rows = study.measures.map(
    (measure) =>
      html`<tr><td>${measure.name}</td><td>${groupLabel(measure.group)}</td><td>${measure.bin ?? ""}</td>${
        measure.suppressed
          ? html`<td colspan="2" class="unsure-text">too uncertain to say</td>`
          : html`<td>${cell(measure.estimate, measure.name)}</td><td>${cell(measure.low, measure.name)} to ${cell(measure.high, measure.name)}</td>`
      }<td>${cell(measure.truth, measure.name)}</td><td>${cell(measure.truthAll, measure.name)}</td></tr>`,
  );
  return html`<details><summary>All ${formatCount(study.measures.length)} numbers</summary>
<div class="scroll" tabindex="0" role="region" aria-label="All numbers of ${study.title}"><table class="numbers"><thead><tr><th>measure</th><th>who</th><th>bin</th><th>estimate</th><th>95 % interval</th><th>truth</th><th>truth had all taken part</th></tr></thead><tbody>${rows}</tbody></table></div></details>`;
}

function costTable(study: LabStudyResult): Markup {
  const { map, vault, leader, helper } = study.cpuMsPerPerson;
  const cost = (value: number): string => `${formatDecimals(value, 2)}\u00a0ms`;
  return html`<details><summary>What it cost: ${formatDecimals(map + vault + leader + helper, 1)} ms of computing and ${formatBytes(study.bytesPerPerson)} a person</summary>
<table><thead><tr><th>part</th><th>CPU time a person</th></tr></thead><tbody>
<tr><td>the question run on the person’s rows, in the vault’s sandbox</td><td>${cost(map)}</td></tr>
<tr><td>splitting, proving, sealing, in the vault</td><td>${cost(vault)}</td></tr>
<tr><td>leader: receive, open, verify, add</td><td>${cost(leader)}</td></tr>
<tr><td>helper: open, verify, add</td><td>${cost(helper)}</td></tr></tbody></table>
<table><thead><tr><th>sent by each vault</th><th>encoding</th><th>bytes</th><th>noise of each node (std. dev.)</th></tr></thead><tbody>
${study.tasks.map((task) => html`<tr><td>${task.purpose}</td><td>${task.encoding}</td><td>${formatCount(task.reportBytes)}</td><td>${formatDecimals(task.sigma, 1)}</td></tr>`)}</tbody></table></details>`;
}

function privacyLine(study: LabStudyResult): Markup {
  const { inside, total } = coverageOf(study.measures);
  const cells =
    study.cellsPerPerson !== null &&
    html` Nobody counts in more than <b>${formatCount(study.cellsPerPerson)}</b> places.`;
  const kept =
    total > 0 &&
    html` ${formatCount(inside)} of the ${formatCount(total)} intervals contain the truth; 95 of 100 should.`;
  return html`<p class="privacy">Privacy: epsilon <b>${study.epsilon}</b>, delta ${formatOneIn(study.delta)}, at least <b>${formatCount(study.peopleMin)}</b> people.${cells}${kept}</p>`;
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
  return html`<section id="${story.key}"><p class="kicker">Question ${index + 1} · ${study.title}</p>
<h2>${story.question}</h2>
${answer(study, story, basemap)}
${story.note !== "" && html`<p class="note">${story.note}</p>`}
${funnel(study)}
${silentNote(study)}
${privacyLine(study)}
${consentCard(study, index === 0)}
${whoLearned(study)}
${costTable(study)}
${study.state === "answered" && measureTable(study)}</section>`;
}
