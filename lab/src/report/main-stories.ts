/** The five questions of the main job, told for a reader who knows nothing about any of this. */

import {
  type AnswerMeasure,
  defaultStory,
  formatCount,
  formatDecimals,
  formatPercent,
  measuresNamed,
  plainLabel,
  type Story,
  type StudyAnswer,
} from "@sumus/pages";

/** A released number with its interval; what is suppressed or undefined is left out. */
interface Told {
  readonly measure: AnswerMeasure;
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
}

function told(study: StudyAnswer, name: string): Told[] {
  return measuresNamed(study, name).flatMap((measure) => {
    const { estimate, low, high, suppressed } = measure;
    if (suppressed || estimate === null || low === null || high === null) return [];
    return [{ measure, estimate, low, high }];
  });
}

function highestAndLowest(values: readonly Told[]): [highest: Told, lowest: Told] | null {
  const sorted = values.toSorted((a, b) => b.estimate - a.estimate);
  const [highest, lowest] = [sorted[0], sorted.at(-1)];
  return highest === undefined || lowest === undefined || highest === lowest
    ? null
    : [highest, lowest];
}

function cholesterolHeadline(study: StudyAnswer): string {
  const ends = highestAndLowest(told(study, "level"));
  if (ends === null) return "";
  const [highest, lowest] = ends.map(({ measure, estimate, low, high }) => {
    const who = plainLabel(`${measure.group?.["sex"]}, ${measure.group?.["age"]}`);
    const [level, from, to] = [estimate, low, high].map((value) => formatDecimals(value, 0));
    return `${who}: ${level} mg/dL (between ${from} and ${to})`;
  });
  return `Highest: ${highest}. Lowest: ${lowest}.`;
}

function diabetesHeadline(study: StudyAnswer): string {
  const ends = highestAndLowest(told(study, "share"));
  if (ends === null) return "";
  const [most, least] = ends.map(({ measure, estimate }) => ({
    age: ageWords(measure.group?.["age"] ?? ""),
    share: estimate < 0.005 ? "hardly anybody" : formatPercent(estimate),
  }));
  const diagnosed = "have been told by a doctor that they have diabetes";
  const fewest = `of those ${least?.age}, ${least?.share}`;
  return `${most?.share} of people ${most?.age} ${diagnosed}; ${fewest}.`;
}

/** Reads an age band into a sentence: `people 70 and over`, `people aged 20–39`. */
function ageWords(band: string): string {
  return /^\d+-\d+$/.test(band) ? `aged ${plainLabel(band)}` : band;
}

const SCORE_LABELS: Readonly<Record<string, string>> = {
  "[0, 5)": "0–4 none or little",
  "[5, 10)": "5–9 mild",
  "[10, 15)": "10–14 moderate",
  "[15, 20)": "15–19 heavy",
  "[20, 28]": "20–27 very heavy",
};

function depressionHeadline(study: StudyAnswer): string {
  const scores = told(study, "score");
  const total = scores.reduce((sum, { estimate }) => sum + estimate, 0);
  const light = scores
    .filter(({ measure }) => measure.bin === "[0, 5)")
    .reduce((sum, { estimate }) => sum + estimate, 0);
  if (total <= 0) return "";
  const [lightly, heavily] = [light / total, 1 - light / total].map((x) => formatPercent(x, 0));
  return `About ${lightly} had two light weeks, and ${heavily} carried something.`;
}

function cabsHeadline(study: StudyAnswer): string {
  const ends = highestAndLowest(told(study, "cabs"));
  if (ends === null) return "";
  const { measure, estimate, low, high } = ends[0];
  const place = measure.group?.["neighborhood"];
  const where = place === undefined ? "the busiest square" : place;
  const places = `${where} among their ${formatCount(study.cellsPerPerson ?? 1)} places of the day`;
  const [all, count, from, to] = [study.accepted, estimate, low, high].map(formatCount);
  // Noise may lift a count above everybody there is; words must not.
  if (high >= study.accepted) {
    return `At least ${from} of the ${all} cabs counted, perhaps all, have ${places}.`;
  }
  return `${count} of ${all} cabs (between ${from} and ${to}) have ${places}.`;
}

const MAIN_STORIES: readonly (Story & { readonly title: string })[] = [
  {
    key: "cholesterol",
    title: "Cholesterol by age and sex",
    question: "How high is people’s cholesterol, by age and sex?",
    headline: cholesterolHeadline,
    note:
      "Total cholesterol from a blood test, in milligrams per decilitre. From 200 on, doctors " +
      "call it raised; from 240 on, high.",
    views: [
      {
        kind: "rows",
        measure: "level",
        title: "Average cholesterol, mg/dL",
        style: "decimal",
        bars: false,
      },
      { kind: "columns", measure: "spread", title: "People by cholesterol level, mg/dL" },
      { kind: "rows", measure: "people", title: "People counted", style: "count", bars: true },
    ],
  },
  {
    key: "diabetes",
    title: "Diabetes by age",
    question: "How many people of which age have diabetes?",
    headline: diabetesHeadline,
    note: "“Has a doctor ever told you that you have diabetes?” Borderline counts as no.",
    views: [
      {
        kind: "rows",
        measure: "share",
        title: "Share told by a doctor",
        style: "percent",
        bars: true,
      },
      {
        kind: "rows",
        measure: "people",
        title: "People counted",
        style: "count",
        bars: true,
      },
    ],
  },
  {
    key: "depression",
    title: "How heavy the last two weeks were",
    question: "How heavy were people’s last two weeks?",
    headline: depressionHeadline,
    note:
      "Nine questions about the last two weeks, such as little pleasure in doing things, each " +
      "from 0 (not at all) to 3 (nearly every day). Doctors look closer from a sum of 10 on.",
    views: [
      {
        kind: "rows",
        measure: "score",
        title: "People by sum of the nine answers",
        style: "count",
        bars: true,
        labels: SCORE_LABELS,
      },
    ],
  },
  {
    key: "neighborhoods",
    title: "Where the city's cabs spend their day",
    question: "Which neighbourhoods do San Francisco’s cabs spend their day in?",
    headline: cabsHeadline,
    note:
      "A cab’s track says where its driver sleeps. No track left its vault: each vault looked up " +
      "its neighbourhoods itself, and named those it spent most of the day in, up to a dozen.",
    views: [
      {
        kind: "map",
        measure: "cabs",
        title: "Distinct cabs per neighbourhood",
        dimension: "neighborhood",
        areas: "place",
        unitName: "cabs",
      },
      {
        kind: "rows",
        measure: "cabs",
        title: "The twelve busiest, with their intervals",
        style: "count",
        bars: true,
        top: 12,
      },
    ],
  },
  {
    key: "heat-map",
    title: "A finer map of where cabs go",
    question: "And square by square?",
    headline: cabsHeadline,
    note:
      "A grid of squares of about one kilometre by 600 metres. With ten thousand people the same " +
      "noise hides each of them as well, and the picture less.",
    views: [
      {
        kind: "map",
        measure: "cabs",
        title: "Distinct cabs per square",
        dimension: "cell",
        areas: "cell",
        unitName: "cabs",
      },
    ],
  },
];

/** The story of a study of the main job, by its title; any other study gets a plain one. */
export function mainStoryOf(study: StudyAnswer): Story {
  return MAIN_STORIES.find(({ title }) => title === study.title) ?? defaultStory(study);
}
