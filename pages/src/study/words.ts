/** What the words on a page mean, for a reader who knows nothing about any of this. */

import type { StudyAnswer } from "../answer.ts";
import { pairs } from "../markup/blocks.ts";
import { html, type Insert, type Markup } from "../markup/html.ts";
import { formatCount } from "../markup/numbers.ts";

const TRUTH: readonly [word: string, text: Insert] = [
  "Truth",
  html`The sum without noise. In this lab all vaults are on one computer, so it can be worked
out and shown beside the answer. Anywhere else nobody knows it, neither the nodes nor those who
asked.`,
];

const SAMPLING: readonly [word: string, text: Insert] = [
  "Sampling error",
  html`Who reads an average thinks of more people than took part. Had others of the same population
taken part by chance, it would have come out a little differently: the dotted line is where the number
of all of them lies in 95 of 100 cases, noise included. Of an average it is the most that its declared bounds
allow, unless the same question asks how far the values lie apart. Those who would never take part are not in it.`,
];

/** The words of these answers; the truth is one of them where it is shown. */
export function renderWords(
  heading: string,
  answers: readonly Pick<StudyAnswer, "measures">[],
): Markup {
  const measures = answers.flatMap((answer) => answer.measures);
  const suppressed = measures.filter((measure) => measure.suppressed).length;
  const entries: readonly (readonly [word: string, text: Insert])[] = [
    [
      "Too uncertain to say",
      html`${formatCount(suppressed)} ${suppressed === 1 ? "number" : "numbers"} on this page. Where
an answer with its noise falls below the smallest group the question allows, it is not shown: it
might be nobody at all. This is about honesty; what protects people there is the noise, as
everywhere.`,
    ],
    [
      "Noise",
      html`Each of the two nodes adds a random number to every sum, drawn once and never again. It
hides whether any one person took part with this answer or another. One honest node is enough.`,
    ],
    [
      "Epsilon",
      html`How much an answer can give away about one person: the smaller, the more noise and the
less is given away. At 1, whatever somebody believed about you, this answer can hardly change the
odds by more than a factor of three. Each vault keeps an account for its owner and refuses when it
is spent.`,
    ],
    [
      "95 % interval",
      html`The line around an estimate. The noise is of known size, so its error is known too: in 95
of 100 cases the true sum of the people counted lies within.`,
    ],
    ...(measures.some(({ sampling }) => sampling !== null) ? [SAMPLING] : []),
    ...(measures.some(({ truth }) => truth !== undefined) ? [TRUTH] : []),
  ];
  return html`<section id="words"><h2>${heading}</h2>
${pairs("words", entries)}</section>`;
}
