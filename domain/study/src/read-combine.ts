import { decodeBase64url } from "@sumus/bytes";
import type { Cursor } from "./cursor.ts";
import { IDENTIFIER_CHARACTERS_MAX } from "./limits.ts";
import { clip } from "./printable.ts";
import type { Combine } from "./study.ts";
import { suggest } from "./suggestion.ts";
import { readLine } from "./text-rules.ts";

const COLLECTOR_KEY_BYTES = 32;

/** https, or http on this machine; a host, perhaps a port and a path; nothing else. */
const ADDRESS =
  /^(?:https:\/\/[A-Za-z0-9.-]+|http:\/\/(?:127\.0\.0\.1|localhost|\[::1\]))(?::\d{1,5})?(?:\/[A-Za-z0-9._~/-]*)?$/;

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

function readAddress(cursor: Cursor): string | undefined {
  const address = readLine(cursor, "an address", IDENTIFIER_CHARACTERS_MAX);
  if (address === undefined) return undefined;
  if (ADDRESS.test(address)) return address;
  const message = `expected an https address without query, got "${clip(address)}"`;
  return cursor.problem(message, "write https://host/path; http only for 127.0.0.1");
}

function readCollector(cursor: Cursor): string | undefined {
  const text = readLine(cursor, "the collector's key", IDENTIFIER_CHARACTERS_MAX);
  if (text === undefined) return undefined;
  const remedy = "write the 32 bytes of its X25519 public key in base64url, 43 characters";
  let key: Uint8Array;
  try {
    key = decodeBase64url(text);
  } catch {
    // Anything but canonical base64url is a RangeError.
    return cursor.problem("expected the collector's key in base64url, got another text", remedy);
  }
  if (key.length === COLLECTOR_KEY_BYTES) return text;
  return cursor.problem(`expected a key of 32 bytes, got ${key.length}`, remedy);
}
