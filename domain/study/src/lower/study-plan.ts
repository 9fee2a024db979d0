import type { TaskMeasurement, VdafConfig } from "@sumus/dap";
import type { Noise, PrivacyLoss, Sensitivity } from "@sumus/dp";
import type { MapRow, Measure, NumericColumn, PersonWeight, Study } from "../study.ts";
import type { GroupCells } from "./group-cells.ts";
import type { ColumnParts } from "./parts.ts";

/** What a study compiles to: the tasks that its aggregators run, and how a row becomes reports. */
export interface StudyPlan {
  readonly study: Study;
  /** In canonical order; a task's index is part of its id. */
  readonly tasks: readonly TaskPlan[];
  /** Which task each measure is read from, in the order of the study's measures. */
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
  encode(row: MapRow | null): readonly TaskMeasurement[];
}

export interface TaskPlan {
  readonly index: number;
  readonly quantity: Quantity;
  /** The groups that it is added up for. */
  readonly cells: GroupCells;
  /** In words, such as `people by band and sex`. */
  readonly purpose: string;
  readonly vdaf: VdafConfig;
  /** The one aggregation parameter, as encoded; empty but for Poplar1. */
  readonly aggParam: Uint8Array;
  /** Why this encoding and no other, in a clause. */
  readonly reason: string;
  /** Its share of the study's budget, from 0 to 1. */
  readonly share: number;
  readonly sensitivity: Sensitivity;
  /** What each node adds to every number of its aggregate share. */
  readonly noise: Noise;
}

/** What a task adds up, for each cell of the groups. */
export type Quantity =
  /** People with a row. */
  | { readonly kind: "people" }
  /** The values of a column and their powers up to the degree, as {@link momentsOf} has them. */
  | { readonly kind: "moments"; readonly numeric: NumericColumn; readonly degree: 1 | 2 }
  /** People by the bin that their value falls into. */
  | { readonly kind: "spread"; readonly column: string; readonly edges: readonly number[] }
  /** People by the candidates that their text begins with. */
  | { readonly kind: "prefixes"; readonly column: string; readonly candidates: readonly string[] }
  /** People by the part of the column's values that theirs is in. */
  | ({ readonly kind: "parts" } & ColumnParts)
  /** Values by weight and people, as {@link weightedOf} has them. */
  | {
      readonly kind: "weighted";
      readonly value: NumericColumn | PartOfColumn;
      readonly weight: PersonWeight;
    };

/** Some of the values that a column may hold. */
export interface PartOfColumn {
  readonly column: string;
  readonly of: readonly (number | string)[];
}

/** A measure and the task that it is read from, by index. */
export interface MeasurePlan {
  readonly measure: Measure;
  readonly task: number;
}
