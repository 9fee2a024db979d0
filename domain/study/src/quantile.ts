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

const HALVINGS = 60;

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
 * The first and the last value where the people below differ from `share` of all by no more than is
 * allowed there. What is allowed is convex within a bin, so that its ends tell whether it has any.
 */
function placesNear(
  spread: Spread,
  share: number,
  allowance: (place: Place) => number,
): readonly [number, number] {
  const bins = spread.counts.length;
  const tooLow = (place: Place): boolean => excessAt(spread, share, place) < -allowance(place);
  const tooHigh = (place: Place): boolean => excessAt(spread, share, place) > allowance(place);
  let low: Place = { bin: 0, fraction: 0 };
  for (let bin = 0; bin < bins && tooLow(low); bin++) low = firstNot(tooLow, bin, 0, 1);
  let high: Place = { bin: bins - 1, fraction: 1 };
  for (let bin = bins - 1; bin >= 0 && tooHigh(high); bin--) high = firstNot(tooHigh, bin, 1, 0);
  return [valueAt(spread, low), valueAt(spread, high)];
}

/** Goes through a bin until a condition ends; to the end of the bin when it does not. */
function firstNot(holds: (place: Place) => boolean, bin: number, from: number, to: number): Place {
  if (holds({ bin, fraction: to })) return { bin, fraction: to };
  let [within, without] = [from, to];
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = (within + without) / 2;
    if (holds({ bin, fraction: middle })) within = middle;
    else without = middle;
  }
  return { bin, fraction: without };
}

/** How many people more lie below a place than `share` of all. */
function excessAt({ counts }: Spread, share: number, { bin, fraction }: Place): number {
  return counts.reduce((sum, count, index) => {
    const below = index < bin ? 1 : index === bin ? fraction : 0;
    return sum + (below - share) * count;
  }, 0);
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
    { coefficient: 1 - share, noise, count: bin },
    { coefficient: fraction - share, noise },
    { coefficient: share, noise, count: bins - bin - 1 },
  ];
  return halfWidth95(
    terms.filter(({ coefficient, count }) => coefficient !== 0 && (count ?? 1) > 0),
  );
}

function valueAt({ edges }: Spread, { bin, fraction }: Place): number {
  const low = defined(edges[bin], "a bin begins at an edge");
  const high = defined(edges[bin + 1], "a bin ends at an edge");
  return fraction === 1 ? high : low + fraction * (high - low);
}
