/**
 * What can happen in a simulation, as plain data: fast-check makes lists of it, and a list that found
 * a fault is kept as a file in `tests/reproductions`.
 *
 * @module
 */
import type { StoreFault } from "@sumus/storage/testing";
import type { Role } from "../node-process.ts";

/** Both roles have two replicas. */
export type Replica = 0 | 1;

/** Between clients and leaders, or between leaders and helpers. */
export type LinkName = "uploads" | "helper";

/**
 * What happens to a message. `late`: its sender gives up before it arrives. `slow`: it arrives late, and
 * its sender waits for the answer. Both arrive when somebody says `deliver`.
 */
export type NetworkFault = "request lost" | "answer lost" | "twice" | "late" | "slow";

export type Op =
  /** Fresh reports in one upload; the first of them may be one that nobody can open. */
  | { readonly kind: "upload"; readonly count: number; readonly corrupt: boolean }
  /** Everything so far, acknowledged or not. */
  | { readonly kind: "send again" }
  /** So many workers of each leader do a step, all at the same time. */
  | { readonly kind: "step"; readonly workers: readonly [number, number] }
  | { readonly kind: "network"; readonly link: LinkName; readonly fault: NetworkFault }
  /** One message that is on its way arrives; the newest first means out of order. */
  | { readonly kind: "deliver"; readonly link: LinkName; readonly which: "oldest" | "newest" }
  | {
      readonly kind: "store";
      readonly role: Role;
      readonly replica: Replica;
      readonly fault: StoreFault;
    }
  | { readonly kind: "restart"; readonly role: Role; readonly replica: Replica }
  | { readonly kind: "collect" }
  /** A new HPKE key for a role; clients go on with the one that they know. */
  | { readonly kind: "rotate"; readonly role: Role; readonly replica: Replica }
  | { readonly kind: "wait"; readonly seconds: number };

/** A whole simulation. */
export interface Scenario {
  readonly batchMode: "time_interval" | "leader_selected";
  /** While reports come in. */
  readonly ops: readonly Op[];
  /** While the first batch is collected. */
  readonly lateOps: readonly Op[];
}
