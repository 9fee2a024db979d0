/**
 * What a run of the lab leaves behind: the object that `sumus lab run --json` prints, and
 * everything the report page draws from. Plain data, so that it survives JSON unchanged.
 *
 * `truth` and `truthAll` exist only in the lab, where all vaults lie in one process: outside it
 * nobody can know them. `truth` is the exact answer over the contributions that were counted,
 * `truthAll` the exact answer had every invited person taken part.
 */

import type { AnswerMeasure, StudyAnswer } from "@sumus/pages";

/** One number of a release; in a lab its truths are known. */
export interface LabMeasure extends AnswerMeasure {
  readonly truth: number | null;
  readonly truthAll: number | null;
}

/** CPU time a study cost, by part, in milliseconds per accepted person. */
export interface LabCost {
  /** Running the map in the sandbox, in the vault. */
  readonly map: number;
  /** Everything else in the vault: consent, clipping, encoding, proofs, sealing. */
  readonly encode: number;
  /** Bringing reports to the leader, and whatever else the lab does around its vaults. */
  readonly client: number;
  readonly leader: number;
  readonly helper: number;
  /** The databases of both nodes. */
  readonly storage: number;
}

/** Over all parts. */
export function totalCost({ map, encode, client, leader, helper, storage }: LabCost): number {
  return map + encode + client + leader + helper + storage;
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

export interface LabStudyResult extends StudyAnswer {
  readonly measures: readonly LabMeasure[];
  /** Vaults in the town; those that hold what the study needs and that it admits; who said yes. */
  readonly people: number;
  readonly invited: number;
  readonly consented: number;
  readonly denied: number;
  /** Standing rules of their own said yes or no for them; otherwise the lab answered for the owners. */
  readonly isRuled: boolean;
  /** Hold what the study needs, but are not whom it admits. */
  readonly notEligible: number;
  /** Invited, but the study showed to be at fault before they were asked. */
  readonly notAsked: number;
  /** Said yes, but no report arrived. */
  readonly dropped: number;
  /** Said yes and sent a report that lies. */
  readonly liars: number;
  /** People whose contribution was refused. */
  readonly rejected: number;
  /** Said yes, but their vault sent nothing: its budget is spent, or the map is at fault. */
  readonly failures: readonly LabFailure[];
  /** Counted as absent, because the map failed on their own rows. Null when it never did. */
  readonly silent: LabFailure | null;
  /** Refused reports by the protocol's name of the reason. */
  readonly rejections: Readonly<Record<string, number>>;
  readonly claim: LabClaim | null;
  readonly seconds: number;
  readonly cpuMsPerPerson: LabCost;
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
