import { ITEMS_MAX } from "./limits.ts";
import { clip, printable } from "./printable.ts";
import type { Problem } from "./problem.ts";
import { isList, isMapping, type Position, type SourceNode } from "./source-node.ts";
import { suggest } from "./suggestion.ts";

/** Problems after which a document is not read further: nobody reads more of them either. */
const PROBLEMS_MAX = 100;

/** What a reading has found so far; warnings stop nobody. */
export class Findings {
  readonly problems: Problem[] = [];
  readonly warnings: Problem[] = [];

  addProblem(problem: Problem): void {
    if (this.problems.length < PROBLEMS_MAX) this.problems.push(problem);
  }

  addWarning(warning: Problem): void {
    if (this.warnings.length < PROBLEMS_MAX) this.warnings.push(warning);
  }
}

/**
 * One value of a document under examination. Each reader returns the value in its type, or records
 * a problem and returns undefined, so that one reading finds all problems.
 */
export class Cursor {
  readonly node: SourceNode;
  readonly path: string;
  readonly findings: Findings;

  constructor(node: SourceNode, path: string, findings: Findings) {
    this.node = node;
    this.path = path;
    this.findings = findings;
  }

  /** Records what is wrong with this value. */
  problem(message: string, remedy: string): undefined {
    this.findings.addProblem(this.#at(this.node.position, message, remedy));
  }

  /** Records what is wrong with the key that this value stands under. */
  keyProblem(message: string, remedy: string): undefined {
    this.findings.addProblem(this.#at(this.node.keyPosition, message, remedy));
  }

  /** Records what the author should know; the document may be used all the same. */
  warning(message: string, remedy: string): void {
    this.findings.addWarning(this.#at(this.node.keyPosition, message, remedy));
  }

  /**
   * A mapping of which every key is known; those missing are simply not there.
   *
   * @param strayRemedy what to do about a key that resembles none of them
   */
  fields(
    known: readonly string[],
    what: string,
    strayRemedy = `remove it; ${what} has ${known.join(", ")}`,
  ): ReadonlyMap<string, Cursor> | undefined {
    const entries = this.entries(what);
    if (entries === undefined) return undefined;
    for (const [key, field] of entries) {
      if (known.includes(key)) continue;
      const meant = suggest(key, known);
      const remedy = meant === undefined ? strayRemedy : `did you mean ${meant}?`;
      field.keyProblem(`expected a field of ${what}, got "${clip(key)}"`, remedy);
    }
    return entries;
  }

  /** A mapping with keys of the author's choosing. */
  entries(what: string): ReadonlyMap<string, Cursor> | undefined {
    const { value } = this.node;
    if (!isMapping(value)) {
      return this.problem(
        `expected ${what} as a mapping, got ${this.describe()}`,
        "write key: value",
      );
    }
    const prefix = this.path === "" ? "" : `${this.path}.`;
    return new Map(
      [...value].map(([key, node]) => [key, new Cursor(node, prefix + clip(key), this.findings)]),
    );
  }

  /** The required field of a mapping that {@link fields} returned. */
  required(fields: ReadonlyMap<string, Cursor>, key: string, remedy: string): Cursor | undefined {
    const field = fields.get(key);
    if (field !== undefined && field.node.value !== null) return field;
    const path = this.path === "" ? key : `${this.path}.${key}`;
    const { line, column } = field?.node.keyPosition ?? this.node.keyPosition;
    this.findings.addProblem({
      line,
      column,
      path,
      message: `expected ${key}, got nothing`,
      remedy,
    });
    return undefined;
  }

  items(what: string, max: number = ITEMS_MAX): readonly Cursor[] | undefined {
    const { value } = this.node;
    if (!isList(value)) {
      return this.problem(`expected ${what} as a list, got ${this.describe()}`, "write [a, b, c]");
    }
    if (value.length > max) {
      return this.problem(`expected at most ${max} items, got ${value.length}`, "list fewer");
    }
    return value.map((node, index) => new Cursor(node, `${this.path}[${index}]`, this.findings));
  }

  text(what: string): string | undefined {
    const { value } = this.node;
    if (typeof value === "string") return value;
    return this.problem(`expected ${what} as text, got ${this.describe()}`, "put it in quotes");
  }

  number(what: string): number | undefined {
    const { value } = this.node;
    if (typeof value === "number" && Number.isFinite(value)) return value;
    return this.problem(`expected ${what} as a number, got ${this.describe()}`, "write digits");
  }

  integer(what: string, min: number, max: number): number | undefined {
    const value = this.number(what);
    if (value === undefined) return undefined;
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    const range = `a whole number from ${min} to ${max}`;
    return this.problem(`expected ${what} as ${range}, got ${value}`, "choose one in that range");
  }

  /** The value in a few words, for messages. */
  describe(): string {
    const { value } = this.node;
    if (value === null) return "nothing";
    if (isList(value)) return `a list of ${value.length}`;
    if (isMapping(value)) return "a mapping";
    if (typeof value === "string") return `the text "${clip(value)}"`;
    return String(value);
  }

  #at({ line, column }: Position, message: string, remedy: string): Problem {
    return { line, column, path: printable(this.path), message, remedy };
  }
}
