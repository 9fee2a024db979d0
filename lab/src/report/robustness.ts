/** Who lied, who vanished, who said no, and why the answer stayed where it was. */

import type { LabMeasure, LabResult, LabStudyResult } from "../result.ts";
import { html, type Markup } from "./html.ts";
import { formatCount, formatDecimals } from "./numbers.ts";
import { groupLabel, plainBin } from "./story.ts";

function claimedMeasure(study: LabStudyResult): LabMeasure | undefined {
  const { claim } = study;
  if (claim === null) return undefined;
  return study.measures.find(
    ({ name, group, bin }) =>
      name === claim.name && bin === claim.bin && groupLabel(group) === groupLabel(claim.group),
  );
}

function publishedText(measure: LabMeasure | undefined): string {
  if (measure === undefined || measure.estimate === null) return "–";
  return measure.suppressed ? "too uncertain to say" : formatCount(measure.estimate);
}

/** Bars to one scale: what would have been published without proofs, and what was. */
function bars(study: LabStudyResult, measure: LabMeasure | undefined): Markup {
  const unchecked = Math.max(1, study.claim?.unchecked ?? 1);
  const published = Math.max(0, measure?.estimate ?? 0);
  const width = Math.max(1, (published / unchecked) * 200);
  return html`<svg class="claim" viewBox="0 0 200 22" preserveAspectRatio="none" aria-hidden="true"><rect class="refused" width="200" height="9" rx="2"/><rect class="counted" y="13" width="${formatDecimals(width, 1)}" height="9"/></svg>`;
}

function claimRow(study: LabStudyResult): Markup {
  const { claim } = study;
  if (claim === null) return html``;
  const measure = claimedMeasure(study);
  const bin = claim.bin === null ? [] : [plainBin(claim.bin)];
  const cell = [groupLabel(claim.group), ...bin].join(", ");
  return html`<div class="claim-row"><h4>${study.title}</h4>
<p>${formatCount(study.liars)} sent a report that claims ${formatCount(claim.claimed)} people in “${cell}”. <b>${formatCount(study.rejected)} of ${formatCount(study.liars)} were refused.</b></p>
${bars(study, measure)}
<dl><div><dt><i class="refused"></i>had nobody checked</dt><dd>${formatCount(claim.unchecked)}</dd></div>
<div><dt><i class="counted"></i>published</dt><dd>${publishedText(measure)}</dd></div>
<div><dt>truth</dt><dd>${measure?.truth === null || measure === undefined ? "–" : formatCount(measure.truth)}</dd></div></dl></div>`;
}

/** The largest change of any share of people between those counted and everybody invited, in points. */
function largestShiftPoints(study: LabStudyResult): number | null {
  const counts = study.measures.filter(
    ({ name, truth, truthAll }) =>
      study.measureKinds[name] !== "mean" && truth !== null && truthAll !== null,
  );
  const name = counts[0]?.name;
  const own = counts.filter((measure) => measure.name === name);
  const sum = (pick: (measure: LabMeasure) => number | null): number =>
    own.reduce((total, measure) => total + (pick(measure) ?? 0), 0);
  const [counted, everybody] = [sum(({ truth }) => truth), sum(({ truthAll }) => truthAll)];
  if (counted === 0 || everybody === 0) return null;
  const shifts = own.map(({ truth, truthAll }) =>
    Math.abs((truth ?? 0) / counted - (truthAll ?? 0) / everybody),
  );
  return Math.max(...shifts) * 100;
}

function absenceRow(study: LabStudyResult): Markup {
  const shift = largestShiftPoints(study);
  const away = study.invited - study.consented + study.dropped;
  return html`<tr><td>${study.title}</td><td>${formatCount(away)} of ${formatCount(study.invited)}</td><td>${shift === null ? "–" : `${formatDecimals(shift, 2)} points`}</td></tr>`;
}

/** The section about lies, drop-outs and refusals. */
export function renderRobustness(result: LabResult): Markup {
  const answered = result.studies.filter(({ state }) => state === "answered");
  if (answered.length === 0) return html``;
  const lied = answered.filter(({ claim, liars }) => claim !== null && liars > 0);
  return html`<section id="lies"><p class="kicker">What could go wrong, and did</p>
<h2>Some lied, some vanished, some said no. The answers stayed.</h2>
${
  lied.length > 0 &&
  html`<p>A contribution that nobody can read is tempting to forge. So each carries a proof that the number hidden in it is a possible one: one person, in one place, within bounds. The nodes check the proof without seeing the number. In this run some vaults were made to lie.</p>
<div class="claims">${lied.map(claimRow)}</div>`
}
<p>Vaults that said no, or vanished half-way, are simply not counted. As long as they are not a special kind of people, shares stay where they were. This is by how much they moved:</p>
<div class="scroll"><table><thead><tr><th>question</th><th>not there</th><th>largest shift of any share</th></tr></thead><tbody>${answered.map(absenceRow)}</tbody></table></div></section>`;
}
