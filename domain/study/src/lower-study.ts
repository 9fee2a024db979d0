import { assert, defined, unreachable } from "@sumus/assert";
import { noiseFor, privacyLoss, rhoOfLoss, splitLoss } from "@sumus/dp";
import { sensitivityOf } from "@sumus/task";
import { encodeRow } from "./encode-row.ts";
import { chooseEncoding } from "./encoding.ts";
import { createGroupCells } from "./group-cells.ts";
import type { Dimension, Measure, NumericColumn, Study } from "./study.ts";
import type { MeasurePlan, Quantity, StudyPlan, TaskPlan } from "./study-plan.ts";

/**
 * Compiles a study to tasks. Measures that need the same quantity share its task. The budget is
 * split equally over tasks, or by the weights of the measures that are read from them:
 *
 * - people, for counts;
 * - the moments of a column, for its sum, mean, variance and deviation within the same bounds;
 * - spreads, for histograms and quantiles of a column with the same edges.
 *
 * The result depends on the study's canonical form alone: every party derives the same.
 */
export function lowerStudy(study: Study): StudyPlan {
  const { dimensions, measures } = study.result;
  const cells = createGroupCells(dimensions);
  const quantities = quantitiesOf(measures);
  const loss = privacyLoss(study.privacy.epsilon, study.privacy.delta);
  const planned = measures.map((measure) => planMeasure(measure, quantities));
  const weights = weightsOf(study, planned, quantities.length);
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  const tasks = quantities.map((quantity, index): TaskPlan => {
    const { vdaf, reason } = chooseEncoding(quantity, dimensions, cells.count);
    const sensitivity = sensitivityOf(vdaf);
    const weight = defined(weights[index], "every task has a weight");
    const noise = noiseFor(splitLoss(loss, whole, weight), sensitivity);
    const share = weight / whole;
    const purpose = purposeOf(quantity, dimensions);
    return { index, quantity, purpose, vdaf, reason, share, sensitivity, noise };
  });
  return {
    study,
    cells,
    tasks,
    measures: planned,
    loss,
    rho: rhoOfLoss(loss),
    encode: (row) => encodeRow(row, tasks, cells),
  };
}

/** A task weighs what its measures weigh together; without weights, all tasks weigh the same. */
function weightsOf(
  { privacy }: Study,
  measures: readonly MeasurePlan[],
  tasks: number,
): readonly number[] {
  const { weights } = privacy;
  if (weights === null) return Array<number>(tasks).fill(1);
  return Array.from({ length: tasks }, (_, index) =>
    measures
      .filter(({ task }) => task === index)
      .reduce(
        (sum, { measure }) => sum + defined(weights.get(measure.name), "every measure weighs"),
        0,
      ),
  );
}

/** The distinct quantities that measures need: people first, then moments, then spreads. */
function quantitiesOf(measures: readonly Measure[]): readonly Quantity[] {
  const wanted = measures.map(quantityOf);
  const order: readonly Quantity["kind"][] = ["people", "moments", "spread"];
  return order.flatMap((kind) => {
    const found = new Map<string, Quantity>();
    for (const quantity of wanted.filter((each) => each.kind === kind)) {
      const key = keyOf(quantity);
      const known = found.get(key);
      // Of two degrees the higher serves both.
      if (known === undefined || degreeOf(quantity) > degreeOf(known)) found.set(key, quantity);
    }
    return [...found.values()];
  });
}

/** What a measure is read from. */
function quantityOf(measure: Measure): Quantity {
  switch (measure.kind) {
    case "count":
      return { kind: "people" };
    case "sum":
    case "mean":
      return { kind: "moments", numeric: numericOf(measure), degree: 1 };
    case "variance":
    case "deviation":
      return { kind: "moments", numeric: numericOf(measure), degree: 2 };
    case "histogram":
    case "quantiles":
      return { kind: "spread", column: measure.column, edges: measure.edges };
    default:
      return unreachable(measure);
  }
}

function numericOf({ column, min, max, resolution }: NumericColumn): NumericColumn {
  return { column, min, max, resolution };
}

function degreeOf(quantity: Quantity): number {
  return quantity.kind === "moments" ? quantity.degree : 0;
}

/** Quantities that can share a task have equal keys: they are built field by field in one order. */
function keyOf(quantity: Quantity): string {
  return JSON.stringify(quantity.kind === "moments" ? { ...quantity, degree: null } : quantity);
}

function planMeasure(measure: Measure, quantities: readonly Quantity[]): MeasurePlan {
  const key = keyOf(quantityOf(measure));
  const task = quantities.findIndex((quantity) => keyOf(quantity) === key);
  assert(task >= 0, "every measure finds its quantity");
  return { measure, task };
}

function purposeOf(quantity: Quantity, dimensions: readonly Dimension[]): string {
  const names = dimensions.map(({ column }) => column);
  const by = names.length === 0 ? "" : ` by ${names.join(" and ")}`;
  switch (quantity.kind) {
    case "people":
      return `people${by}`;
    case "moments": {
      const squares = quantity.degree === 2 ? " and its square" : "";
      return `people and sum of ${quantity.numeric.column}${squares}${by}`;
    }
    case "spread":
      return `people by ${[quantity.column, ...names].join(" and ")}`;
    default:
      return unreachable(quantity);
  }
}
