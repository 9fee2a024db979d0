import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  type YAMLError,
} from "yaml";
import { DEPTH_MAX, DOCUMENT_CHARACTERS_MAX, ITEMS_MAX } from "./limits.ts";
import { clip, printable } from "./printable.ts";
import type { Problem } from "./problem.ts";
import type { Position, SourceNode, SourceValue } from "./source-node.ts";

/** Problems of syntax after which no more are listed: one lost quote begets many. */
const SYNTAX_PROBLEMS_MAX = 10;
const SYNTAX_WORDS_MAX = 200;

/**
 * Reads a document as YAML 1.2, of which JSON is a part. What YAML adds beyond plain data is refused
 * with a remedy: anchors and aliases, tags, directives, several documents, keys that are not text.
 *
 * @returns the tree, or the problems that keep it from being one
 */
export function readYaml(
  text: string,
):
  | { readonly ok: true; readonly root: SourceNode }
  | { readonly ok: false; readonly problems: readonly Problem[] } {
  if (text.length > DOCUMENT_CHARACTERS_MAX) {
    const message = `expected at most ${DOCUMENT_CHARACTERS_MAX} characters, got ${text.length}`;
    const remedy = "shorten the document";
    return { ok: false, problems: [{ line: 1, column: 1, path: "", message, remedy }] };
  }
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: "1.2",
    schema: "core",
    lineCounter: lines,
    prettyErrors: false,
    // The library compares every key with every other; TreeReader looks each up once.
    uniqueKeys: false,
  });
  const reader = new TreeReader(lines);
  reader.syntax([...document.errors, ...document.warnings]);
  reader.directives(document);
  if (reader.problems.length > 0) return { ok: false, problems: reader.problems };
  const root = reader.node(document.contents, undefined, "", 0);
  return reader.problems.length > 0 ? { ok: false, problems: reader.problems } : { ok: true, root };
}

/** Turns the library's tree into ours and collects what it must not contain. */
class TreeReader {
  readonly problems: Problem[] = [];
  readonly #lines: LineCounter;

  constructor(lines: LineCounter) {
    this.#lines = lines;
  }

  syntax(errors: readonly YAMLError[]): void {
    for (const error of errors.slice(0, SYNTAX_PROBLEMS_MAX)) {
      const position = this.#position(error.pos[0]);
      if (error.code === "RESOURCE_EXHAUSTION") {
        // The library ran out of stack, thousands of levels down.
        this.#tooDeep(position, "");
        continue;
      }
      // The library's words quote the text that they are about.
      const words = printable(error.message.slice(0, SYNTAX_WORDS_MAX));
      this.#problem(position, "", `expected YAML: ${words}`, "correct the syntax there");
    }
  }

  directives(document: Document.Parsed): void {
    if (document.directives.yaml.explicit !== true) return;
    const start = { line: 1, column: 1 };
    this.#problem(
      start,
      "",
      "expected no %YAML directive, got one",
      "remove it: YAML 1.2 is meant",
    );
  }

  /** @param key the position of the node's key, when it stands in a mapping */
  node(source: unknown, key: Position | undefined, path: string, depth: number): SourceNode {
    const position = this.#nodePosition(source) ?? key ?? { line: 1, column: 1 };
    return {
      value: this.#value(source, position, path, depth),
      position,
      keyPosition: key ?? position,
    };
  }

  #value(source: unknown, position: Position, path: string, depth: number): SourceValue {
    if (source === null) return null;
    if (isAlias(source)) {
      this.#problem(position, path, "expected no alias, got one", "write the value out");
      return null;
    }
    if (depth > DEPTH_MAX) {
      this.#tooDeep(position, path);
      return null;
    }
    if (isScalar(source) || isMap(source) || isSeq(source)) this.#plain(source, position, path);
    if (isScalar(source)) return this.#scalar(source.value, position, path);
    if (isSeq(source)) {
      if (!this.#bounded(source.items.length, position, path)) return null;
      return source.items.map((item, index) =>
        this.node(item, undefined, `${path}[${index}]`, depth + 1),
      );
    }
    if (isMap(source)) {
      if (!this.#bounded(source.items.length, position, path)) return null;
      return this.#mapping(source.items, path, depth);
    }
    this.#problem(position, path, "expected a value, got something else", "write plain data");
    return null;
  }

  #scalar(value: unknown, position: Position, path: string): SourceValue {
    if (value === null || typeof value === "boolean" || typeof value === "string") return value;
    if (typeof value === "number" && Number.isFinite(value)) {
      // Minus zero is zero: two documents that mean the same have the same id.
      return value === 0 ? 0 : value;
    }
    this.#problem(position, path, "expected a finite number, got another", "write digits");
    return null;
  }

  #mapping(items: readonly Pair[], path: string, depth: number): SourceValue {
    const entries = new Map<string, SourceNode>();
    for (const { key, value } of items) {
      const position = this.#nodePosition(key) ?? { line: 1, column: 1 };
      if (!isScalar(key) || typeof key.value !== "string") {
        this.#problem(
          position,
          path,
          "expected text as a key, got something else",
          "quote the key",
        );
        continue;
      }
      this.#plain(key, position, path);
      const inner = path === "" ? key.value : `${path}.${key.value}`;
      if (entries.has(key.value)) {
        const message = `expected each key once, got "${clip(key.value)}" again`;
        this.#problem(position, inner, message, "remove one of the two");
        continue;
      }
      entries.set(key.value, this.node(value, position, inner, depth + 1));
    }
    return entries;
  }

  /** Neither tag nor anchor: they make a text mean something else than it shows. */
  #plain(source: { tag?: string; anchor?: string }, position: Position, path: string): void {
    if (source.tag !== undefined) {
      this.#problem(position, path, `expected no tag, got ${clip(source.tag)}`, "remove the tag");
    }
    if (source.anchor !== undefined) {
      this.#problem(
        position,
        path,
        "expected no anchor, got one",
        `remove &${clip(source.anchor)}`,
      );
    }
  }

  #bounded(count: number, position: Position, path: string): boolean {
    if (count <= ITEMS_MAX) return true;
    const message = `expected at most ${ITEMS_MAX} items, got ${count}`;
    this.#problem(position, path, message, "declare fewer");
    return false;
  }

  #tooDeep(position: Position, path: string): void {
    const message = `expected at most ${DEPTH_MAX} levels of nesting, got more`;
    this.#problem(position, path, message, "flatten the document");
  }

  #nodePosition(source: unknown): Position | undefined {
    if (!(isScalar(source) || isMap(source) || isSeq(source) || isAlias(source))) return undefined;
    return source.range ? this.#position(source.range[0]) : undefined;
  }

  #position(offset: number): Position {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  }

  #problem({ line, column }: Position, path: string, message: string, remedy: string): void {
    this.problems.push({ line, column, path: printable(path), message, remedy });
  }
}
