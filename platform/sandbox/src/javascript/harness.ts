/**
 * What stands in the map's own world before the map does: it takes out of it what could tell one
 * run from another, and brings rows in and the row out as one text each.
 *
 * Nothing here is a wall. A map may replace or break all of it, and then harms its own run alone:
 * what comes out is read by the host like any text from a stranger.
 *
 * @module
 */
export const HARNESS = `(() => {
  "use strict";
  const { parse, stringify } = JSON;
  delete Math.random;
  for (const name of ["SharedArrayBuffer", "Atomics", "WeakRef", "FinalizationRegistry", "performance"]) {
    delete globalThis[name];
  }
  // JSON would make NaN null, which is an answer; an object is none.
  const finite = (key, value) =>
    typeof value === "number" && value - value !== 0 ? { notFinite: true } : value;
  return (map, text) => {
    const row = map(parse(text));
    return row === undefined || row === null ? "null" : stringify(row, finite);
  };
})()`;
