import { type Cursor, clip, readAddress, readX25519Key, suggest } from "@sumus/document";
import type { Combine } from "../study.ts";

const LATER_PROTOCOLS = ["secagg", "mpc", "enclave", "repository"];

export const NO_COMBINE: Combine = {
  protocol: "prio",
  leader: null,
  helper: null,
  collector: null,
};

/** Reads `combine`: who aggregates, and whose key the answer is sealed to. */
export function readCombine(cursor: Cursor): Combine | undefined {
  const fields = cursor.fields(["protocol", "leader", "helper", "collector"], "combine");
  if (fields === undefined) return undefined;
  const protocol = fields.get("protocol");
  const known = protocol === undefined || readProtocol(protocol);
  const leader = readOptional(fields.get("leader"), readAddress);
  const helper = readOptional(fields.get("helper"), readAddress);
  const collector = readOptional(fields.get("collector"), readCollector);
  if (leader === undefined || helper === undefined || collector === undefined || !known) {
    return undefined;
  }
  if (leader !== null && leader === helper) {
    const message = "expected two aggregators, got one address twice";
    return cursor.problem(message, "name a helper that another organisation runs");
  }
  return { protocol: "prio", leader, helper, collector };
}

/** Null when the field is missing, undefined after a problem. */
function readOptional(
  cursor: Cursor | undefined,
  read: (cursor: Cursor) => string | undefined,
): string | null | undefined {
  return cursor === undefined || cursor.node.value === null ? null : read(cursor);
}

function readProtocol(cursor: Cursor): boolean {
  const protocol = cursor.text("a protocol");
  if (protocol === "prio") return true;
  if (protocol === undefined) return false;
  const later = LATER_PROTOCOLS.includes(protocol);
  const message = `expected a protocol that this version speaks, got ${clip(protocol)}`;
  const meant = suggest(protocol, ["prio"]) === undefined ? "use prio" : "did you mean prio?";
  cursor.problem(message, later ? "use prio" : meant);
  return false;
}

function readCollector(cursor: Cursor): string | undefined {
  return readX25519Key(cursor, "the collector's key");
}
