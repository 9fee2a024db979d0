/**
 * A study: a question to many people, as data. Everything here is decided by the commissioner and
 * bound into the study's id; nothing is derived. Lists whose order has no meaning (collections,
 * dimensions, measures) are sorted by name, so that equal studies are equal values.
 *
 * @module
 */

/** A column value of a map's row. */
export type Scalar = number | string | null;

/** What a map yields for one person: one value per declared column; null adds nothing. */
export type MapRow = Readonly<Record<string, Scalar>>;

export interface Study {
  readonly title: string;
  readonly purpose: string;
  /** Who asks, as a did:key; null in a draft. */
  readonly commissioner: string | null;
  /** The collections that a vault must hold, and the columns that the map may read. */
  readonly needs: readonly Need[];
  readonly map: StudyMap;
  /** At least one; measures of different blocks have different names, blocks different groups. */
  readonly result: readonly ResultBlock[];
  readonly combine: Combine;
  readonly privacy: Privacy;
  readonly eligible: Eligibility | null;
  /** When reports are taken; null in a draft. */
  readonly window: StudyWindow | null;
  /** A question that is asked again; null when it is asked once. */
  readonly recurrence: Recurrence | null;
  readonly reward: Reward | null;
}

/** A study with nothing left to fill in: it can be opened, and travels over the wire. */
export interface CompleteStudy extends Study {
  readonly commissioner: string;
  readonly combine: CompleteCombine;
  readonly privacy: CompletePrivacy;
  readonly window: StudyWindow;
  readonly recurrence: (Recurrence & { readonly occurrence: number }) | null;
}

export interface Need {
  readonly collection: string;
  readonly columns: readonly string[];
}

/** How a vault's rows become at most one row: by code, or by taking the one row there is. */
export type StudyMap =
  | { readonly language: CodeLanguage; readonly source: string }
  | { readonly language: "none" };

/** `wasm` and `wasi` are modules of WebAssembly, their source is canonical base64. */
export type CodeLanguage = "sql" | "javascript" | "wasm" | "wasi";

/** Measures of the same groups of people. */
export interface ResultBlock {
  readonly dimensions: readonly Dimension[];
  readonly measures: readonly Measure[];
}

/**
 * How people are told apart. `atMost` null: the column holds one value, and a person is in one
 * cell. Otherwise it holds a JSON list, and a person is in up to that many cells.
 */
export type Dimension =
  | {
      readonly kind: "domain";
      readonly column: string;
      readonly values: readonly (number | string)[];
      readonly atMost: number | null;
    }
  | { readonly kind: "bands"; readonly column: string; readonly bands: readonly Band[] }
  | {
      readonly kind: "geohash";
      readonly column: string;
      readonly precision: number;
      readonly area: Area;
      readonly atMost: number | null;
    }
  | {
      readonly kind: "h3";
      readonly column: string;
      readonly resolution: number;
      readonly area: Area;
      readonly atMost: number | null;
    };

/** Values from `low` up to, not including, `high`; the highest band of a dimension includes it. */
export interface Band {
  readonly label: string;
  readonly low: number;
  readonly high: number;
}

/** A rectangle in degrees that does not cross the antimeridian. */
export interface Area {
  readonly south: number;
  readonly west: number;
  readonly north: number;
  readonly east: number;
}

