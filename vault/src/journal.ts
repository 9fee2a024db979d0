/** What a vault decided and sent, for its owner: appended to, never changed. */

/**
 * - `declined`: the study gets nothing
 * - `prepared`: charged, and its reports stored; they may be on their way
 * - `sent`: the leader has the reports
 * - `refunded`: cancelled before its release, the charge given back
 * - `released`: the answer is out, the charge final
 * - `ruled`: the owner changed the rules
 */
export type JournalEvent = "declined" | "prepared" | "sent" | "refunded" | "released" | "ruled";

export interface JournalEntry {
  readonly timeSeconds: number;
  readonly event: JournalEvent;
  /** Id of the study in lower-case hex and its title; null for changes of rules. */
  readonly study: string | null;
  readonly title: string | null;
  /** In words. */
  readonly reason: string;
  /** Reports that left or are about to, and their bytes. */
  readonly reports: number;
  readonly bytes: number;
  /** Charged; negative when given back. */
  readonly rho: number;
}
