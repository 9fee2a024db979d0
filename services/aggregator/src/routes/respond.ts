import { concat, encodeBase64url } from "@sumus/bytes";
import { sha256 } from "@sumus/crypto";
import { type DapResource, resourcePath } from "@sumus/dap";
import {
  type DapMessageName,
  isMediaType,
  mediaType,
  RESOURCE_ID_BYTES,
} from "@sumus/dap/messages";
import { ProblemError, plainProblem } from "@sumus/http";

/** @throws {ProblemError} 415 when the request's body is another message */
export function requireMediaType(request: Request, message: DapMessageName): void {
  const header = request.headers.get("content-type");
  if (isMediaType(header, message)) return;
  const detail = `expected content-type ${mediaType(message)}, got ${header ?? "none"}`;
  throw new ProblemError(plainProblem(415, "Unsupported media type", detail));
}

/**
 * The id of a resource that a request creates: the same bytes create the same resource
 * [DAP-18, "Resource Creation"].
 */
export function resourceId(taskId: Uint8Array, body: Uint8Array): Uint8Array {
  return sha256(concat(taskId, body)).slice(0, RESOURCE_ID_BYTES);
}

/** A response with a message as its body. */
export function messageResponse(
  message: DapMessageName,
  body: Uint8Array,
  options: { readonly status?: number; readonly location?: DapResource } = {},
): Response {
  const headers = new Headers({ "content-type": mediaType(message) });
  if (options.location !== undefined) headers.set("location", resourcePath(options.location));
  return new Response(new Uint8Array(body), { status: options.status ?? 200, headers });
}

/** When to ask a helper again for what it answers later. */
export const DEFERRED_RETRY_SECONDS = 1;

/**
 * An empty response: the resource is not ready, ask again.
 *
 * @param options `step` of an aggregation job, to ask for
 */
export function laterResponse(
  retryAfterSeconds: number,
  options: {
    readonly status?: number;
    readonly location?: DapResource;
    readonly step?: number;
  } = {},
): Response {
  const { location, step } = options;
  const headers = new Headers({ "retry-after": String(retryAfterSeconds) });
  if (location !== undefined) headers.set("location", resourcePath(location, step));
  return new Response(null, { status: options.status ?? 202, headers });
}

export function jsonResponse(value: unknown, status = 200): Response {
  return new Response(JSON.stringify(value), {
    status,
    headers: { "content-type": "application/json" },
  });
}

/** Nothing of that id. */
export function missingItem(what: string, id: Uint8Array): ProblemError {
  const detail = `expected a ${what} of this task, got ${encodeBase64url(id)}; it may be deleted`;
  return new ProblemError(plainProblem(404, "Not found", detail));
}
