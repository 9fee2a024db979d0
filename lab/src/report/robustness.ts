/** Who lied, who vanished, who said no, and why the answer stayed where it was. */

import {
  formatCount,
  formatDecimals,
  groupLabel,
  html,
  LEVEL_KINDS,
  type Markup,
  pairs,
  picture,
  plainBin,
  rect,
  table,
} from "@sumus/pages";
import type { LabMeasure, LabResult, LabStudyResult } from "../result.ts";

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
  const rows = [
    rect("refused", { x: 0, y: 0, width: 200, height: 9 }),
    rect("counted", { x: 0, y: 13, width, height: 9 }),
  ];
  const size = { width: 200, height: 22, stretch: true };
  return picture(size, "The published number beside the unchecked one", "claim", rows);
}

function claimRow(study: LabStudyResult): Markup {
  const { claim, liars, rejected } = study;
  if (claim === null) return html``;
  const measure = claimedMeasure(study);
  const bin = claim.bin === null ? [] : [plainBin(claim.bin)];
  const cell = [groupLabel(claim.group), ...bin].join(", ");
  const truth = measure?.truth ?? null;
  return html`<div class="claim-row"><h4>${study.title}</h4>
<p>${formatCount(liars)} sent a report that claims ${formatCount(claim.claimed)} people in
“${cell}”. <b>${formatCount(rejected)} of ${formatCount(liars)} were refused.</b></p>
${bars(study, measure)}
${pairs("", [
  [html`<i class="refused"></i>had nobody checked`, formatCount(claim.unchecked)],
  [html`<i class="counted"></i>published`, publishedText(measure)],
  ["truth", truth === null ? "–" : formatCount(truth)],
])}</div>`;
}

/** The largest change of any share of people from those counted to everybody, in points. */
function largestShiftPoints(study: LabStudyResult): number | null {
  const counts = study.measures.filter(
    ({ name, truth, truthAll }) =>
      !LEVEL_KINDS.has(study.measureKinds[name] ?? "") && truth !== null && truthAll !== null,
  );
  const name = counts[0]?.name;
  const own = counts.filter((measure) => measure.name === name);
  const sum = (pick: (measure: LabMeasure) => number | null): number =>
    own.reduce((total, measure) => total + (pick(measure) ?? 0), 0);
  const [counted, everybody] = [sum(({ truth }) => truth), sum(({ truthAll }) => truthAll)];
  if (counted === 0 || everybody === 0) return largestShareShift(study);
  const shifts = own.map(({ truth, truthAll }) =>
    Math.abs((truth ?? 0) / counted - (truthAll ?? 0) / everybody),
  );
  return Math.max(...shifts) * 100;
}

/** The same where shares are what was asked for. */
function largestShareShift({ measures, measureKinds }: LabStudyResult): number | null {
  const shifts = measures.flatMap(({ name, truth, truthAll }) =>
    measureKinds[name] === "share" && truth !== null && truthAll !== null
      ? [Math.abs(truth - truthAll) * 100]
      : [],
  );
  return shifts.length === 0 ? null : Math.max(...shifts);
}

/** How many were not there, and by how much that moved any share. */
function absenceRow(study: LabStudyResult): string[] {
  const shift = largestShiftPoints(study);
  const away = study.denied + study.dropped;
  return [
    study.title,
    `${formatCount(away)} of ${formatCount(study.invited)}`,
    shift === null ? "–" : `${formatDecimals(shift, 2)} points`,
  ];
}

function lies(studies: readonly LabStudyResult[]): Markup {
  const lied = studies.filter(({ claim, liars }) => claim !== null && liars > 0);
  if (lied.length === 0) return html``;
  return html`<p>A contribution that nobody can read is tempting to forge. So each carries a proof
that the number hidden in it is a possible one: one person, in one place, within bounds. The nodes
check the proof without seeing the number. In this run some vaults were made to lie.</p>
<div class="claims">${lied.map(claimRow)}</div>`;
}

/** The section about lies, drop-outs and refusals. */
export function renderRobustness(result: LabResult): Markup {
  const answered = result.studies.filter(({ state }) => state === "answered");
  if (answered.length === 0) return html``;
  const head = ["question", "not there", "largest shift of any share"];
  return html`<section id="lies"><p class="kicker">What could go wrong, and did</p>
<h2>Some lied, some vanished, some said no. The answers stayed.</h2>
${lies(answered)}
<p>Vaults that said no, or vanished half-way, are simply not counted. As long as they are not a
special kind of people, shares stay where they were. This is by how much they moved:</p>
<div class="scroll">${table(head, answered.map(absenceRow))}</div></section>`;
}
