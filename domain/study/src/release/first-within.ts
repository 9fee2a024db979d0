/** Ends of intervals are found to ten digits of what is possible: noise leaves fewer. */
const PRECISION = 1e-10;

/** How far a look goes beyond where a straight line would end, by the square of what is left. */
const BEYOND = 0.2;

/**
 * The least value from `low` to `high` from which on a slack is not negative; `high` when there is
 * none. By the ITP method [Oliveira and Takahashi 2020]: some ten looks at a smooth function, where
 * halving takes thirty-four, and at no function more than two above that.
 */
export function firstWithin(slack: (value: number) => number, low: number, high: number): number {
  let lack = slack(low);
  if (lack >= 0) return low;
  let spare = slack(high);
  if (spare < 0) return high;
  let [without, within] = [low, high];
  const whole = high - low;
  // How far from the middle a look may lie, so that halving remains in time.
  let leeway = PRECISION * 2 ** Math.max(0, Math.ceil(Math.log2(whole / PRECISION)));
  while (within - without > PRECISION) {
    const left = within - without;
    const middle = without + left / 2;
    const line = without + (left * lack) / (lack - spare);
    const towards = Math.sign(middle - line);
    const step = Math.min((BEYOND * left * left) / whole, Math.abs(middle - line));
    const radius = Math.max(0, leeway - left / 2);
    const at = line + towards * step;
    const value = Math.abs(at - middle) <= radius ? at : middle - towards * radius;
    const found = slack(value);
    if (found >= 0) [within, spare] = [value, found];
    else [without, lack] = [value, found];
    leeway /= 2;
  }
  return within;
}
