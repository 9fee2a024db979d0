/**
 * Problem documents [RFC 9457]: every refusal says what was wrong and what to do about it.
 *
 * @module
 */
import { decodeUtf8 } from "@sumus/bytes";

export const PROBLEM_MEDIA_TYPE = "application/problem+json";

/** The document's own words; `type` is a URI, `about:blank` when the status says it all. */
export interface Problem {
  readonly status: number;
  readonly type: string;
  readonly title: string;
  /** This occurrence in words, with a remedy. Never a secret. */
  readonly detail: string;
  /** Extension members, such as DAP's `taskid`. */
  readonly members?: Readonly<Record<string, unknown>>;
}

/** Ends the handling of a request with a problem document. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly code = "problem";
  readonly problem: Problem;

  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.detail, options);
    this.problem = problem;
  }
}

/** A refusal that HTTP's own status code names well enough. */
export function plainProblem(status: number, title: string, detail: string): Problem {
  return { status, type: "about:blank", title, detail };
}

export function problemResponse(problem: Problem, headers: Record<string, string> = {}): Response {
  const { status, type, title, detail, members } = problem;
  return new Response(JSON.stringify({ type, title, status, detail, ...members }), {
    status,
    headers: { ...headers, "content-type": PROBLEM_MEDIA_TYPE },
  });
}

/**
 * The problem in a response, as far as it has one: any server may answer anything.
 *
 * @param body at most a few kilobytes of it are looked at
 */
export function parseProblem(status: number, contentType: string, body: Uint8Array): Problem {
  const fallback = plainProblem(status, `status ${status}`, `the server answered ${status}`);
  if (!contentType.startsWith(PROBLEM_MEDIA_TYPE) || body.length > PROBLEM_BYTES_MAX) {
    return fallback;
  }
  let value: unknown;
  try {
    value = JSON.parse(decodeUtf8(body));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) return fallback;
    throw error;
  }
  if (typeof value !== "object" || value === null) return fallback;
  const { type, title, detail, status: _, ...members } = value as Record<string, unknown>;
  return {
    status,
    type: typeof type === "string" ? type : "about:blank",
    title: typeof title === "string" ? title : fallback.title,
    detail: typeof detail === "string" ? detail : fallback.detail,
    members,
  };
}

const PROBLEM_BYTES_MAX = 16 * 1024;
