/**
 * What a run of the lab leaves behind: the object that `sumus lab run --json` prints, and
 * everything the report page draws from. Plain data, so that it survives JSON unchanged.
 *
 * `truth` and `truthAll` exist only in the lab, where all vaults lie in one process: outside it
 * nobody can know them. `truth` is the exact answer over the contributions that were counted,
 * `truthAll` the exact answer had every invited person taken part.
 */

/** One number of a release. */
export interface LabMeasure {
  readonly name: string;
  /** The cell, by dimension: `{ age: "40-59", sex: "female" }`. Null without groups. */
  readonly group: Readonly<Record<string, string>> | null;
  /** The histogram bin, `"[160, 200)"`, the share of a quantile, `"0.5"`, or a prefix. Null for the others. */
  readonly bin: string | null;
  /** Null when there is nothing to estimate from, such as a mean over nobody. */
  readonly estimate: number | null;
  /** The 95 % interval, from both nodes' noise together. */
  readonly low: number | null;
  readonly high: number | null;
  /** The noised count of the cell is below `people_min`: too uncertain to say. */
  readonly suppressed: boolean;
  readonly truth: number | null;
  readonly truthAll: number | null;
}

/** CPU time a study cost, by part, in milliseconds per accepted person. */
export interface LabCost {
  /** Running the map in the sandbox, in the vault. */
  readonly map: number;
  /** Everything else in the vault: consent, clipping, encoding, proofs, sealing. */
  readonly vault: number;
  readonly leader: number;
  readonly helper: number;
}

/** One DAP task of a study, in words. */
export interface LabTask {
  readonly purpose: string;
  /** The encoding, such as `Prio3Histogram, 25 cells`. */
  readonly encoding: string;
  readonly reportBytes: number;
  /** Standard deviation of one node's noise, in the task's own units. */
  readonly sigma: number;
}

/** One line of the consent screen. */
export interface LabConsentLine {
  readonly heading: string;
  readonly text: string;
}

/** What one party learns. */
export interface LabDisclosure {
  readonly party: string;
  readonly learns: string;
}

/** Why some vaults could not answer, in the words of the first it happened to. */
export interface LabFailure {
  readonly reason: string;
  readonly people: number;
}

/** What a liar claimed, and what an aggregator that checks nothing would have published for it. */
export interface LabClaim {
  readonly name: string;
  readonly group: Readonly<Record<string, string>> | null;
  readonly bin: string | null;
  /** What every liar's report claims for that one number. */
  readonly claimed: number;
  /** The number without proofs: the truth plus everything claimed. */
  readonly unchecked: number;
}

/** Kinds whose numbers are values of a column, not people or sums: they have decimals. */
export const LEVEL_KINDS: ReadonlySet<string> = new Set([
  "mean",
  "variance",
  "deviation",
  "quantiles",
]);

/** What kind of number a measure is: it decides how it is drawn. */
export type LabMeasureKind =
  | "count"
  | "sum"
  | "mean"
  | "variance"
  | "deviation"
  | "histogram"
  | "quantiles"
  | "prefixes";

/** How a study ended. Numbers exist only in `answered`. */
export type LabState = "answered" | "tooFewPeople" | "failed";

export interface LabStudyResult {
  /** Lower-case hex of the study's SHA-256. */
  readonly id: string;
  readonly title: string;
  readonly purpose: string;
  readonly state: LabState;
  /** Why there is no answer, with the next step. Null when answered. */
  readonly reason: string | null;
  readonly epsilon: number;
  readonly delta: number;
  readonly peopleMin: number;
  /** `at_most` of the study's cells dimension, null when a person counts in one cell only. */
  readonly cellsPerPerson: number | null;
  /** What the person saw before saying yes, line by line. */
  readonly consent: readonly LabConsentLine[];
  /** Who learns what from the study. */
  readonly disclosures: readonly LabDisclosure[];
  /** Tables and columns the map may read. */
  readonly needs: Readonly<Record<string, readonly string[]>>;
  /** Vaults in the town; those that hold everything the study needs; those whose owner said yes. */
  readonly people: number;
  readonly invited: number;
  readonly consented: number;
  readonly denied: number;
  /** Invited, but the study showed to be at fault before they were asked. */
  readonly notAsked: number;
  /** Said yes, but no report arrived. */
  readonly dropped: number;
  /** Said yes and sent a report that lies. */
  readonly liars: number;
  /** People whose contribution was counted in every task. */
  readonly accepted: number;
  /** People whose contribution was refused. */
  readonly rejected: number;
  /** Said yes, but their vault sent nothing: its budget is spent, or the map is at fault. */
  readonly failures: readonly LabFailure[];
  /** Counted as absent, because the map failed on their own rows. Null when it never did. */
  readonly silent: LabFailure | null;
  /** Refused reports by the protocol's name of the reason. */
  readonly rejections: Readonly<Record<string, number>>;
  readonly measures: readonly LabMeasure[];
  readonly measureKinds: Readonly<Record<string, LabMeasureKind>>;
  readonly claim: LabClaim | null;
  readonly tasks: readonly LabTask[];
  readonly seconds: number;
  readonly cpuMsPerPerson: LabCost;
  readonly bytesPerPerson: number;
  /** One sentence when the people are not real, null otherwise. */
  readonly simulated: string | null;
}

export interface LabResult {
  readonly people: number;
  /** Sums over the studies. */
  readonly invited: number;
  readonly consented: number;
  readonly accepted: number;
  readonly rejected: number;
  readonly studies: readonly LabStudyResult[];
  readonly seconds: number;
  /** CPU time of all parts together, per accepted contribution to a study. */
  readonly cpuMsPerPerson: number;
  /** Bytes uploaded per accepted contribution to a study. */
  readonly bytesPerPerson: number;
  readonly seed: string;
  /** When the run ended, ISO 8601. */
  readonly endedAt: string;
}
