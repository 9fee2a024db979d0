/** The end of the page: what the words mean, what is not shown here, files and sources. */

import { html, list, type Markup, renderWords } from "@sumus/pages";
import type { LabResult } from "../result.ts";

function limits(): Markup {
  const items = [
    html`The rows are real, the vaults are not in anybody’s hands: the lab gave each person of the
tables a vault and played their owner, with a yes, a no or a lie drawn by lot.`,
    html`Leader and helper ran as two programs on one computer. They protect people only when two
parties run them that do not help each other cheat.`,
    html`A liar can still lie within bounds: claim an age of forty, or a cholesterol of 280. A proof
bounds a lie, it does not make people honest.`,
    html`The survey interviewed some groups more often than others, and so a share here is one of
the people asked, not of a country.`,
  ];
  return html`<section id="limits"><h2>What this page does not show</h2>
${list("limits", items)}</section>`;
}

/** Files that stand beside the page, by name, with what they are. */
export interface ReportFile {
  readonly name: string;
  readonly text: string;
}

/** Everything below the last question. */
export function renderClosing(result: LabResult, files: readonly ReportFile[]): Markup {
  const day = result.endedAt.slice(0, 10);
  const links = files.map(
    ({ name, text }) => html`<a href="${encodeURI(name)}">${name}</a> ${text}`,
  );
  return html`${renderWords("Five words", result.studies)}${limits()}
<section id="files"><h2>Take it with you</h2>
${list("files", links)}</section>
<footer><p>Health: CDC/NCHS, National Health and Nutrition Examination Survey, 2017–March 2020,
public domain. Cabs: Piorkowski, Sarafijanovic-Djukic and Grossglauser, CRAWDAD epfl/mobility
(2009), <a href="https://doi.org/10.15783/C7J010">doi.org/10.15783/C7J010</a>, CC BY 4.0. Streets
and coast: <a href="https://www.openstreetmap.org/copyright">© OpenStreetMap contributors</a>, ODbL
1.0. Neighbourhoods: DataSF, PDDL. Typefaces: Source Serif 4 and Source Sans 3, SIL Open Font
License.</p>
<p>Made by <b>sumus lab</b> on ${day}, seed ${result.seed}. The page is one file and loads
nothing.</p></footer>`;
}
