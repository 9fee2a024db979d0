import { decodeUtf8 } from "@sumus/bytes";
import { printable } from "@sumus/document";
import type { HttpResponse } from "@sumus/http";
import { NodeError } from "./node-error.ts";

/** JSON of a node, its texts printable. @throws {NodeError} nonsense */
export function readJson({ body }: HttpResponse): unknown {
  try {
    return JSON.parse(decodeUtf8(body), (_, value: unknown) =>
      typeof value === "string" ? printable(value) : value,
    );
  } catch (cause) {
    // SyntaxError of JSON, RangeError of UTF-8; nothing else is thrown.
    throw new NodeError("nonsense", "expected JSON of the node, got something else", { cause });
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
