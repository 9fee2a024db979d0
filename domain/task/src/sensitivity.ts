import { unreachable } from "@sumus/assert";
import type { VdafConfig } from "@sumus/dap";
import type { Sensitivity } from "@sumus/dp";

/** How far the aggregate moves when one person is replaced by another; their number is public. */
export function sensitivityOf(vdaf: VdafConfig): Sensitivity {
  switch (vdaf.kind) {
    case "count":
      return { l1: 1n, l2Squared: 1n };
    case "sum": {
      const max = BigInt(vdaf.maxMeasurement);
      return { l1: max, l2Squared: max * max };
    }
    case "histogram":
    // One string has one prefix of each length.
    case "poplar1":
      return { l1: 2n, l2Squared: 2n };
    case "multihotCountVec": {
      // One person's ones vanish and another's appear: at most 2k numbers change, each by 1.
      const changed = BigInt(Math.min(2 * vdaf.maxWeight, vdaf.length));
      return { l1: changed, l2Squared: changed };
    }
    case "l1BoundSum": {
      const max = BigInt(vdaf.maxValue);
      // With a single number nothing can vanish in one place and appear in another.
      if (vdaf.length === 1) return { l1: max, l2Squared: max * max };
      return { l1: 2n * max, l2Squared: 2n * max * max };
    }
    case "sumVec": {
      const [length, max] = [BigInt(vdaf.length), BigInt(vdaf.maxMeasurement)];
      return { l1: length * max, l2Squared: length * max * max };
    }
    default:
      return unreachable(vdaf);
  }
}
