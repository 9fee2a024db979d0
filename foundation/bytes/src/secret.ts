/**
 * Holds a value that must never be printed. Interpolation, JSON, and Node's inspection all show
 * `[secret]`; only an explicit {@link Secret.reveal} gives the value.
 */
export class Secret<T> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
    // Node's inspection looks this symbol up; a browser never does.
    Object.defineProperty(this, Symbol.for("nodejs.util.inspect.custom"), {
      value: () => "[secret]",
    });
  }

  /** The value itself. Call it where the value is used, never where it is passed along. */
  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return "[secret]";
  }

  toJSON(): string {
    return "[secret]";
  }
}
