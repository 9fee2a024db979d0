/**
 * What a round does to the nodes, and when: all of it follows from the round's seed. When exactly a
 * process dies does not, since the machine is never as busy twice.
 *
 * @module
 */
import type { Chance } from "../chance.ts";
import type { Role } from "../node-process.ts";
import type { StoreName } from "./deployment.ts";
import type { Kind, Order } from "./ledger.ts";

export type Fault =
  | { readonly kind: "kill"; readonly node: string; readonly downMs: number }
  | { readonly kind: "kill database"; readonly role: Role }
  | { readonly kind: "cut"; readonly role: Role };

export type TimedFault = Fault & { readonly atMs: number };

export interface Plan {
  readonly seed: string;
  readonly cells: number;
  readonly orders: readonly Order[];
  /** While reports come in. */
  readonly faults: readonly TimedFault[];
  /** While the batch is collected. */
  readonly lateFaults: readonly TimedFault[];
}

const REPORTS = { min: 150, max: 350 };
const FAULTS = { min: 2, max: 5 };
const LATE_FAULTS = { min: 0, max: 2 };
/** How long clients go on, more or less. */
const STORM_MS = 2500;
const LATE_STORM_MS = 400;
const DOWN_MS_MAX = 300;

/** One in twenty is a trouble-maker of each kind. */
const KINDS: readonly Kind[] = [
  ...new Array<Kind>(16).fill("honest"),
  "impatient",
  "unreadable",
  "lying",
  "early",
];

/** @param nodes the names of all processes */
export function planRound(chance: Chance, store: StoreName, nodes: readonly string[]): Plan {
  const cells = chance.integer(REPORTS.min, REPORTS.max);
  const kinds = chance.fork("kinds");
  const orders = Array.from({ length: cells }, (_, cell) => ({ cell, kind: kinds.pick(KINDS) }));
  const faultsOf = (name: string, count: typeof FAULTS, stormMs: number): TimedFault[] => {
    const own = chance.fork(name);
    return Array.from({ length: own.integer(count.min, count.max) }, () => ({
      ...chooseFault(own, store, nodes),
      atMs: own.integer(0, stormMs),
    }));
  };
  return {
    seed: chance.seed,
    cells,
    orders,
    faults: [
      // Every round kills something while reports come in.
      { ...killOf(chance.fork("first"), nodes), atMs: chance.integer(0, STORM_MS) },
      ...faultsOf("storm", FAULTS, STORM_MS),
    ],
    lateFaults: faultsOf("late", LATE_FAULTS, LATE_STORM_MS),
  };
}

function chooseFault(chance: Chance, store: StoreName, nodes: readonly string[]): Fault {
  const dice = chance.integer(1, 10);
  const role = chance.pick(["leader", "helper"] as const);
  if (dice === 1) return { kind: "cut", role };
  if (dice <= 3 && store === "postgres") return { kind: "kill database", role };
  return killOf(chance, nodes);
}

function killOf(chance: Chance, nodes: readonly string[]): Fault {
  return { kind: "kill", node: chance.pick(nodes), downMs: chance.integer(0, DOWN_MS_MAX) };
}

/** A fault in a word: `leader-1`, `helper database`, `cut leader`. */
export function describeFault(fault: Fault): string {
  if (fault.kind === "kill") return fault.node;
  return fault.kind === "cut" ? `cut ${fault.role}` : `${fault.role} database`;
}
