/** What is wrong with a document, where, and what to do about it. */
export interface Problem {
  /** Counted from 1; both are 1 for a document that came over the wire. */
  readonly line: number;
  readonly column: number;
  /** Such as `result.measures.level.min` or `needs.demographics[1]`; empty for the whole. */
  readonly path: string;
  readonly message: string;
  readonly remedy: string;
}

/** One line for people: where, what, and the remedy. */
export function formatProblem({ line, column, path, message, remedy }: Problem): string {
  const place = path === "" ? `${line}:${column}` : `${line}:${column} ${path}`;
  return `${place}: ${message}; ${remedy}`;
}
