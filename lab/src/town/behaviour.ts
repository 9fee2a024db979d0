/**
 * How the owners of the vaults behave. The lab plays them: most say yes, some say no, some vanish
 * after saying yes, some send a report that claims a thousand. The seed draws who does what.
 */

import { LabError } from "../lab-error.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** What one person does when a study asks. */
export type Conduct = "takePart" | "deny" | "drop" | "lie";

/**
 * What one person of the town plays in a study. Of those who deny, every second one says no; the
 * others say nothing, and no rule means no.
 */
export type Part = "notInvited" | Exclude<Conduct, "deny"> | "sayNo" | "sayNothing";

const PARTS: readonly Part[] = ["notInvited", "takePart", "sayNo", "sayNothing", "drop", "lie"];

/** The parts of a whole town, a byte a person. */
export type Casting = Uint8Array<ArrayBuffer>;

/** Who plays what: decided for the town as a whole, however many threads then play it. */
export function castParts(invited: readonly boolean[], conducts: readonly Conduct[]): Casting {
  const remaining = conducts.values();
  let denied = 0;
  const partOf = (isInvited: boolean): Part => {
    if (!isInvited) return "notInvited";
    const conduct = remaining.next().value ?? "takePart";
    if (conduct !== "deny") return conduct;
    return ++denied % 2 === 0 ? "sayNo" : "sayNothing";
  };
  return Uint8Array.from(invited, (isInvited) => PARTS.indexOf(partOf(isInvited)));
}

export function partAt(casting: Casting, index: number): Part {
  return PARTS[casting[index] ?? 0] ?? "notInvited";
}

/** Shares of the people invited, each from 0 to 1, together at most 1. */
export interface BehaviourShares {
  readonly deny: number;
  readonly drop: number;
  readonly lie: number;
}

/** How people behave in the main job, unless told otherwise. */
export const MAIN_SHARES: BehaviourShares = { deny: 0.1, drop: 0.05, lie: 0.01 };

/** Throws a LabError `badInput` unless the shares are shares and fit into the whole together. */
export function checkBehaviour(shares: BehaviourShares): void {
  const { deny, drop, lie } = shares;
  const total = deny + drop + lie;
  const areShares = [deny, drop, lie].every((share) => share >= 0 && share <= 1);
  // A little room, for thirds do not add up to one in binary.
  if (areShares && total <= 1 + 1e-9) return;
  const percent = (share: number): string => `${Math.round(share * 1000) / 10}%`;
  throw new LabError(
    "badInput",
    `Expected shares of at most 100% together, got ${percent(deny)} that deny, ` +
      `${percent(drop)} that drop out and ${percent(lie)} that lie.`,
    "Lower one of them.",
  );
}

/** Draws the conduct of `count` people: exactly the shares, rounded; the rest takes part. */
export function drawConducts(
  count: number,
  shares: BehaviourShares,
  random: SeededRandom,
): Conduct[] {
  checkBehaviour(shares);
  const kinds = [
    ["deny", shares.deny],
    ["drop", shares.drop],
    ["lie", shares.lie],
  ] as const;
  const conducts: Conduct[] = kinds.flatMap(([conduct, share]) =>
    Array.from({ length: Math.round(share * count) }, () => conduct),
  );
  const rest = Math.max(0, count - conducts.length);
  const all = [
    ...conducts.slice(0, count),
    ...Array.from({ length: rest }, () => "takePart" as const),
  ];
  return random.shuffled(all);
}
