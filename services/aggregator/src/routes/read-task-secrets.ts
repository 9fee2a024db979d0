import { decodeBase64url, Secret } from "@sumus/bytes";
import { ProblemError, plainProblem } from "@sumus/http";
import { isToken, TOKEN_EXPECTED } from "../config.ts";
import type { TaskSecrets } from "../store/task-secrets.ts";

const FIELDS = ["verifyKey", "peerToken", "collectorToken"] as const;

/**
 * The secrets that come beside a task's document. Messages name fields and never what is in them.
 *
 * @param keySize bytes of a verification key of the task's VDAF
 * @throws {ProblemError} 400
 */
export function readTaskSecrets(value: unknown, keySize: number): TaskSecrets {
  if (value === undefined) return { peer: undefined, collectorToken: undefined };
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw refusal("expected secrets as an object, got something else");
  }
  const given = new Map(Object.entries(value));
  if ([...given.keys()].some((key) => !FIELDS.some((field) => field === key))) {
    throw refusal(`expected no secrets but ${FIELDS.join(", ")}, got another`);
  }
  const verifyKey = given.get("verifyKey");
  const peerToken = given.get("peerToken");
  if ((verifyKey === undefined) !== (peerToken === undefined)) {
    throw refusal("expected verifyKey and peerToken together, got one of them");
  }
  const collectorToken = given.get("collectorToken");
  return {
    peer:
      verifyKey === undefined
        ? undefined
        : { verifyKey: readKey(verifyKey, keySize), token: readToken("peerToken", peerToken) },
    collectorToken:
      collectorToken === undefined ? undefined : readToken("collectorToken", collectorToken),
  };
}

function readKey(value: unknown, size: number): Secret<Uint8Array> {
  const expected = `expected verifyKey as ${size} bytes in base64url`;
  if (typeof value !== "string") throw refusal(`${expected}, got something else`);
  let key: Uint8Array;
  try {
    key = decodeBase64url(value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw refusal(`${expected}, got another text`);
  }
  if (key.length !== size) throw refusal(`${expected}, got ${key.length} bytes`);
  return new Secret(key);
}

function readToken(name: string, value: unknown): Secret<string> {
  if (typeof value === "string" && isToken(value)) return new Secret(value);
  throw refusal(`expected ${name} as ${TOKEN_EXPECTED}, got something else`);
}

function refusal(detail: string): ProblemError {
  return new ProblemError(plainProblem(400, "The task cannot be created", detail));
}
