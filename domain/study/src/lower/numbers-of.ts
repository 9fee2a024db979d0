import { unreachable } from "@sumus/assert";
import type { Measure } from "../study.ts";

/** What the numbers of a measure are called in each group; null when there is one only. */
export function numbersOf(measure: Measure): readonly (string | null)[] {
  switch (measure.kind) {
    case "histogram":
      return binLabels(measure.edges);
    case "quantiles":
      return measure.of.map(String);
    case "prefixes":
      return measure.candidates;
    case "count":
    case "sum":
    case "mean":
    case "share":
    case "variance":
    case "deviation":
      return [null];
    default:
      return unreachable(measure);
  }
}

/** Bins as half-open ranges; the last is closed. */
function binLabels(edges: readonly number[]): readonly string[] {
  return edges.slice(1).map((high, index) => {
    const end = index === edges.length - 2 ? "]" : ")";
    return `[${edges[index]}, ${high}${end}`;
  });
}
