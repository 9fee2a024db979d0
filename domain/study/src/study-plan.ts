import type { Noise, PrivacyLoss, Sensitivity } from "@sumus/dp";
import type { Measurement, Prio3Config } from "@sumus/vdaf";
import type { GroupCells } from "./group-cells.ts";
import type { MapRow, Measure, NumericColumn, Study } from "./study.ts";

/** What a study compiles to: the tasks that its aggregators run, and how a row becomes reports. */
export interface StudyPlan {
  readonly study: Study;
  readonly cells: GroupCells;
  /** In canonical order; a task's index is part of its id. */
  readonly tasks: readonly TaskPlan[];
  /** Which tasks each measure is read from, in the order of the study's measures. */
  readonly measures: readonly MeasurePlan[];
  /** What the whole release may reveal of one person, and what a ledger charges for it. */
  readonly loss: PrivacyLoss;
  readonly rho: number;
  /**
   * One measurement per task, in their order, for a person whose map yields `row`: clipped, rounded
   * and bounded. Every person sends one to every task: a row of null, nulls in it and values outside
   * their domain make measurements that add nothing and look like any other.
   *
   * @throws {MapTypeError} when the row is not of the declared type: nothing must be sent
   */
  encode(row: MapRow | null): readonly Measurement[];
}

export interface TaskPlan {
  readonly index: number;
  readonly quantity: Quantity;
  /** In words, such as `people by band and sex`. */
  readonly purpose: string;
  readonly vdaf: Prio3Config;
  readonly sensitivity: Sensitivity;
  /** What each node adds to every number of its aggregate share. */
  readonly noise: Noise;
}

/** What a task adds up, for each cell of the groups. */
export type Quantity =
  /**
   * People. With `rows` alone: those with a row. With `column` alone: those with a value in that
   * column. With both, two numbers a cell: those with a value, and those with a row without one.
   */
  | { readonly kind: "people"; readonly rows: boolean; readonly column: string | null }
  /** The values of a column, in steps of its resolution above its min. */
  | { readonly kind: "total"; readonly numeric: NumericColumn }
  /** People by the bin that their value falls into. */
  | { readonly kind: "spread"; readonly column: string; readonly edges: readonly number[] };

/** The tasks that a measure is read from, by index. */
export type MeasurePlan =
  | {
      readonly kind: "count";
      readonly measure: Measure & { kind: "count" };
      readonly people: number;
    }
  | {
      readonly kind: "numeric";
      readonly measure: Measure & { kind: "sum" | "mean" };
      readonly people: number;
      readonly total: number;
    }
  | {
      readonly kind: "spread";
      readonly measure: Measure & { kind: "histogram" };
      readonly spread: number;
    };

/** How many numbers a people task keeps for each cell. */
export function statesOf(quantity: Quantity & { kind: "people" }): 1 | 2 {
  return quantity.rows && quantity.column !== null ? 2 : 1;
}
