import { DEPTH_MAX, DOCUMENT_CHARACTERS_MAX } from "./limits.ts";
import type { Position, SourceNode, SourceValue } from "./source-node.ts";

/** A message came in one piece: all of it is at its beginning. */
const START: Position = { line: 1, column: 1 };

/**
 * Reads a document from the wire.
 *
 * @throws {RangeError} when the text is too long, too deep, or no JSON
 */
export function readJson(text: string): SourceNode {
  if (text.length > DOCUMENT_CHARACTERS_MAX) {
    throw new RangeError(
      `expected at most ${DOCUMENT_CHARACTERS_MAX} characters, got ${text.length}`,
    );
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    // JSON.parse throws SyntaxError and nothing else.
    throw new RangeError("expected JSON, got another text", { cause });
  }
  return toNode(value, 0);
}

function toNode(value: unknown, depth: number): SourceNode {
  if (depth > DEPTH_MAX) throw new RangeError(`expected at most ${DEPTH_MAX} levels, got more`);
  return { value: toValue(value, depth), position: START, keyPosition: START };
}

function toValue(value: unknown, depth: number): SourceValue {
  if (Array.isArray(value)) return value.map((item) => toNode(item, depth + 1));
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value);
    return new Map(entries.map(([key, item]) => [key, toNode(item, depth + 1)]));
  }
  return value as null | boolean | number | string;
}
