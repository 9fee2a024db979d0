/** One question of the page: asked, consented to, answered, paid for. */

import {
  type Basemap,
  drawFunnel,
  formatBytes,
  formatCount,
  formatDecimals,
  formatPercent,
  html,
  type Markup,
  onDemand,
  renderStudySection,
  type Story,
  table,
  taskTable,
} from "@sumus/pages";
import { type LabStudyResult, totalCost } from "../result.ts";

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
    { name: "not eligible", people: study.notEligible, kind: "spared" },
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

function costTables(study: LabStudyResult): Markup {
  const { map, encode, client, leader, helper, storage } = study.cpuMsPerPerson;
  const parts: readonly (readonly [string, number])[] = [
    ["the question run on the person’s rows, in the vault’s sandbox", map],
    ["splitting, proving, sealing, in the vault", encode],
    ["bringing the reports to the leader", client],
    ["leader: receive, open, verify, add", leader],
    ["helper: open, verify, add", helper],
    ["the databases of both", storage],
  ];
  const costs = parts.map(([part, ms]) => [part, `${formatDecimals(ms, 2)}\u00a0ms`]);
  const total = formatDecimals(totalCost(study.cpuMsPerPerson), 1);
  return onDemand(
    `What it cost: ${total} ms of computing and ${formatBytes(study.bytesPerPerson)} a person`,
    table(["part", "CPU time a person"], costs),
    taskTable(study),
  );
}

/** The section of one study; the first shows the consent screen, the others on demand. */
export function renderQuestion(
  study: LabStudyResult,
  story: Story,
  index: number,
  basemap: Basemap,
): Markup {
  const saidYes = formatPercent(study.invited === 0 ? 0 : study.consented / study.invited, 0);
  return renderStudySection(study, {
    story,
    basemap,
    kicker: `Question ${index + 1} · ${study.title}`,
    people: [funnel(study), silentNote(study)],
    consent: {
      heading: "What each of them read before saying yes",
      open: index === 0,
      note: study.isRuled
        ? `For ${saidYes} a standing rule of their own said yes, and nobody was disturbed.`
        : `${saidYes} said yes. Whoever says nothing says no.`,
    },
    costs: costTables(study),
  });
}