export type Measure =
  | { readonly kind: "count"; readonly name: string }
  | ({ readonly kind: "sum"; readonly name: string } & NumericColumn)
  | ({ readonly kind: "mean"; readonly name: string } & NumericColumn & Weighted)
  /** Of the people with a value, the share whose value is one of these: texts, or numbers. */
  | ({
      readonly kind: "share";
      readonly name: string;
      readonly column: string;
      readonly of: readonly (number | string)[];
    } & Weighted)
  /** The mean squared distance from the mean, and its root. */
  | ({ readonly kind: "variance"; readonly name: string } & NumericColumn)
  | ({ readonly kind: "deviation"; readonly name: string } & NumericColumn)
  | {
      readonly kind: "histogram";
      readonly name: string;
      readonly column: string;
      /** Strictly increasing; n + 1 edges make n bins. */
      readonly edges: readonly number[];
    }
  /** The values below which the shares `of` lie, read off a histogram. */
  | {
      readonly kind: "quantiles";
      readonly name: string;
      readonly column: string;
      /** Strictly increasing, between 0 and 1. */
      readonly of: readonly number[];
      readonly edges: readonly number[];
    }
  /** People whose text begins with each of the candidates. */
  | {
      readonly kind: "prefixes";
      readonly name: string;
      readonly column: string;
      readonly candidates: readonly string[];
    };

/** The measures that are computed from sums of a column and of its square. */
export type NumericMeasure = Extract<Measure, NumericColumn>;

/** A column of numbers, clipped to [min, max] and rounded to whole multiples of the resolution. */
export interface NumericColumn {
  readonly column: string;
  readonly min: number;
  readonly max: number;
  readonly resolution: number;
}

/** A measure in which people may count unequally; null: everybody counts once. */
interface Weighted {
  readonly weight: PersonWeight | null;
}

/** How much a person counts: a column, clipped to [0, max], in whole steps of the resolution. */
export interface PersonWeight {
  readonly column: string;
  readonly max: number;
  readonly resolution: number;
}

/** Two aggregators with validity proofs; what is null is left to fill in. */
export interface Combine {
  readonly protocol: "prio";
  readonly leader: string | null;
  readonly helper: string | null;
  /** The collector's HPKE public key: X25519, 32 bytes in base64url. */
  readonly collector: string | null;
}

interface CompleteCombine extends Combine {
  readonly leader: string;
  readonly helper: string;
  readonly collector: string;
}

export interface Privacy {
  /** The id of the population whose budget is charged; null in a draft. */
  readonly population: string | null;
  readonly epsilon: number;
  /** 0 asks for Laplace noise. */
  readonly delta: number;
  /** People below which nothing is released, and cells are too uncertain to say. */
  readonly peopleMin: number;
  /**
   * How the budget is shared among measures, by name: all of them, without a common divisor. Null:
   * every task gets the same.
   */
  readonly weights: ReadonlyMap<string, number> | null;
}

interface CompletePrivacy extends Privacy {
  readonly population: string;
}

/** Whom a study admits: whoever meets all of it. */
export interface Eligibility {
  /** No vault can prove these yet: a study that names any cannot be opened. */
  readonly issuers: readonly string[];
  readonly attributes: ReadonlyMap<string, readonly string[]>;
  /** Decided in the vault, by rows of its own; each collection once. */
  readonly where: readonly EligibleRows[];
}

/** A collection must have one row that meets all conditions. */
export interface EligibleRows {
  readonly collection: string;
  /** Each column once. */
  readonly conditions: readonly Condition[];
}

/** What the value of a column must be. Null never meets a condition. */
export type Condition =
  /** A number from `min` to `max`, both included; a bound that is null is none. */
  | {
      readonly kind: "range";
      readonly column: string;
      readonly min: number | null;
      readonly max: number | null;
    }
  /** One of these: texts or numbers, sorted. */
  | {
      readonly kind: "values";
      readonly column: string;
      readonly values: readonly (number | string)[];
    };

/** Seconds since 1970 UTC. Reports are taken from `opens` until before `closes`. */
export interface StudyWindow {
  readonly opens: number;
  readonly closes: number;
}

/** How often a question is asked: each occurrence is a study of its own, and is charged like one. */
export interface Recurrence {
  readonly every: "day" | "week" | "month";
  /** Occurrences of the series, 2 at least. */
  readonly times: number;
  /** Which one the study is, from 1 on; null in the series itself, whose window is that of the first. */
  readonly occurrence: number | null;
}

export interface Reward {
  readonly credits: number;
}
