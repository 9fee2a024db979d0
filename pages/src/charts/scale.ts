/** Scales: from values to units of the drawing, with ticks a person would choose. */

export interface Scale {
  readonly low: number;
  readonly high: number;
  /** Round values from low to high. */
  readonly ticks: readonly number[];
  at(value: number): number;
}

/** The darkest of the six colours of a map. */
const RAMP_LAST = 5;
const STEPS = [1, 2, 2.5, 5, 10];

/** The smallest round step that needs at most `count` of them. */
export function niceStep(span: number, count: number): number {
  if (!(span > 0)) return 1;
  const rough = span / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = STEPS.find((candidate) => candidate * power >= rough * 0.999) ?? 10;
  return step * power;
}

/** Values closer together than a double can divide into ticks are drawn as one value, 1 wide. */
function spanOf(min: number, max: number): number {
  const smallest = Math.max(1e-200, 1e-9 * Math.max(Math.abs(min), Math.abs(max)));
  const span = max - min;
  return span > smallest && Number.isFinite(span) ? span : 1;
}

/**
 * A linear scale onto `[start, end]` whose ends are ticks. Values outside are clamped, so that an
 * interval reaching below an axis at zero stops there.
 */
export function linearScale(
  values: readonly number[],
  range: { readonly start: number; readonly end: number; readonly tickCount: number },
): Scale {
  const finite = values.filter((value) => Number.isFinite(value));
  const [min, max] = [Math.min(...finite), Math.max(...finite)];
  const span = spanOf(min, max);
  const base = finite.length === 0 ? 0 : min;
  const step = niceStep(span, range.tickCount);
  const first = Math.floor(base / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil((base + span) / step - 1e-9));
  const ticks = Array.from({ length: last - first + 1 }, (_, index) => (first + index) * step);
  const [low, high] = [first * step, last * step];
  return {
    low,
    high,
    ticks,
    at: (value) => {
      const share = (Math.max(low, Math.min(high, value)) - low) / (high - low);
      return range.start + share * (range.end - range.start);
    },
  };
}

/**
 * Class borders for a map: round numbers from `low` up to below `high`, evenly spaced when the
 * values are of one size, else growing by 1, 2, 5, 10 so that a few crowded places do not hide the
 * rest.
 */
export function classBorders(low: number, high: number): number[] {
  if (high <= low * 8) {
    const step = niceStep(high - low, 6);
    return Array.from({ length: 6 }, (_, index) => low + index * step).filter((at) => at < high);
  }
  const borders: number[] = [low];
  for (let power = 10 ** Math.floor(Math.log10(low)); power < high; power *= 10) {
    for (const step of [1, 2, 5]) {
      const border = step * power;
      if (border > low * 1.5 && border < high) borders.push(border);
    }
  }
  // Why the last: the crowded end is where the eye goes; the sparse end stays one class.
  return borders.length <= 6 ? borders : [low, ...borders.slice(-5)];
}

/** The colour of a class, from 0 to 5: few classes are spread over the whole ramp. */
export function rampOf(index: number, classes: number): number {
  return classes < 2 ? RAMP_LAST : Math.round((index * RAMP_LAST) / (classes - 1));
}

/** Index of the class a value falls into, -1 below the first border. */
export function classOf(value: number, borders: readonly number[]): number {
  return borders.findLastIndex((border) => value >= border);
}
