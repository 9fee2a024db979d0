/** What is put to the test: one operation, and two classes of secrets that it may meet. */

export type SecretClass = 0 | 1;

/**
 * - `path`: handles secrets; no difference is expected.
 * - `limit`: handles secrets, and SECURITY.md says that its time tells something of them.
 * - `positive control`: leaks on purpose; the harness must see it.
 * - `null control`: both classes are the same; the harness must see nothing.
 */
export type SubjectKind = "path" | "limit" | "positive control" | "null control";

export interface Subject {
  readonly name: string;
  readonly kind: SubjectKind;
  readonly classes: readonly [string, string];
  /**
   * Makes a fresh input of the class; what comes back is timed, once. Both classes take the same
   * way through here and get memory of the same kind, or the harness would see that instead.
   */
  prepare(secretClass: SecretClass): () => unknown;
}
