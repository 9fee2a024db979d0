import { assert, unreachable } from "@sumus/assert";
import type { VdafConfig } from "@sumus/dap";
import type { Dimension } from "../study.ts";
import { severalOf } from "./group-cells.ts";
import { momentsMax } from "./moments.ts";
import { levelsOf } from "./numeric-column.ts";
import { partCount } from "./parts.ts";
import { encodePrefixes } from "./prefixes.ts";
import type { Quantity } from "./study-plan.ts";
import { WEIGHTED_NUMBERS, weightedMax } from "./weighted.ts";

/** How a quantity travels, and why so: the sound encoding that needs the least noise, then bytes. */
export interface Encoding {
  readonly vdaf: VdafConfig;
  /** Where the VDAF leaves a choice: what all parties count, and nothing else. */
  readonly aggParam?: Uint8Array;
  readonly reason: string;
}

export function chooseEncoding(
  quantity: Quantity,
  dimensions: readonly Dimension[],
  cells: number,
): Encoding {
  switch (quantity.kind) {
    case "people":
      return encodingOfPeople(dimensions, cells);
    case "moments": {
      const { numeric, degree } = quantity;
      const reason =
        degree === 1
          ? "a value and what it lacks to its max: one bound and one noise for people and sum"
          : "three parts of a square: one bound and one noise for people, sum and squares";
      const maxValue = momentsMax(levelsOf(numeric), degree);
      return { vdaf: { kind: "l1BoundSum", length: cells * (degree + 1), maxValue }, reason };
    }
    case "spread":
      return {
        vdaf: { kind: "histogram", length: cells * (quantity.edges.length - 1) + 1 },
        reason: "a person is in one bin of one group, or absent: two numbers differ by one",
      };
    case "parts":
      return {
        vdaf: { kind: "histogram", length: cells * partCount(quantity) + 1 },
        reason: "a person is in one part of one group, or absent: two numbers differ by one",
      };
    case "weighted":
      return {
        vdaf: {
          kind: "l1BoundSum",
          length: cells * WEIGHTED_NUMBERS,
          maxValue: weightedMax(quantity.value, quantity.weight),
        },
        reason: "a weighted value and what both lack to their max: one bound, one noise",
      };
    case "prefixes":
      return encodePrefixes(quantity.candidates, cells);
    default:
      return unreachable(quantity);
  }
}

function encodingOfPeople(dimensions: readonly Dimension[], cells: number): Encoding {
  const several = Math.max(1, ...dimensions.map((dimension) => severalOf(dimension) ?? 1));
  if (several > 1) {
    assert(cells > 1, "a person is in several of several cells");
    return {
      vdaf: { kind: "multihotCountVec", length: cells, maxWeight: several },
      reason: `a person is in up to ${several} groups, each counted once`,
    };
  }
  if (cells === 1) {
    return { vdaf: { kind: "count" }, reason: "one number, which a person moves by one" };
  }
  return {
    vdaf: { kind: "histogram", length: cells + 1 },
    reason: "a person is in one group, or absent: two numbers differ by one",
  };
}
