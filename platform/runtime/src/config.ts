/**
 * Configuration: one JSON document, read field by field, so that every error names the field, what
 * was expected and where. Unknown fields are refused: a misspelt one is never ignored in silence.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import { Secret } from "@sumus/bytes";

/** The configuration does not say what this program needs. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly code = "configInvalid";
  /** Where in the document, such as `peer.url`; empty for the whole. */
  readonly path: string;

  constructor(path: string, expectation: string, options?: ErrorOptions) {
    super(path === "" ? expectation : `${path}: ${expectation}`, options);
    this.path = path;
  }
}

/** Reads one object of the document; {@link ConfigReader.end} refuses what was not asked for. */
export class ConfigReader {
  readonly #fields: ReadonlyMap<string, unknown>;
  readonly #path: string;
  readonly #asked = new Set<string>();
  readonly #children: ConfigReader[] = [];

  /** @throws {ConfigError} when `value` is no object */
  constructor(value: unknown, path = "") {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new ConfigError(path, `expected an object, got ${kindOf(value)}`);
    }
    this.#fields = new Map(Object.entries(value));
    this.#path = path;
  }

  has(name: string): boolean {
    return this.#fields.has(name);
  }

  /** @throws {ConfigError} unless the field is a text of at least one character */
  text(name: string): string {
    const value = this.#take(name);
    if (typeof value === "string" && value !== "") return value;
    return this.fail(name, `expected a text, got ${kindOf(value)}`);
  }

  /** @throws {ConfigError} unless the field is one of `choices` */
  oneOf<T extends string>(name: string, choices: readonly T[], fallback?: T): T {
    if (fallback !== undefined && !this.has(name)) return fallback;
    const value = this.text(name);
    const choice = choices.find((candidate) => candidate === value);
    return choice ?? this.fail(name, `expected ${choices.join(" or ")}, got "${value}"`);
  }

  /** @throws {ConfigError} unless the field is a whole number within the bounds */
  integer(name: string, bounds: { min: number; max: number }, fallback?: number): number {
    if (fallback !== undefined && !this.has(name)) return fallback;
    const value = this.#take(name);
    const { min, max } = bounds;
    if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) {
      return value;
    }
    const got = typeof value === "number" ? String(value) : kindOf(value);
    return this.fail(name, `expected a whole number from ${min} to ${max}, got ${got}`);
  }

  /** @throws {ConfigError} unless the field is an http or https URL; a final slash is dropped */
  url(name: string): string {
    const text = this.text(name);
    const url = URL.parse(text);
    if (url === null || !/^https?:$/.test(url.protocol) || url.search !== "" || url.hash !== "") {
      return this.fail(name, `expected a URL such as https://node.example/, got "${text}"`);
    }
    return text.replace(/\/$/, "");
  }

  /**
   * A secret: the field itself, or the file that the field `<name>File` names.
   *
   * @throws {ConfigError} unless exactly one of the two is there
   */
  secret(name: string): Secret<string> {
    const fileField = `${name}File`;
    if (this.has(name) === this.has(fileField)) {
      return this.fail(name, `expected either ${name} or ${fileField}`);
    }
    if (this.has(name)) return new Secret(this.text(name));
    const path = this.text(fileField);
    try {
      return new Secret(readFileSync(path, "utf8").trim());
    } catch (error) {
      throw new ConfigError(this.#join(fileField), `expected a readable file, got ${path}`, {
        cause: error,
      });
    }
  }

  /** @throws {ConfigError} unless the field is an object */
  object(name: string): ConfigReader {
    const child = new ConfigReader(this.#take(name), this.#join(name));
    this.#children.push(child);
    return child;
  }

  /** @throws {ConfigError} when the document, from here down, has fields nobody asked for */
  end(): void {
    for (const name of this.#fields.keys()) {
      if (!this.#asked.has(name)) {
        this.fail(name, `expected no such field; known are ${[...this.#asked].sort().join(", ")}`);
      }
    }
    for (const child of this.#children) child.end();
  }

  /** Refuses what the field `name` says. */
  fail(name: string, expectation: string): never {
    throw new ConfigError(this.#join(name), expectation);
  }

  #take(name: string): unknown {
    this.#asked.add(name);
    return this.#fields.get(name);
  }

  #join(name: string): string {
    return this.#path === "" ? name : `${this.#path}.${name}`;
  }
}

/**
 * Reads a JSON document from a file.
 *
 * @throws {ConfigError} when the file is missing or no JSON
 */
export function readConfigFile(path: string): ConfigReader {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new ConfigError("", `expected a readable file, got ${path}`, { cause: error });
  }
  try {
    return new ConfigReader(JSON.parse(text));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // The parser's own message may quote the document, which holds secrets.
    throw new ConfigError("", `expected JSON in ${path}, got something else`);
  }
}

function kindOf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (value === "") return "an empty text";
  return Array.isArray(value) ? "a list" : `a ${typeof value}`;
}
