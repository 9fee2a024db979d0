/**
 * Quantiles of a histogram: the value below which a share of the people lies, as if those in a bin
 * were spread evenly over it. Its interval holds all values that the noise does not rule out: below
 * the true quantile v lie `share` of the people, so that people below v minus share times people is
 * zero but for noise. That is a sum of noisy bins with known coefficients at every v, so that the
 * interval keeps its coverage whatever the bins hold.
 *
 * @module
 */
import { defined } from "@sumus/assert";
import { halfWidth95, type Noise, type NoiseTerm } from "@sumus/dp";
import { firstWithin } from "./first-within.ts";
import { type Interval, scoreInterval } from "./sampling.ts";

/** Forgives what fractions of people lose as doubles. */
const ROUNDING = 1e-9;

/** People by bin, noised or not. */
export interface Spread {
  readonly counts: readonly number[];
  readonly edges: readonly number[];
  /** Null when there is none. */
  readonly noise: Noise | null;
}

/** A place on the axis: so far into one bin. */
interface Place {
  readonly bin: number;
  readonly fraction: number;
}

export function peopleIn({ counts }: Spread): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/**
 * The middle of the first and the last value that have `share` of the people below them: they differ
 * when bins between them are empty. Null when there is nobody.
 */
export function quantileOf(spread: Spread, share: number): number | null {
  const people = peopleIn(spread);
  if (people <= 0) return null;
  const allowance = (): number => ROUNDING * people;
  const [low, high] = placesNear(spread, share, allowance);
  return (low + high) / 2;
}

export function quantileInterval(spread: Spread, share: number): readonly [number, number] {
  return placesNear(spread, share, (place) => halfAt(spread, share, place));
}

/**
 * The quantiles of the shares between which `share` of as many people may lie by sampling alone
 * [Woodruff 1952].
 */
export function quantileSampling(spread: Spread, share: number, estimate: number): Interval {
  const { low, high } = scoreInterval(share, peopleIn(spread));
  return {
    low: Math.min(estimate, quantileOf(spread, low) ?? estimate),
    high: Math.max(estimate, quantileOf(spread, high) ?? estimate),
  };
}

/**
 * The first and the last value where the people below differ from `share` of all by no more than is
 * allowed there. What is allowed is convex within a bin, so that its ends tell whether it has any.
 */
function placesNear(
  spread: Spread,
  share: number,
  allowance: (place: Place) => number,
): readonly [number, number] {
  const bins = spread.counts.length;
  const aboveLow = (place: Place): number => excessAt(spread, share, place) + allowance(place);
  const belowHigh = (place: Place): number => allowance(place) - excessAt(spread, share, place);
  let low: Place = { bin: 0, fraction: 0 };
  for (let bin = 0; bin < bins && aboveLow(low) < 0; bin++) {
    low = { bin, fraction: firstWithin((fraction) => aboveLow({ bin, fraction }), 0, 1) };
  }
  let high: Place = { bin: bins - 1, fraction: 1 };
  for (let bin = bins - 1; bin >= 0 && belowHigh(high) < 0; bin--) {
    const rest = firstWithin((missing) => belowHigh({ bin, fraction: 1 - missing }), 0, 1);
    high = { bin, fraction: 1 - rest };
  }
  return [valueAt(spread, low), valueAt(spread, high)];
}

/** How many people more lie below a place than `share` of all. */
function excessAt({ counts }: Spread, share: number, { bin, fraction }: Place): number {
  // No callback: this runs thousands of times a release.
  let excess = 0;
  for (let index = 0; index < counts.length; index++) {
    const below = index < bin ? 1 : index === bin ? fraction : 0;
    excess += (below - share) * (counts[index] ?? 0);
  }
  return excess;
}

function halfAt({ counts, noise }: Spread, share: number, { bin, fraction }: Place): number {
  return noise === null ? 0 : quantileHalf(noise, counts.length, share, bin, fraction);
}

/** Half the 95 % interval of the people below a place, minus `share` of all. */
export function quantileHalf(
  noise: Noise,
  bins: number,
  share: number,
  bin: number,
  fraction: number,
): number {
  const terms: readonly NoiseTerm[] = [
    { coefficient: 1 - share, count: bin },
    { coefficient: fraction - share },
    { coefficient: share, count: bins - bin - 1 },
  ];
  return halfWidth95(noise, terms);
}

function valueAt({ edges }: Spread, { bin, fraction }: Place): number {
  const low = defined(edges[bin], "a bin begins at an edge");
  const high = defined(edges[bin + 1], "a bin ends at an edge");
  return fraction === 1 ? high : low + fraction * (high - low);
}
