import { halfWidth95, type Noise } from "@sumus/dp";

/** Halvings that bring a bound to the precision of a double. */
const HALVINGS = 60;

/** A noisy sum over a noisy count, both in whole numbers. */
export interface NoisyRatio {
  readonly sum: number;
  readonly sumNoise: Noise;
  readonly count: number;
  readonly countNoise: Noise;
  /** The truth lies in [0, max], since values are clipped. */
  readonly max: number;
}

/**
 * A 95 % interval of sum / count after Fieller: the ratios r in [0, max] for which sum - r count is
 * no further from zero than its noise. Unlike the delta method it keeps its coverage when the noise
 * of the count is not small beside it; the interval then grows to all of [0, max].
 */
export function ratioInterval(ratio: NoisyRatio): readonly [number, number] {
  const { sum, count, max } = ratio;
  if (count <= 0) return [0, max];
  const low = firstWhere((r) => sum - r * count <= noiseAt(ratio, r), max);
  const high = max - firstWhere((r) => (max - r) * count - sum <= noiseAt(ratio, max - r), max);
  return [Math.min(low, high), Math.max(low, high)];
}

function noiseAt({ sumNoise, countNoise }: NoisyRatio, r: number): number {
  return halfWidth95([
    { coefficient: 1, noise: sumNoise },
    { coefficient: r, noise: countNoise },
  ]);
}

/** The least value of [0, max] from which on a condition holds; max when it never does. */
function firstWhere(holds: (value: number) => boolean, max: number): number {
  if (holds(0)) return 0;
  let [low, high] = [0, max];
  for (let halving = 0; halving < HALVINGS; halving++) {
    const middle = (low + high) / 2;
    if (holds(middle)) high = middle;
    else low = middle;
  }
  return high;
}
