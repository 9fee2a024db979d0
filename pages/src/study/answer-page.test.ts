import { expect, test } from "vitest";
import type { StudyAnswer } from "../answer.ts";
import { loadPageStyle } from "../page/document.ts";
import { sampleAnswer, sampleMeasure } from "../testing.ts";
import { renderAnswerPage } from "./answer-page.ts";
import { defaultStory } from "./story.ts";

const style = await loadPageStyle();
const CELLS = ["872830829ffffff", "87283082bffffff", "872830828ffffff"];

function hexagons(more: Partial<StudyAnswer> = {}): StudyAnswer {
  return sampleAnswer({
    maps: [{ measure: "cabs", dimension: "cell" }],
    measures: CELLS.map((cell, index) => {
      const { truth, truthAll, ...released } = sampleMeasure("cabs", { cell }, 200 * (index + 1));
      return index === 2 ? { ...released, suppressed: true } : released;
    }),
    ...more,
  });
}

function page(answer: StudyAnswer): string {
  return renderAnswerPage(answer, style, { made: "Made on a day." });
}

test("a page of an answer loads nothing, runs nothing, and knows no truth", () => {
  const text = page(hexagons());
  expect(text).toContain("default-src 'none'".replaceAll("'", "&#39;"));
  expect(text).not.toMatch(/<script|<img|<iframe|<link|javascript:| on[a-z]+=| style=| src=/i);
  expect(text.includes("known only here")).toBe(false);
  expect(page(hexagons())).toBe(text);
});

test("people in cells are drawn as hexagons; an uncertain one is outlined and has no number", () => {
  const text = page(hexagons());
  const hexagon = /<path class="cell (\w+)" d="M[^z]*z"><title>([^<]*)</g;
  expect([...text.matchAll(hexagon)].map(([, paint, title]) => [paint, title])).toEqual([
    ["below", "872830828ffffff: too uncertain to say"],
    [expect.stringMatching(/^c\d$/), "872830829ffffff: 200 ± 10"],
    [expect.stringMatching(/^c\d$/), "87283082bffffff: 400 ± 10"],
  ]);
  expect(text).not.toContain("600 ±");
});

test("drawings follow the kinds of measures", () => {
  const cells = ["a", "b"].map((value) => ({ value }));
  const bins = ["[0, 1)", "[1, 2]"];
  const story = defaultStory(
    sampleAnswer({
      measureKinds: { people: "count", level: "mean", spread: "histogram", cabs: "count" },
      maps: [{ measure: "cabs", dimension: "cell" }],
      measures: [
        ...cells.map((group) => sampleMeasure("people", group, 200)),
        ...cells.map((group) => sampleMeasure("level", group, 5)),
        ...cells.flatMap((group) => bins.map((bin) => sampleMeasure("spread", group, 9, { bin }))),
        ...CELLS.map((cell) => sampleMeasure("cabs", { cell }, 300)),
      ],
    }),
  );
  const drawn = story.views.map((view) => [
    view.measure,
    view.kind,
    "bars" in view ? view.bars : null,
  ]);
  expect(drawn).toEqual([
    ["people", "rows", true],
    ["level", "rows", false],
    ["spread", "columns", null],
    ["cabs", "map", null],
    ["cabs", "rows", true],
  ]);
});

test("a page of a hundred thousand cells stays light, and lists what can be said", () => {
  const measures = Array.from({ length: 100_000 }, (_, index) => {
    const group = { cell: CELLS[index % 3] ?? "" };
    const suppressed = index % 500 > 0;
    const { truth, truthAll, ...released } = sampleMeasure("cabs", group, index, { suppressed });
    return released;
  });
  const text = page(hexagons({ measures }));
  expect(text.length).toBeLessThan(1_000_000);
  expect(text).toContain("200 of 100,000 numbers");
});

test("what was made up is said to be", () => {
  const text = page(sampleAnswer({ simulated: "Nobody exists." }));
  expect(text).toContain("a rehearsal");
  expect(text).toContain("people, all made up");
  expect(text).toContain("<b>Simulated.</b> Nobody exists.");
});
