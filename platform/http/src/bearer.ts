import { createHash, timingSafeEqual } from "node:crypto";
import type { Secret } from "@sumus/bytes";
import { ProblemError, plainProblem } from "./problem.ts";

const PREFIX = "Bearer ";

/**
 * A check that lets pass who presents `token` in the Authorization header [RFC 6750].
 *
 * @param whom whose token it is, for the refusal
 * @returns a function that throws {ProblemError} 401 for everybody else
 */
export function createBearerCheck(token: Secret<string>, whom: string): (request: Request) => void {
  // Digests have one length, so the comparison says nothing about the token's.
  const expected = digest(token.reveal());
  return (request) => {
    const header = request.headers.get("authorization") ?? "";
    const presented = digest(header.startsWith(PREFIX) ? header.slice(PREFIX.length) : "");
    if (timingSafeEqual(expected, presented)) return;
    const detail = `expected the bearer token of ${whom}, got ${header === "" ? "none" : "another"}`;
    throw new ProblemError(plainProblem(401, "Unauthorized", detail));
  };
}

/** The header that presents `token`. */
export function bearerHeader(token: Secret<string>): string {
  return PREFIX + token.reveal();
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
