/**
 * Bounds of a manifest, each with its reason. Whoever raises one measures what it costs.
 *
 * @module
 */

export const TITLE_CHARACTERS_MAX = 120;
export const PURPOSE_CHARACTERS_MAX = 1_000;
export const SOURCE_CHARACTERS_MAX = 65_536;

/** Base64 of a module of 144 KiB: with the rest of a manifest it stays within what may be sent. */
export const MODULE_CHARACTERS_MAX = 196_608;

/** Characters of a name, a label or a declared value. */
export const NAME_CHARACTERS_MAX = 64;

/** Characters of an address, an identifier of a key or of a population. */
export const IDENTIFIER_CHARACTERS_MAX = 256;

export const COLLECTIONS_MAX = 64;
export const COLUMNS_MAX = 256;
export const DIMENSIONS_MAX = 6;

/** Each measure costs a share of the budget: thirty-two leave little for each. */
export const MEASURES_MAX = 32;

/**
 * Numbers in the encoded measurement of one task: cells, or cells times the bits of a value. At
 * this bound one report takes some two megabytes.
 */
export const ELEMENTS_MAX = 100_000;

/** The same of a task of moments, which keeps two or three numbers a cell: some four megabytes. */
export const MOMENT_ELEMENTS_MAX: number = 2 * ELEMENTS_MAX;

/**
 * Candidates times cells in Poplar1: at this bound each node verifies a report in some 6 ms. It is part of
 * what manifests mean: with another, the same study would have other tasks.
 */
export const POPLAR1_PLACES_MAX = 16_384;

/** How many times fewer bytes make up for the second round of two nodes; as binding as the bound above. */
export const POPLAR1_SAVING_MIN = 2;

/** Steps between a measure's smallest and largest value: 2^30 people still fit a 63-bit sum. */
export const LEVELS_MAX: number = 2 ** 32;

/** Steps of a measure that declares no resolution, at least: rounding then hides behind any noise. */
export const LEVELS_DEFAULT_MIN = 1000;

/** Groupings of one study: each costs a share of the budget. */
export const BLOCKS_MAX = 8;

/** Quantiles of one measure: they cost nothing more than their histogram. */
export const QUANTILES_MAX = 99;

/** A measure's weight beside another's 1: what has less of the budget says nothing any more. */
export const WEIGHT_MAX = 1000;

/** People that a study may ask for at least: nobody is counted alone. */
export const PEOPLE_MIN_MIN = 2;
export const PEOPLE_MIN_MAX = 1_000_000_000;

/** Issuers, attributes or values in one list of `eligible`. */
export const ELIGIBILITY_ITEMS_MAX = 256;

/** Occurrences of one series: each is a study that nodes keep and vaults are charged for. */
export const TIMES_MAX = 100;

/** A window is at most ten years long. */
export const WINDOW_SECONDS_MAX: number = 10 * 366 * 86_400;
