/**
 * What clients were told to send, and what they heard. Each report has a histogram bucket of its own,
 * so what was counted can be read from the sums: a 0 is a loss, a 2 a replay.
 *
 * @module
 */

/**
 * What kind of client sends a report: an honest one sends until it is acknowledged, an impatient one
 * sends once and never asks again. The reports of the others must not be counted, and say so at the
 * door (`early`) or when they are opened.
 */
export type Kind = "honest" | "impatient" | "unreadable" | "lying" | "early";

/** What a report of each kind is counted as when it is not accepted. */
export const REFUSALS: Readonly<Partial<Record<Kind, string>>> = {
  unreadable: "hpke_decrypt_error",
  lying: "vdaf_verify_error",
};

/** A report that is to be sent. */
export interface Order {
  readonly cell: number;
  readonly kind: Kind;
}

/** What the client that sent it heard. */
export interface Entry extends Order {
  readonly tries: number;
  /** `unknown`: no answer came, and nobody asked again. Else the leader's reason. */
  readonly answer: "acknowledged" | "unknown" | string;
}

/** What the nodes say in the end. */
export interface Tally {
  /** How often each cell was counted, in the collected sum. */
  readonly counts: readonly bigint[];
  /** How many reports the collection says it is of. */
  readonly reportCount: number;
  /** Refused reports by reason, from the leader's status. */
  readonly refused: Readonly<Record<string, number>>;
}

/** Everything in which the tally is not what the ledger demands, in words. */
export function audit(ledger: readonly Entry[], tally: Tally): string[] {
  const faults: string[] = [];
  for (const entry of ledger) faults.push(...auditEntry(entry, tally.counts[entry.cell]));
  const known = new Set(ledger.map(({ cell }) => cell));
  for (const [cell, count] of tally.counts.entries()) {
    if (!known.has(cell) && count !== 0n) faults.push(`cell ${cell}: nobody's, counted ${count}`);
  }
  const total = tally.counts.reduce((sum, count) => sum + count, 0n);
  if (BigInt(tally.reportCount) !== total) {
    faults.push(`the collection is of ${tally.reportCount} reports, its sum of ${total}`);
  }
  for (const [kind, reason] of Object.entries(REFUSALS)) {
    const sent = ledger.filter((entry) => entry.kind === kind && entry.answer === "acknowledged");
    const counted = tally.refused[reason] ?? 0;
    if (counted !== sent.length) {
      faults.push(`${reason}: expected ${sent.length} refused reports, got ${counted}`);
    }
  }
  return faults;
}

function auditEntry({ cell, kind, tries, answer }: Entry, count: bigint | undefined): string[] {
  const faults: string[] = [];
  const expected = expectedCounts(kind, answer);
  if (count === undefined || !expected.includes(count)) {
    faults.push(
      `cell ${cell}: ${kind}, ${answer}: expected ${expected.join(" or ")}, got ${count}`,
    );
  }
  const wanted = kind === "early" ? "report_too_early" : "acknowledged";
  const mayBeUnknown = kind === "impatient" && answer === "unknown";
  if (answer !== wanted && !mayBeUnknown) {
    faults.push(
      `cell ${cell}: ${kind}: expected to hear ${wanted} after ${tries} tries, got ${answer}`,
    );
  }
  return faults;
}

function expectedCounts(kind: Kind, answer: Entry["answer"]): readonly bigint[] {
  if (kind !== "honest" && kind !== "impatient") return [0n];
  return answer === "unknown" ? [0n, 1n] : [1n];
}
