import { unreachable } from "@sumus/assert";
import { encodeHex } from "@sumus/bytes";
import { formatTimestamp } from "@sumus/document";
import { rhoFromEpsilonDelta } from "@sumus/dp";
import { describeEligible } from "../eligibility.ts";
import { sayValues } from "../lower/parts.ts";
import { algorithmId } from "../manifest.ts";
import { describeCode } from "../map-language.ts";
import { costOfSeries, describeRecurrence } from "../recurrence.ts";
import type { Measure, ResultBlock, Study } from "../study.ts";
import { participationDisclosure } from "./disclosure.ts";

/** One line of the consent screen. */
export interface ConsentStatement {
  readonly heading: string;
  readonly text: string;
}

/** What a person agrees to, in plain words and always in this order. */
export function describeConsent(study: Study): readonly ConsentStatement[] {
  const { title, purpose, commissioner, privacy, reward, window } = study;
  const eligible = describeEligible(study);
  const repeated = describeRecurrence(study);
  return [
    { heading: "Question", text: title },
    { heading: "Who asks", text: commissioner ?? "nobody is named yet" },
    { heading: "Why", text: purpose },
    ...(eligible === null ? [] : [{ heading: "Who may take part", text: `whose ${eligible}` }]),
    { heading: "What is read", text: describeNeeds(study) },
    { heading: "What is computed", text: describeResult(study) },
    { heading: "By which code", text: describeMap(study) },
    {
      heading: "When",
      text:
        window === null
          ? "the time is not set yet"
          : `${repeated === null ? "" : `${repeated}: `}from ${formatTimestamp(window.opens)} to ${formatTimestamp(window.closes)}`,
    },
    {
      heading: "How many others",
      text:
        `Nothing is released before ${privacy.peopleMin} people have taken part, and no number ` +
        "about a group that seems smaller.",
    },
    { heading: "What it costs in privacy", text: describeCost(study) },
    {
      heading: "What is promised in return",
      text: reward === null ? "nothing" : `${reward.credits} credits`,
    },
    { heading: "What taking part tells", text: participationDisclosure(study) },
  ];
}

function describeNeeds({ needs }: Study): string {
  return needs.map(({ collection, columns }) => `${collection}: ${columns.join(", ")}`).join("; ");
}

function describeResult({ result }: Study): string {
  return result.map(describeBlock).join(". And ");
}

function describeBlock(block: ResultBlock): string {
  const measures = block.measures.map(describeMeasure).join("; ");
  const names = block.dimensions.map(({ column }) => column);
  return names.length === 0 ? measures : `${measures}; for each ${names.join(" and ")}`;
}

function describeMeasure(measure: Measure): string {
  switch (measure.kind) {
    case "count":
      return "the number of people";
    case "histogram":
      return `how many people have their ${measure.column} in each of ${measure.edges.length - 1} ranges`;
    case "prefixes":
      return `how many people have a ${measure.column} that begins with each of ${measure.candidates.length} texts (yours stays in your vault)`;
    case "quantiles": {
      const shares = measure.of.map((share) => `${Number((share * 100).toPrecision(6))} %`);
      return `below which ${measure.column} ${shares.join(" and ")} of people lie`;
    }
    case "share": {
      const { column, of } = measure;
      return `the share of people whose ${column} is ${sayValues(of)}${describeWeight(measure)}`;
    }
    case "sum":
    case "mean":
    case "variance":
    case "deviation": {
      const { column, min, max } = measure;
      const what = WORDS[measure.kind];
      const bounds = `where yours counts as ${min} to ${max} at the outside`;
      return `the ${what} of ${column}, ${bounds}${describeWeight(measure)}`;
    }
    default:
      return unreachable(measure);
  }
}

function describeWeight(measure: Measure): string {
  if (!("weight" in measure) || measure.weight === null) return "";
  const { column, max } = measure.weight;
  return `, and you by your ${column}, ${max} at most`;
}

const WORDS = {
  sum: "sum",
  mean: "mean",
  variance: "variance (how far values lie apart)",
  deviation: "standard deviation (how far values lie apart)",
} as const;

function describeMap(study: Study): string {
  const id = encodeHex(algorithmId(study));
  return study.map.language === "none"
    ? `${describeCode(study.map)}: your row is taken as it is (algorithm ${id})`
    : `${describeCode(study.map)}, run in your vault alone (algorithm ${id})`;
}

/** Who says yes to a series says it to what all of it costs. */
function describeCost(study: Study): string {
  const { epsilon, delta } = study.privacy;
  const once = describeEpsilon(study.privacy);
  const series = costOfSeries(study, rhoFromEpsilonDelta(epsilon, delta));
  if (series === null) return once;
  const all = Number(series.epsilon.toPrecision(3));
  return `${once} It is asked ${series.times} times; all of them together are epsilon ${all}.`;
}

/** Epsilon as what it bounds: by how much taking part can change what anybody concludes. */
export function describeEpsilon({
  epsilon,
  delta,
}: {
  readonly epsilon: number;
  readonly delta: number;
}): string {
  const factor = Math.exp(epsilon);
  const times = factor < 10 ? factor.toFixed(1) : Math.round(factor).toLocaleString("en");
  const failure = delta === 0 ? "" : `, but for a chance of ${delta}`;
  return (
    `Epsilon ${epsilon}, ${strength(epsilon)}: whatever anybody may conclude about you from the ` +
    `answers, it is at most ${times} times as likely as had somebody else taken part in your ` +
    `place${failure}.`
  );
}

function strength(epsilon: number): string {
  if (epsilon <= 1) return "strong protection";
  if (epsilon <= 3) return "good protection";
  if (epsilon <= 8) return "moderate protection";
  return "weak protection";
}
