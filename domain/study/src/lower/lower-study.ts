import { assert, defined, unreachable } from "@sumus/assert";
import { NO_AGG_PARAM } from "@sumus/dap";
import { noiseFor, type PrivacyLoss, privacyLoss, rhoOfLoss, splitLoss } from "@sumus/dp";
import { sensitivityOf } from "@sumus/task";
import type { Dimension, Measure, NumericColumn, ResultBlock, Study } from "../study.ts";
import { encodeRow } from "./encode-row.ts";
import { chooseEncoding } from "./encoding.ts";
import { createGroupCells, type GroupCells } from "./group-cells.ts";
import { sayValues } from "./parts.ts";
import type { MeasurePlan, Quantity, StudyPlan, TaskPlan } from "./study-plan.ts";

/** What is added up for the groups of one block. */
interface Sought {
  readonly quantity: Quantity;
  readonly dimensions: readonly Dimension[];
  readonly cells: GroupCells;
}

/**
 * Compiles a study to tasks. Measures of the same groups that need the same quantity share its task.
 * The budget is split equally over tasks, or by the weights of the measures that are read from them:
 *
 * - people, for counts;
 * - the moments of a column, for its sum, mean, variance and deviation within the same bounds;
 * - spreads, for histograms and quantiles of a column with the same edges;
 * - prefixes, for the same candidates;
 * - parts, for shares of one column, and weighted values, by the same weight.
 *
 * The result depends on the study's canonical form alone: every party derives the same.
 */
export function lowerStudy(study: Study): StudyPlan {
  const sought: Sought[] = [];
  const measures: MeasurePlan[] = [];
  for (const block of study.result) {
    const { dimensions } = block;
    const cells = createGroupCells(dimensions);
    const quantities = quantitiesOf(block);
    measures.push(...block.measures.map((each) => planMeasure(each, quantities, sought.length)));
    sought.push(...quantities.map((quantity) => ({ quantity, dimensions, cells })));
  }
  const loss = privacyLoss(study.privacy.epsilon, study.privacy.delta);
  const weights = weightsOf(study, measures, sought.length);
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  const tasks = sought.map((each, index) => {
    const weight = defined(weights[index], "every task has a weight");
    return planTask(each, index, splitLoss(loss, whole, weight), weight / whole);
  });
  return {
    study,
    tasks,
    measures,
    loss,
    rho: rhoOfLoss(loss),
    encode: (row) => encodeRow(row, tasks),
  };
}

function planTask(
  { quantity, dimensions, cells }: Sought,
  index: number,
  loss: PrivacyLoss,
  share: number,
): TaskPlan {
  const encoding = chooseEncoding(quantity, dimensions, cells.count);
  const { vdaf, reason, aggParam = NO_AGG_PARAM } = encoding;
  const sensitivity = sensitivityOf(vdaf);
  const noise = noiseFor(loss, sensitivity);
  const purpose = purposeOf(quantity, dimensions);
  return { index, quantity, cells, purpose, vdaf, aggParam, reason, share, sensitivity, noise };
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
      .map(({ measure }) => defined(weights.get(measure.name), "every measure weighs"))
      .reduce((sum, weight) => sum + weight, 0),
  );
}

/** The distinct quantities that measures need, in an order that never changes. */
function quantitiesOf({ measures }: ResultBlock): readonly Quantity[] {
  const wanted = measures.map(quantityOf);
  const order: readonly Quantity["kind"][] = [
    "people",
    "moments",
    "spread",
    "prefixes",
    "parts",
    "weighted",
  ];
  return order.flatMap((kind) => {
    const found = new Map<string, Quantity>();
    for (const quantity of wanted.filter((each) => each.kind === kind)) {
      const key = keyOf(quantity);
      const known = found.get(key);
      if (known === undefined) found.set(key, quantity);
      else found.set(key, serveBoth(known, quantity));
    }
    return [...found.values()];
  });
}

/** Of two degrees the higher serves both, and all sets of values together. */
function serveBoth(left: Quantity, right: Quantity): Quantity {
  if (left.kind === "parts" && right.kind === "parts") {
    const isNew = left.sets.every((set) => JSON.stringify([set]) !== JSON.stringify(right.sets));
    return isNew ? { ...left, sets: [...left.sets, ...right.sets] } : left;
  }
  return degreeOf(right) > degreeOf(left) ? right : left;
}

/** What a measure is read from. */
function quantityOf(measure: Measure): Quantity {
  switch (measure.kind) {
    case "count":
      return { kind: "people" };
    case "sum":
      return { kind: "moments", numeric: numericOf(measure), degree: 1 };
    case "mean":
      return measure.weight === null
        ? { kind: "moments", numeric: numericOf(measure), degree: 1 }
        : { kind: "weighted", value: numericOf(measure), weight: measure.weight };
    case "share": {
      const { column, of, weight } = measure;
      return weight === null
        ? { kind: "parts", column, sets: [of] }
        : { kind: "weighted", value: { column, of }, weight };
    }
    case "variance":
    case "deviation":
      return { kind: "moments", numeric: numericOf(measure), degree: 2 };
    case "histogram":
    case "quantiles":
      return { kind: "spread", column: measure.column, edges: measure.edges };
    case "prefixes":
      return { kind: "prefixes", column: measure.column, candidates: measure.candidates };
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
  if (quantity.kind === "moments") return JSON.stringify({ ...quantity, degree: null });
  if (quantity.kind !== "parts") return JSON.stringify(quantity);
  // Texts and numbers are never of one column.
  return JSON.stringify({ ...quantity, sets: typeof quantity.sets[0]?.[0] });
}

/** `before`: tasks of the blocks before. */
function planMeasure(
  measure: Measure,
  quantities: readonly Quantity[],
  before: number,
): MeasurePlan {
  const key = keyOf(quantityOf(measure));
  const index = quantities.findIndex((quantity) => keyOf(quantity) === key);
  assert(index >= 0, "every measure finds its quantity");
  return { measure, task: before + index };
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
    case "prefixes":
      return `people by the beginning of ${[quantity.column, ...names].join(" and ")}`;
    case "parts":
      return `people by whether ${quantity.column} is ${quantity.sets.map(sayValues).join("; ")}${by}`;
    case "weighted":
      return `people and sum of ${quantity.value.column} weighted by ${quantity.weight.column}${by}`;
    default:
      return unreachable(quantity);
  }
}
