/**
 * Looks over the wall: what a study's map makes of rows, for tests and for the lab's truth. Never
 * for anything that talks to a network.
 *
 * @module
 */
export { whyNotEligible } from "./eligible-rows.ts";
export { type MapTables, selectTables } from "./map-tables.ts";
export { type MapRunner, type MapTerms, type Measured, measure } from "./measure.ts";
export { type Rehearsal, rehearseFresh } from "./rehearse.ts";
