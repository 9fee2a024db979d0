import { isMap, isScalar, LineCounter, parseDocument } from "yaml";

/** A parsed document that knows where its fields stand. */
export interface ConfigDocument {
  readonly value: unknown;
  /** The line of the field, counted from 1; of what encloses it when it is not there. */
  readonly lineOf: (path: readonly string[]) => number | undefined;
}

/**
 * Reads YAML 1.2, of which JSON is a part.
 *
 * @returns the document, or the line of what keeps it from being one. Never the parser's own words:
 *   they may quote the document, which holds secrets.
 */
export function parseConfigDocument(
  text: string,
): { readonly ok: true; readonly document: ConfigDocument } | { ok: false; line: number } {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: "1.2",
    schema: "core",
    lineCounter: lines,
    prettyErrors: false,
  });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) return { ok: false, line: lines.linePos(problem.pos[0]).line };
  const lineOf = (path: readonly string[]): number | undefined => {
    let node: unknown = document.contents;
    let line: number | undefined;
    for (const name of path) {
      if (!isMap(node)) break;
      const pair = node.items.find(({ key }) => isScalar(key) && key.value === name);
      if (pair === undefined) break;
      if (isScalar(pair.key) && pair.key.range) line = lines.linePos(pair.key.range[0]).line;
      node = pair.value;
    }
    return line;
  };
  return { ok: true, document: { value: document.toJS(), lineOf } };
}
