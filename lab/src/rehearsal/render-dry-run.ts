/** A rehearsal as the page of its answer, with what it found out above. */

import {
  formatCount,
  formatDecimals,
  formatPercent,
  html,
  list,
  type Markup,
  onDemand,
  renderAnswerPage,
  table,
} from "@sumus/pages";
import type { DryRun } from "./dry-run.ts";

/** The page; pure. */
export function renderDryRun(dryRun: DryRun, style: string, made: string): string {
  return renderAnswerPage(dryRun.answer, style, {
    before: renderFindings(dryRun),
    made,
  });
}

function renderFindings(dryRun: DryRun): Markup {
  const { eligible, failures, people, rowsPerPerson, withRow, withoutRow } = dryRun;
  const failed = failures.map(
    ({ reason, people: count }) => html`The map failed on ${formatCount(count)}: ${reason}.`,
  );
  const rows =
    rowsPerPerson === "one"
      ? html`The map takes one row of a person in each table, and so they have one. It fails on
whoever has several; a vault then counts as absent.`
      : html`People have up to six rows in each table.`;
  return html`<section id="rehearsal"><p class="kicker">Before anybody is asked</p>
<h2>The rehearsal</h2>
<p class="simulated"><b>Synthetic.</b> ${formatCount(people)} people were made up, and their rows;
the numbers below say nothing about anybody. The map, the clipping, the encoding, the noise of both
nodes and the intervals are those of a real run.</p>
${list("", [
  html`The map yields a row in ${formatCount(withRow)} of ${formatCount(people)} vaults, and none in
${formatCount(withoutRow)}.`,
  ...failed,
  ...(eligible === null ? [] : [html`Everybody took part; a real run asks whoever's ${eligible}.`]),
  rows,
  ...groupWords(dryRun),
  costWords(dryRun),
])}
${widthTable(dryRun)}
${columnTable(dryRun)}</section>`;
}

function groupWords({ groups }: DryRun): Markup[] {
  return groups.map(({ by, cells, never, examples }) => {
    if (never === 0)
      return html`Somebody was in each of the ${formatCount(cells)} groups by ${by}.`;
    const more =
      never > examples.length ? `, and ${formatCount(never - examples.length)} more` : "";
    return html`Nobody was in ${formatCount(never)} of the ${formatCount(cells)} groups by ${by}:
${examples.join("; ")}${more}.`;
  });
}

function costWords({ map }: DryRun): Markup {
  const share = map.fuelMax / map.fuelAllowed;
  const fuel = share < 0.0001 ? "less than 0.01 %" : `at most ${formatPercent(share, 2)}`;
  return html`The map took ${formatDecimals(map.msMean, 2)} ms of computing a vault here (at most
${formatDecimals(map.msMax, 1)}) and ${fuel} of its fuel.`;
}

function widthTable({ measures }: DryRun): Markup {
  const rows = measures.map(({ halfWidth, kind, name, numbers, relative, suppressed }) => [
    name,
    kind,
    formatCount(numbers),
    formatCount(suppressed),
    halfWidth === null ? "–" : `± ${Number(halfWidth.toPrecision(3))}`,
    relative === null ? "–" : formatPercent(relative),
  ]);
  const head = ["measure", "kind", "numbers", "too uncertain", "interval", "of the answer"];
  const says = "How wide the intervals are";
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${says}">
${table(head, rows)}</div>`;
}

function columnTable({ columns }: DryRun): Markup {
  const rows = columns.map(({ collection, column, values, source }) => [
    `${collection}.${column}`,
    values,
    source,
  ]);
  return onDemand("What their rows hold", table(["column", "values", "because"], rows));
}
