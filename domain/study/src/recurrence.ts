/**
 * Questions that are asked again. A series is a manifest with `every` and `times` in its window; its
 * occurrences are studies of their own, with their own ids, tasks and charges. An occurrence names the
 * series by holding all of it: put back to the first window it is the series, so nobody has to
 * be told which one it belongs to.
 *
 * @module
 */
import { assert } from "@sumus/assert";
import { studyId } from "./manifest.ts";
import type { Recurrence, Study, StudyWindow } from "./study.ts";

const DAY_SECONDS = 86_400;

/** The study of one occurrence, from 1 on: the only way from a series to its studies. */
export function occurrenceOf(series: Study, occurrence: number): Study {
  const { recurrence, window } = series;
  assert(recurrence !== null && recurrence.occurrence === null, "an occurrence is one of a series");
  assert(occurrence >= 1 && occurrence <= recurrence.times, "a series has so many occurrences");
  return {
    ...series,
    window: window && shiftWindow(window, recurrence.every, occurrence - 1),
    recurrence: { ...recurrence, occurrence },
  };
}

/** The id of the series that a study is one occurrence of; null when it stands for itself. */
export function seriesId(study: Study): Uint8Array | null {
  const { recurrence, window } = study;
  if (recurrence === null) return null;
  const { every, occurrence } = recurrence;
  if (occurrence === null) return studyId(study);
  return studyId({
    ...study,
    window: window && shiftWindow(window, every, 1 - occurrence),
    recurrence: { ...recurrence, occurrence: null },
  });
}

/** The same window so many days, weeks or months later, or earlier. */
export function shiftWindow(
  { opens, closes }: StudyWindow,
  every: Recurrence["every"],
  count: number,
): StudyWindow {
  return { opens: shift(opens, every, count), closes: shift(closes, every, count) };
}

function shift(seconds: number, every: Recurrence["every"], count: number): number {
  if (every !== "month") return seconds + count * (every === "day" ? 1 : 7) * DAY_SECONDS;
  const date = new Date(seconds * 1000);
  // Days after the 28th are refused where a series is read: no month is short of the others.
  return date.setUTCMonth(date.getUTCMonth() + count) / 1000;
}

/** Such as `week 2 of 4`; a series is `every week, 4 times`. Null when it is asked once. */
export function describeRecurrence({ recurrence }: Pick<Study, "recurrence">): string | null {
  if (recurrence === null) return null;
  const { every, occurrence, times } = recurrence;
  return occurrence === null
    ? `every ${every}, ${times} times`
    : `${every} ${occurrence} of ${times}`;
}

/** What all occurrences together cost: rho adds up, and epsilon follows from it. */
export function costOfSeries(
  { recurrence, privacy }: Pick<Study, "recurrence" | "privacy">,
  rho: number,
): { readonly times: number; readonly rho: number; readonly epsilon: number } | null {
  if (recurrence === null) return null;
  const { epsilon, delta } = privacy;
  const { times } = recurrence;
  const total = times * rho;
  // The inverse of rho from (epsilon, delta); pure epsilons add up themselves.
  const together = delta === 0 ? times * epsilon : total + 2 * Math.sqrt(total * -Math.log(delta));
  return { times, rho: total, epsilon: together };
}
