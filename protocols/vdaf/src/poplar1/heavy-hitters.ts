/** The search of heavy hitters [VDAF-20, "Poplar1"]: from counts to the next candidates. */
import { VdafError } from "../vdaf-error.ts";
import type { Poplar1AggParam } from "./agg-param.ts";
import { packBits, packedBytes } from "./bit-string.ts";

/** Both prefixes of one bit: where a search begins. */
export const FIRST_CANDIDATES: Poplar1AggParam = Object.freeze({
  level: 0,
  prefixes: Object.freeze([packBits([false]), packBits([true])]),
});

/**
 * The candidates one level below: every prefix that at least `threshold` measurements begin with,
 * and a 0 or a 1. Nothing when no prefix is heavy enough. At the last level, where there is no level
 * below, the heavy prefixes are the result: filter them by their counts.
 *
 * @param counts what `unshard` returned for `aggParam`, noise subtracted or not
 */
export function nextCandidates(
  { level, prefixes }: Poplar1AggParam,
  counts: readonly bigint[],
  threshold: bigint,
): Poplar1AggParam | undefined {
  if (counts.length !== prefixes.length) {
    throw new VdafError(
      "vdafParameterError",
      `expected ${prefixes.length} counts, one a prefix, got ${counts.length}`,
    );
  }
  const next = prefixes
    .filter((_, index) => (counts[index] ?? 0n) >= threshold)
    .flatMap((prefix) => [extend(prefix, level + 1, 0), extend(prefix, level + 1, 1)]);
  return next.length === 0 ? undefined : { level: level + 1, prefixes: next };
}

/** A packed string and one bit more. */
function extend(prefix: Uint8Array, bits: number, bit: 0 | 1): Uint8Array {
  const extended = new Uint8Array(packedBytes(bits + 1));
  extended.set(prefix);
  extended[bits >> 3] = (extended[bits >> 3] ?? 0) | (bit << (7 - (bits & 7)));
  return extended;
}
