/** The end of the page: what the words mean, what is not shown here, files and sources. */

import { html, list, type Markup, renderWords } from "@sumus/pages";
import type { LabResult } from "../result.ts";
import type { ScenarioWords } from "../scenario/scenario.ts";

function limits(words: ScenarioWords): Markup {
  const items = [
    html`The vaults are not in anybody’s hands: the lab gave each person of the tables a vault and
played their owner, with a yes, a no or a lie drawn by lot.`,
    html`Leader and helper ran as two programs on one computer. They protect people only when two
parties run them that do not help each other cheat.`,
    html`A liar can still lie within bounds: claim an age of forty, or a place never been to. A
proof bounds a lie, it does not make people honest.`,
    ...words.limits,
  ];
  return html`<section id="limits"><h2>What this page does not show</h2>
${list("limits", items)}</section>`;
}

/** Files that stand beside the page, by name, with what they are. */
export interface ReportFile {
  readonly name: string;
  readonly text: string;
}

/** A text in which addresses are links. */
function linked(text: string): Markup {
  const parts = text.split(/(https:\/\/[\w./-]*[\w/])/);
  return html`${parts.map((part, index) =>
    index % 2 === 1 ? html`<a href="${part}">${part.replace("https://", "")}</a>` : part,
  )}`;
}

/** Everything below the last question. */
export function renderClosing(
  result: LabResult,
  scenario: ScenarioWords,
  files: readonly ReportFile[],
): Markup {
  const day = result.endedAt.slice(0, 10);
  const links = files.map(
    ({ name, text }) => html`<a href="${encodeURI(name)}">${name}</a> ${text}`,
  );
  return html`${renderWords("Five words", result.studies)}${limits(scenario)}
<section id="files"><h2>Take it with you</h2>
${list("files", links)}</section>
<footer><p>${scenario.sources.map((source) => html`${linked(source)} `)}Typefaces: Source Serif 4
and Source Sans 3, SIL Open Font License.</p>
<p>Made by <b>sumus lab</b> on ${day}, seed ${result.seed}. The page is one file and loads
nothing.</p></footer>`;
}
