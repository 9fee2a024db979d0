/** Readers of parsed JSON: each takes a value to its type, or says where it is something else. */

export class VaultStateError extends Error {
  override readonly name = "VaultStateError";
  /** Where in the state, such as `$.ledger.entries[2].study`. */
  readonly path: string;

  constructor(path: string, expected: string, got: string, options?: ErrorOptions) {
    super(`expected ${expected} at ${path}, got ${got}`, options);
    this.path = path;
  }
}

/** @throws {VaultStateError} naming the path, and never the value */
export type Reader<T> = (value: unknown, path: string) => T;

export const text: Reader<string> = (value, path) => {
  if (typeof value === "string") return value;
  throw new VaultStateError(path, "a text", kindOf(value));
};

export const finite: Reader<number> = (value, path) => {
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new VaultStateError(path, "a number", kindOf(value));
};

export function oneOf<const T extends string>(...options: readonly T[]): Reader<T> {
  return (value, path) => {
    const found = options.find((option) => option === value);
    if (found !== undefined) return found;
    throw new VaultStateError(path, options.join(" or "), "another value");
  };
}

export function nullable<T>(read: Reader<T>): Reader<T | null> {
  return (value, path) => (value === null ? null : read(value, path));
}

export function list<T>(read: Reader<T>): Reader<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) throw new VaultStateError(path, "a list", kindOf(value));
    return value.map((item, index) => read(item, `${path}[${index}]`));
  };
}

export function recordOf<T>(read: Reader<T>): Reader<Readonly<Record<string, T>>> {
  return (value, path) => {
    const entries = Object.entries(objectOf(value, path));
    return Object.fromEntries(entries.map(([key, item]) => [key, read(item, `${path}.${key}`)]));
  };
}

/** A field that may be missing, of an object read by {@link fields}. */
export interface Optional<T> {
  readonly optional: Reader<T>;
}

export function optional<T>(read: Reader<T>): Optional<T> {
  return { optional: read };
}

type Shape = Readonly<Record<string, Reader<unknown> | Optional<unknown>>>;
type Required<S extends Shape> = {
  readonly [K in keyof S as S[K] extends Reader<unknown> ? K : never]: S[K] extends Reader<infer T>
    ? T
    : never;
};
type Missing<S extends Shape> = {
  readonly [K in keyof S as S[K] extends Reader<unknown> ? never : K]?: S[K] extends Optional<
    infer T
  >
    ? T
    : never;
};

/** An object with these fields and no others. */
export function fields<const S extends Shape>(shape: S): Reader<Required<S> & Missing<S>> {
  return (value, path) => {
    const object = objectOf(value, path);
    const unknown = Object.keys(object).find((key) => !Object.hasOwn(shape, key));
    if (unknown !== undefined) {
      throw new VaultStateError(path, `the fields ${Object.keys(shape).join(", ")}`, unknown);
    }
    const read = Object.entries(shape).flatMap(([key, reader]) => {
      const item = Object.hasOwn(object, key) ? object[key] : undefined;
      const at = `${path}.${key}`;
      if (typeof reader === "function") return [[key, reader(item, at)]];
      return item === undefined ? [] : [[key, reader.optional(item, at)]];
    });
    return Object.fromEntries(read) as Required<S> & Missing<S>;
  };
}

function objectOf(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  throw new VaultStateError(path, "an object", kindOf(value));
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  if (value === undefined) return "nothing";
  return Array.isArray(value) ? "a list" : `a ${typeof value}`;
}
