/** The page of one study: what was asked, the answer, and what it cost whom. */

import type { StudyAnswer } from "../answer.ts";
import { list, onDemand } from "../markup/blocks.ts";
import { html, type Insert, type Markup } from "../markup/html.ts";
import { formatBytes, formatCount } from "../markup/numbers.ts";
import { renderDocument } from "../page/document.ts";
import { defaultStory } from "./story.ts";
import { renderStudySection, taskTable } from "./study-section.ts";
import { renderWords } from "./words.ts";

/** What a page tells beside the answer. */
export interface AnswerPageParts {
  /** Above the answer, such as what a rehearsal found. */
  readonly before?: Insert;
  /** Below what the vaults read. */
  readonly consentNote: Insert;
  /** When and by what it was made. */
  readonly made: string;
}

/** Renders the page. Pure: the same answer, style and parts give the same bytes. */
export function renderAnswerPage(
  answer: StudyAnswer,
  style: string,
  { before, consentNote, made }: AnswerPageParts,
): string {
  const section = renderStudySection(answer, {
    story: { ...defaultStory(answer), key: "answer", question: "The answer" },
    basemap: null,
    kicker: `${formatCount(answer.accepted)} people counted`,
    people: null,
    consent: { open: false, note: consentNote },
    costs: onDemand("How it was counted, and why in this way", taskTable(answer)),
  });
  const content = html`<main>${renderHead(answer)}
${before}
${section}
${renderWords("The words", [answer])}
<footer><p>Study ${answer.id}</p>
<p>${made} The page is one file and loads nothing. Typefaces: Source Serif 4 and Source Sans 3, SIL
Open Font License.</p></footer></main>`;
  return renderDocument(answer.title, style, content);
}

function renderHead(answer: StudyAnswer): Markup {
  const { accepted, bytesPerPerson, epsilon, measures, rho, simulated } = answer;
  const suppressed = measures.filter((measure) => measure.suppressed).length;
  const figures: readonly (readonly [value: string, name: string])[] = [
    [formatCount(accepted), "people, whom nobody can tell apart"],
    [formatCount(measures.length - suppressed), "numbers that can be said"],
    [formatCount(suppressed), "too uncertain to say"],
    [String(epsilon), `epsilon; each vault was charged rho ${Number(rho.toPrecision(3))}`],
    [formatBytes(bytesPerPerson), "uploaded by each"],
  ];
  return html`<header><p class="brand">Sumus <span>${simulated === null ? "an answer" : "a rehearsal"}</span></p>
<h1>${answer.title}</h1>
<p class="lead">${answer.purpose}</p>
${list(
  "figures",
  figures.map(([value, name]) => html`<b>${value}</b>${name}`),
)}</header>`;
}
