import { ProblemError, plainProblem } from "@sumus/http";
import type { AggregatorRole } from "../config.ts";

export interface Addresses {
  readonly role: AggregatorRole;
  /** This node's address and the peer's, as studies must name them; undefined: any. */
  readonly addresses: () => { readonly own: string; readonly peer: string | undefined };
}

/**
 * @param prefix of the names under which the document has its two addresses
 * @throws {ProblemError} 400 when a study or a task is for other nodes
 */
export function requireOurNodes(
  { role, addresses }: Addresses,
  named: Readonly<Record<AggregatorRole, string>>,
  prefix: string,
): void {
  const { own, peer } = addresses();
  const other = role === "leader" ? "helper" : "leader";
  requireAddress(prefix + role, named[role], own);
  if (peer !== undefined) requireAddress(prefix + other, named[other], peer);
}

/** @throws {ProblemError} 400 when this node is not at the address that is named as its own */
export function requireOurself(
  { role, addresses }: Addresses,
  named: Readonly<Record<AggregatorRole, string>>,
): void {
  requireAddress(role, named[role], addresses().own);
}

function requireAddress(name: string, named: string, expected: string): void {
  if (named.replace(/\/$/, "") === expected) return;
  const detail = `expected ${name} to be ${expected}, got ${named}`;
  throw new ProblemError(plainProblem(400, "For other nodes", detail));
}
