/**
 * Assertions for programmer errors. A failed assertion means that this process holds a state the
 * code was not written for: nobody catches it but the edge of a process or a job. Hostile input is
 * never an assertion; it is a `DecodeError` or a reason.
 *
 * @module
 */

/** A broken promise of our own code. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

/**
 * Holds the program to what it takes for granted.
 *
 * @throws {AssertionError} when `condition` is false
 */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** The value, or an {@link AssertionError} when it is missing: for indices that are in range. */
export function defined<T>(value: T | undefined | null, message: string): T {
  if (value === undefined || value === null) throw new AssertionError(message);
  return value;
}

/** The end of an exhaustive `switch`. */
export function unreachable(value: never): never {
  throw new AssertionError(`unreachable value ${String(value)}`);
}
