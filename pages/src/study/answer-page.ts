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
  /** When and by what it was made. */
  readonly made: string;
}

/** Renders the page. Pure: the same answer, style and parts give the same bytes. */
export function renderAnswerPage(
  answer: StudyAnswer,
  style: string,
  { before, made }: AnswerPageParts,
): string {
  const isReal = answer.simulated === null;
  const section = renderStudySection(answer, {
    story: { ...defaultStory(answer), key: "answer", question: "The answer" },
    basemap: null,
    kicker: `${formatCount(answer.accepted)} people ${isReal ? "counted" : "made up"}`,
    people: null,
    consent: {
      heading: isReal ? "What each of them read before saying yes" : "What each of them would read",
      open: false,
      note: isReal ? "Whoever says nothing says no." : "Nobody was asked.",
    },
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
    [formatCount(accepted), simulated === null ? "people counted" : "people, all made up"],
    [formatCount(measures.length - suppressed), "numbers that can be said"],
    [formatCount(suppressed), "too uncertain to say"],
    [String(epsilon), `epsilon; rho ${Number(rho.toPrecision(3))} of each budget`],
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
