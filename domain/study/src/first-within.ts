/** Ends of intervals are found to ten digits of what is possible: noise leaves fewer. */
const PRECISION = 1e-10;

/** What no search needs; it ends when a function has jumps. */
const STEPS_MAX = 60;

/**
 * The least value from `low` to `high` from which on a slack is not negative; `high` when there is
 * none. By false position in its Illinois variant, which takes eight steps where halving takes forty.
 */
export function firstWithin(slack: (value: number) => number, low: number, high: number): number {
  let [without, within] = [low, high];
  let lack = slack(low);
  if (lack >= 0) return low;
  let spare = slack(high);
  if (spare < 0) return high;
  let movedWithin: boolean | null = null;
  for (let step = 0; step < STEPS_MAX && within - without > PRECISION; step++) {
    const middle = without + ((within - without) * lack) / (lack - spare);
    const found = slack(middle);
    const isWithin = found >= 0;
    // The end that stayed twice counts half, so that it moves as well.
    if (isWithin) [within, spare, lack] = [middle, found, movedWithin === true ? lack / 2 : lack];
    else [without, lack, spare] = [middle, found, movedWithin === false ? spare / 2 : spare];
    movedWithin = isWithin;
    if (Math.abs(found) < PRECISION * PRECISION) break;
  }
  return within;
}
