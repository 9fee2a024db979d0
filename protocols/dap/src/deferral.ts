/**
 * Answers that come later [DAP-18, Sections 3.1 and 3.2]: a successful status with an empty body
 * says that the resource will be there, `Location` where, and `Retry-After` when to look.
 *
 * @module
 */
import { DapPeerError } from "./peer-error.ts";
import { type DapResource, resourcePath } from "./resource.ts";

/** What a successful response says about a resource that was created, continued or asked for. */
export interface ResourceAnswer {
  /** The resource itself, or undefined when it is not ready. */
  readonly body: Uint8Array<ArrayBuffer> | undefined;
  /**
   * Where the resource is, relative to the endpoint and without a query; undefined when the
   * response did not say.
   */
  readonly path: string | undefined;
  /** When to ask again, as far as the response says it in seconds. */
  readonly retryAfterSeconds: number | undefined;
}

/** Ids of servers are theirs to choose; this is what we keep of one. */
const ID = /^[A-Za-z0-9_-]{1,128}$/;

/** No server makes us wait for longer. */
const RETRY_AFTER = /^[0-9]{1,5}$/;

/**
 * Reads a response of a 2xx status.
 *
 * @param collection where the resource was created; a Location outside of it is refused, and of one
 *   inside of it no more is used than its last segment, below the endpoint that is asked anyway
 * @throws {DapPeerError} unexpectedResult for a Location of something else
 */
export function readResourceAnswer(
  collection: DapResource,
  response: {
    readonly headers: { get(name: string): string | null };
    readonly body: Uint8Array<ArrayBuffer>;
  },
): ResourceAnswer {
  const { headers, body } = response;
  const location = headers.get("location");
  const retryAfter = headers.get("retry-after");
  return {
    body: body.length > 0 ? body : undefined,
    path: location === null ? undefined : pathOf(collection, location),
    retryAfterSeconds:
      retryAfter !== null && RETRY_AFTER.test(retryAfter) ? Number(retryAfter) : undefined,
  };
}

function pathOf(collection: DapResource, location: string): string {
  const parent = resourcePath(collection);
  const [path = ""] = location.split(/[?#]/, 1);
  const lastSlash = path.lastIndexOf("/");
  const id = path.slice(lastSlash + 1);
  if (path.slice(0, lastSlash).endsWith(parent) && ID.test(id)) return `${parent}/${id}`;
  throw new DapPeerError("unexpectedResult", `expected a Location below ${parent}, got another`);
}
