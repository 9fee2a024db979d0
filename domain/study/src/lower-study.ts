import { assert, unreachable } from "@sumus/assert";
import { noiseFor, privacyLoss, rhoOfLoss, splitLoss } from "@sumus/dp";
import { sensitivityOf } from "@sumus/task";
import type { Prio3Config } from "@sumus/vdaf";
import { encodeRow } from "./encode-row.ts";
import { createGroupCells, severalOf } from "./group-cells.ts";
import { levelsOf } from "./numeric-column.ts";
import type { Dimension, Measure, NumericColumn, Study } from "./study.ts";
import {
  type MeasurePlan,
  type Quantity,
  type StudyPlan,
  statesOf,
  type TaskPlan,
} from "./study-plan.ts";

/**
 * Compiles a study to tasks. Measures that need the same quantity share its task, and the budget is
 * split equally over tasks:
 *
 * - people: a one-hot histogram over cells and one more for the absent; k-hot when a person may be
 *   in several cells; a single count when there are no groups. A mean or sum needs the people that
 *   have a value; the first such column shares its task with the count of all people.
 * - totals: sums bounded in L1, so that a person adds to one group; a single sum without groups.
 * - spreads: a one-hot histogram over cells times bins, and one more for the absent.
 *
 * The result depends on the study's canonical form alone: every party derives the same.
 */
export function lowerStudy(study: Study): StudyPlan {
  const { dimensions, measures } = study.result;
  const cells = createGroupCells(dimensions);
  const quantities = quantitiesOf(measures);
  const loss = privacyLoss(study.privacy.epsilon, study.privacy.delta);
  const share = splitLoss(loss, quantities.length);
  const tasks = quantities.map((quantity, index): TaskPlan => {
    const vdaf = vdafFor(quantity, dimensions, cells.count);
    const sensitivity = sensitivityOf(vdaf);
    const noise = noiseFor(share, sensitivity);
    const purpose = purposeOf(quantity, dimensions);
    return { index, quantity, purpose, vdaf, sensitivity, noise };
  });
  return {
    study,
    cells,
    tasks,
    measures: measures.map((measure) => planMeasure(measure, quantities)),
    loss,
    rho: rhoOfLoss(loss),
    encode: (row) => encodeRow(row, tasks, cells),
  };
}

/** The distinct quantities that measures need: people first, then totals, then spreads. */
function quantitiesOf(measures: readonly Measure[]): readonly Quantity[] {
  const counts = measures.some(({ kind }) => kind === "count");
  const columns = new Set<string>();
  const totals = new Map<string, Quantity>();
  const spreads = new Map<string, Quantity>();
  for (const measure of measures) {
    if (measure.kind === "sum" || measure.kind === "mean") {
      columns.add(measure.column);
      const numeric = numericOf(measure);
      totals.set(keyOf(numeric), { kind: "total", numeric });
    } else if (measure.kind === "histogram") {
      const { column, edges } = measure;
      spreads.set(keyOf({ column, edges }), { kind: "spread", column, edges });
    }
  }
  const people = [...columns].map(
    (column, index): Quantity => ({ kind: "people", rows: counts && index === 0, column }),
  );
  if (counts && people.length === 0) people.push({ kind: "people", rows: true, column: null });
  return [...people, ...totals.values(), ...spreads.values()];
}

function numericOf({ column, min, max, resolution }: NumericColumn): NumericColumn {
  return { column, min, max, resolution };
}

/** Equal values have equal keys: they are built field by field in one order. */
function keyOf(value: object): string {
  return JSON.stringify(value);
}

function planMeasure(measure: Measure, quantities: readonly Quantity[]): MeasurePlan {
  const find = (wanted: (quantity: Quantity) => boolean): number => {
    const index = quantities.findIndex(wanted);
    assert(index >= 0, "every measure finds its quantities");
    return index;
  };
  switch (measure.kind) {
    case "count":
      return { kind: "count", measure, people: find((q) => q.kind === "people" && q.rows) };
    case "sum":
    case "mean": {
      const key = keyOf(numericOf(measure));
      return {
        kind: "numeric",
        measure,
        people: find((q) => q.kind === "people" && q.column === measure.column),
        total: find((q) => q.kind === "total" && keyOf(q.numeric) === key),
      };
    }
    case "histogram": {
      const key = keyOf(measure.edges);
      const spread = find(
        (q) => q.kind === "spread" && q.column === measure.column && keyOf(q.edges) === key,
      );
      return { kind: "spread", measure, spread };
    }
    default:
      return unreachable(measure);
  }
}

function vdafFor(quantity: Quantity, dimensions: readonly Dimension[], cells: number): Prio3Config {
  const grouped = dimensions.length > 0;
  switch (quantity.kind) {
    case "people": {
      const several = Math.max(1, ...dimensions.map((dimension) => severalOf(dimension) ?? 1));
      const states = statesOf(quantity);
      if (several > 1) {
        assert(states === 1, "people in several cells are counted and nothing else");
        return { kind: "multihotCountVec", length: cells, maxWeight: several };
      }
      if (!grouped && states === 1) return { kind: "count" };
      return { kind: "histogram", length: cells * states + 1 };
    }
    case "total": {
      const levels = levelsOf(quantity.numeric);
      return grouped
        ? { kind: "l1BoundSum", length: cells, maxValue: levels }
        : { kind: "sum", maxMeasurement: levels };
    }
    case "spread":
      return { kind: "histogram", length: cells * (quantity.edges.length - 1) + 1 };
    default:
      return unreachable(quantity);
  }
}

function purposeOf(quantity: Quantity, dimensions: readonly Dimension[]): string {
  const names = dimensions.map(({ column }) => column);
  const by = names.length === 0 ? "" : ` by ${names.join(" and ")}`;
  switch (quantity.kind) {
    case "people":
      if (quantity.column === null) return `people${by}`;
      return quantity.rows
        ? `people with and without ${quantity.column}${by}`
        : `people with ${quantity.column}${by}`;
    case "total":
      return `sum of ${quantity.numeric.column}${by}`;
    case "spread":
      return `people by ${[quantity.column, ...names].join(" and ")}`;
    default:
      return unreachable(quantity);
  }
}
