import { unreachable } from "@sumus/assert";
import type { MeasurePlan, StudyPlan } from "../lower/study-plan.ts";
import { VARIANCE_MAX } from "../release/moment-intervals.ts";
import { type Interval, meanSampling, scoreInterval } from "../release/sampling.ts";
import type { NumericMeasure } from "../study.ts";
import { EVEN_VARIANCE, rangeOfEdges } from "./expected-error.ts";

/**
 * Half the 95 % interval that sampling leaves around each number of a measure, in the measure's unit,
 * if `people` have a value in each group; null for numbers about those who took part alone. Reckoned, as
 * the noise is, with values spread evenly over their range and weights over theirs.
 */
export function expectedSampling(
  plan: StudyPlan,
  { measure, task }: MeasurePlan,
  people: number,
): number | null {
  const quantity = plan.tasks[task]?.quantity;
  const n = Math.max(1, quantity?.kind === "weighted" ? people / 2 : people);
  switch (measure.kind) {
    case "count":
    case "sum":
    case "histogram":
    case "prefixes":
      return null;
    case "quantiles":
      return (
        rangeOfEdges(measure.edges) *
        Math.max(...measure.of.map((share) => half(scoreInterval(share, n))))
      );
    case "share":
      return half(scoreInterval(0.5, n));
    case "mean": {
      const knowsVariance = quantity?.kind === "moments" && quantity.degree === 2;
      const ofRange = knowsVariance ? meanSampling(0.5, EVEN_VARIANCE, n) : scoreInterval(0.5, n);
      return (measure.max - measure.min) * half(ofRange);
    }
    case "variance":
    case "deviation":
      return spreadSampling(measure, n);
    default:
      return unreachable(measure);
  }
}

function spreadSampling({ kind, min, max }: NumericMeasure, people: number): number {
  const { low, high } = scoreInterval(EVEN_VARIANCE / VARIANCE_MAX, people);
  const [from, to] = [low * VARIANCE_MAX, high * VARIANCE_MAX];
  return kind === "variance"
    ? (max - min) ** 2 * half({ low: from, high: to })
    : (max - min) * half({ low: Math.sqrt(from), high: Math.sqrt(to) });
}

function half({ low, high }: Interval): number {
  return (high - low) / 2;
}
